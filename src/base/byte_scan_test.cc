#include "base/byte_scan.h"

#include <memory>
#include <string>

#include <catch2/catch_template_test_macros.hpp>
#include <catch2/catch_test_macros.hpp>

namespace sonde {
namespace {

/// One byte after the other: what find_first() must find.
template <class Set>
std::size_t find_slowly(std::string_view text, std::size_t at) {
  while (at < text.size() && !Set::holds(static_cast<unsigned char>(text[at]))) ++at;
  return at;
}

TEMPLATE_TEST_CASE("every byte is in the set or not, wherever it stands in a block", "[base][scan]",
                   JsonStringMark, JsonStringMarkOrNonAscii, JsonEscaped, NonAscii,
                   BackslashOrNonAscii) {
  for (unsigned byte = 0; byte < 256; ++byte) {
    for (const std::size_t place : {0U, 1U, 14U, 15U, 16U, 17U, 31U, 32U}) {
      std::string text(33, 'a');
      text[place] = static_cast<char>(byte);
      const std::size_t found = find_first<TestType>(text, 0);
      const bool held = TestType::holds(static_cast<unsigned char>(byte));
      REQUIRE(found == (held ? place : text.size()));
      REQUIRE(holds_none<TestType>(text) == !held);
    }
  }
}

TEMPLATE_TEST_CASE("the first one is found at every length, alignment and beginning",
                   "[base][scan]", JsonStringMark, JsonEscaped, BackslashOrNonAscii) {
  for (std::size_t size = 0; size <= 130; ++size) {
    // Memory of exactly that size, so that a sanitizer sees a byte read outside of it.
    for (std::size_t offset = 0; offset < 16; ++offset) {
      const auto memory = std::make_unique<char[]>(offset + size);
      std::fill_n(memory.get(), offset, '\\');
      std::fill_n(memory.get() + offset, size, 'x');
      const std::string_view text(memory.get() + offset, size);
      for (std::size_t at = 0; at <= size; at += 1 + offset) {
        REQUIRE(find_first<TestType>(text, at) == size);
      }
      REQUIRE(holds_none<TestType>(text));
      for (std::size_t mark = 0; mark < size; mark += 1 + 3 * offset) {
        memory[offset + mark] = '\\';
        REQUIRE_FALSE(holds_none<TestType>(text));
        for (const std::size_t at : {std::size_t{0}, mark / 2, mark, mark + 1}) {
          REQUIRE(find_first<TestType>(text, at) == find_slowly<TestType>(text, at));
        }
        memory[offset + mark] = 'x';
      }
    }
  }
}

}  // namespace
}  // namespace sonde
