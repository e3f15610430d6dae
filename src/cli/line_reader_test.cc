#include "cli/line_reader.h"

#include <algorithm>
#include <cstdlib>
#include <string>
#include <vector>

#include <sys/mman.h>
#include <unistd.h>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators_all.hpp>

#include "base/random.h"

namespace sonde::cli {
namespace {

using Lines = std::vector<std::string>;

Fd file_with(const std::string& text) {
  Fd file(memfd_create("lines", MFD_CLOEXEC));
  REQUIRE(write(file.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()));
  return file;
}

template <class Reader>
Lines read_all(const std::string& text, std::uint64_t* oversized = nullptr) {
  Reader reader(file_with(text), static_cast<off_t>(text.size()));
  Lines lines;
  while (const auto line = reader.next()) lines.emplace_back(*line);
  if (oversized != nullptr) *oversized = reader.oversized();
  return lines;
}

Lines reversed(Lines lines) {
  std::ranges::reverse(lines);
  return lines;
}

/// What both readers have to find, told in the simplest way.
Lines split(const std::string& text) {
  Lines lines;
  std::size_t begin = 0;
  while (begin < text.size()) {
    const std::size_t end = std::min(text.find('\n', begin), text.size());
    lines.push_back(text.substr(begin, end - begin));
    begin = end + 1;
  }
  return lines;
}

TEST_CASE("lines are read forwards and backwards", "[cli][lines]") {
  const std::string text =
      GENERATE("", "a", "a\n", "a\nb", "a\nb\n", "\n", "\n\n", "a\n\nb\n", "\na");
  INFO(text);
  CHECK(read_all<ForwardLines>(text) == split(text));
  CHECK(read_all<BackwardLines>(text) == reversed(split(text)));
}

TEST_CASE("where blocks end makes no difference", "[cli][lines]") {
  Random random(GENERATE(range(std::uint64_t{1}, std::uint64_t{20})));
  std::string text;
  while (text.size() < 400'000) {
    // From many short lines to a few that span blocks.
    const std::uint64_t size = random.next() % (random.next() % 50 == 0 ? 200'000 : 200);
    text += std::string(size, static_cast<char>('a' + random.next() % 26)) + '\n';
  }
  if (random.next() % 2 == 0) text.pop_back();
  CHECK((read_all<ForwardLines>(text) == split(text)));  // Parentheses: not 400 KB on a failure.
  CHECK((read_all<BackwardLines>(text) == reversed(split(text))));
}

TEST_CASE("a line above the limit is skipped, counted, and its neighbours survive",
          "[cli][lines]") {
  const std::string text = "a\n" + std::string(kLineBytesMax + 200'000, 'x') + "\nb\n";
  std::uint64_t oversized = 0;
  CHECK((read_all<ForwardLines>(text, &oversized) == Lines{"a", "b"}));
  CHECK(oversized == 1);
  CHECK((read_all<BackwardLines>(text, &oversized) == Lines{"b", "a"}));
  CHECK(oversized == 1);
}

TEST_CASE("an endless first line is no line", "[cli][lines]") {
  const std::string text = std::string(kLineBytesMax + 200'000, 'x') + "\nb\n";
  CHECK((read_all<ForwardLines>(text) == Lines{"b"}));
  CHECK((read_all<BackwardLines>(text) == Lines{"b"}));
}

TEST_CASE("a file that was cut meanwhile ends early", "[cli][lines]") {
  ForwardLines forward(file_with("a\nb\n"), 1000);
  CHECK(forward.next() == "a");
  CHECK(forward.next() == "b");
  CHECK_FALSE(forward.next());
  BackwardLines backward(file_with("a\nb\n"), 1000);
  CHECK_FALSE(backward.next());
}

}  // namespace
}  // namespace sonde::cli
