#include "base/utf8.h"

#include <string>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators_all.hpp>

namespace sonde {
namespace {

TEST_CASE("bytes that are no UTF-8 are found wherever they stand", "[base][utf8]") {
  const auto [piece, valid] = GENERATE(table<std::string, bool>({
      {"\xc3\xa9", true},
      {"\xe2\x82\xac\xe2\x82\xac", true},
      {"\xf0\x9f\x98\x80x", true},
      {"\xc3", false},
      {"\xa9", false},
      {"\xc3\xa9\xa9", false},
      {"\xc0\xaf", false},
      {"\xed\xa0\x80", false},
      {"\xe2\x82", false},
      {"\xf4\x90\x80\x80", false},
      {"\xff", false},
  }));
  for (std::size_t size = 0; size <= 80; ++size) {
    for (std::size_t place = 0; place <= size; ++place) {
      std::string text(size, 'x');
      REQUIRE(valid_utf8(text));
      REQUIRE(valid_utf8(text.insert(place, piece)) == valid);
    }
  }
}

}  // namespace
}  // namespace sonde
