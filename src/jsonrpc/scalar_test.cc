#include "jsonrpc/scalar.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators_all.hpp>
#include <string_view>

namespace sonde::jsonrpc {
namespace {

bool valid(std::string_view text, std::size_t piece) {
  ScalarCheck check;
  check.begin();
  for (; !text.empty(); text.remove_prefix(std::min(piece, text.size()))) {
    if (!check.feed(text.substr(0, piece))) return false;
  }
  return check.complete();
}

TEST_CASE("numbers and words are those of JSON, in any pieces", "[jsonrpc][scalar]") {
  const auto* text = GENERATE("0", "-0", "7", "1234567890123456789012345678901234567890", "0.5",
                              "-1.25e10", "1E+2", "1e-400", "10.0E0", "true", "false", "null");
  const std::size_t piece = GENERATE(std::size_t{1}, std::size_t{2}, std::size_t{100});
  INFO(text);

  CHECK(valid(text, piece));
}

TEST_CASE("what only looks like a number or word is refused", "[jsonrpc][scalar]") {
  const auto* text = GENERATE("", "-", "+1", "01", "-01", "1.", ".5", "1.e1", "1e", "1e+", "1e1.5",
                              "0x10", "1_000", "1a", "NaN", "Infinity", "-Infinity", "tru", "truee",
                              "True", "nullnull", "nil", "none", "--1", "1-", "\xEF");
  const std::size_t piece = GENERATE(std::size_t{1}, std::size_t{2}, std::size_t{100});
  INFO(text);

  CHECK_FALSE(valid(text, piece));
}

}  // namespace
}  // namespace sonde::jsonrpc
