#include "wrap/line_counter.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators_all.hpp>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "jsonrpc/scanner.h"

namespace sonde::wrap {
namespace {

/// The lines that are counted of the messages of a stream, and those they stand on.
struct Lines {
  std::vector<std::uint64_t> counted;
  std::vector<std::uint64_t> right;
};

Lines lines_of(std::string_view stream, std::size_t cut) {
  Lines lines;
  LineCounter counter;
  jsonrpc::Scanner scanner;
  const auto note = [&](const jsonrpc::Message& message) {
    const std::string_view before = stream.substr(0, message.begin);
    lines.counted.push_back(counter.message(message.begin, message.end));
    lines.right.push_back(1 + static_cast<std::uint64_t>(std::ranges::count(before, '\n')));
  };
  std::string buffer;
  for (std::size_t at = 0; at < stream.size(); at += cut) {
    buffer = stream.substr(at, cut);
    counter.begin_chunk(buffer, at);
    scanner.feed(buffer);
    while (const jsonrpc::Message* message = scanner.next()) note(*message);
    counter.end_chunk();
    std::ranges::fill(buffer, '\n');  // Whoever looks at it now, counts wrong.
  }
  if (const jsonrpc::Message* last = scanner.finish()) note(*last);
  return lines;
}

void check_every_cut(const std::string& stream, std::size_t messages) {
  for (std::size_t cut = 1; cut <= stream.size(); ++cut) {
    CAPTURE(stream, cut);
    const Lines lines = lines_of(stream, cut);
    CHECK(lines.counted == lines.right);
    CHECK(lines.counted.size() == messages);
  }
}

TEST_CASE("messages and noise are found on their lines", "[wrap][lines]") {
  check_every_cut(
      "{\"id\":1,\"method\":\"a\"}\nnoise\n\n  \r\n{\"id\":2,\"method\":\"b\"}\r\nmore noise\n", 4);
}

TEST_CASE("many blank lines are counted", "[wrap][lines]") {
  const auto blank = GENERATE(range<std::size_t>(1, 34));
  check_every_cut("x\n" + std::string(blank, '\n') + "{}\n" + std::string(blank, '\n') + "y", 3);
}

TEST_CASE("the messages of a batch are on its line", "[wrap][lines]") {
  check_every_cut("\n[{\"id\":1,\"method\":\"a\"} , {\"id\":2,\"method\":\"b\"}]\n\n{}\n", 3);
}

TEST_CASE("a byte order mark is no line", "[wrap][lines]") {
  check_every_cut("\n\n\xEF\xBB\xBF{\"id\":1,\"method\":\"a\"}\n{}\n", 2);
  check_every_cut("\xEF\xBB\xBF{\"id\":1,\"method\":\"a\"}\n{}\n", 2);
  check_every_cut("\xEF\xBB\xBF{\"id\":1,\"method\":\"a\"}", 1);
  check_every_cut("\n\n\xEF\xBB\xBF{\"id\":1,\"method\":\"a\"}", 1);
}

TEST_CASE("a last line without its newline has its number", "[wrap][lines]") {
  check_every_cut("{}\n\n{\"id\":1}", 2);
  check_every_cut("{}\n\nnoi", 2);
}

}  // namespace
}  // namespace sonde::wrap
