#include "wrap/tail_lines.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators_all.hpp>

namespace sonde::wrap {
namespace {

using Lines = std::vector<std::string>;

Lines tail_of(std::string_view text, std::size_t cut) {
  TailLines tail;
  for (; !text.empty(); text.remove_prefix(std::min(cut, text.size())))
    tail.take(text.substr(0, cut));
  return tail.lines();
}

TEST_CASE("the last ten lines are kept, however they come", "[wrap][tail]") {
  std::string text;
  for (int i = 0; i < 30; ++i) text += "line " + std::to_string(i) + "\n\n";
  const auto cut = GENERATE(1U, 7U, 1000U);
  const Lines lines = tail_of(text, cut);
  REQUIRE(lines.size() == 10);
  CHECK(lines.front() == "line 20");
  CHECK(lines.back() == "line 29");
}

TEST_CASE("a last line needs no newline", "[wrap][tail]") {
  CHECK(tail_of("a\nb", 100) == Lines{"a", "b"});
  CHECK(tail_of("", 1).empty());
}

TEST_CASE("of a long line the end is kept", "[wrap][tail]") {
  const auto cut = GENERATE(100U, 5000U, 100'000U);
  const Lines lines = tail_of(std::string(50'000, 'x') + "end", cut);
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].size() == TailLines::kBytesMax);
  CHECK(lines[0].ends_with("xend"));
}

}  // namespace
}  // namespace sonde::wrap
