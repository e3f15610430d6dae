#include "install/diff.h"

#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "install/masked.h"

namespace sonde::install {
namespace {

std::string diff(std::string_view before, std::vector<TextEdit> edits) {
  const std::string after = edited(before, edits);
  return unified_diff("f", {before, before}, {after, after}, edits);
}

std::string lines(int from, int to) {
  std::string out;
  for (int i = from; i <= to; ++i) out += std::to_string(i) + "\n";
  return out;
}

TEST_CASE("a changed line has three lines around it", "[install][diff]") {
  CHECK(diff("1\n2\n3\n4\n5\n6\n7\n8\n9\n", {{{8, 9}, "five"}}) ==
        "--- f\n+++ f\n@@ -2,7 +2,7 @@\n 2\n 3\n 4\n-5\n+five\n 6\n 7\n 8\n");
}

TEST_CASE("added and removed lines move what follows", "[install][diff]") {
  const std::string text = lines(1, 40);
  const std::size_t ten = text.find("10\n");
  const std::size_t thirty = text.find("30\n");
  CHECK(diff(text, {{{ten + 2, ten + 2}, "\nmore"}, {{thirty, thirty + 3}, ""}}) ==
        "--- f\n+++ f\n"
        "@@ -7,7 +7,8 @@\n 7\n 8\n 9\n-10\n+10\n+more\n 11\n 12\n 13\n"
        "@@ -27,8 +28,7 @@\n 27\n 28\n 29\n-30\n-31\n+31\n 32\n 33\n 34\n");
}

TEST_CASE("changes near each other share a hunk", "[install][diff]") {
  const std::string text = lines(1, 9);
  CHECK(diff(text, {{{2, 3}, "b"}, {{4, 5}, "c"}, {{10, 11}, "f"}}) ==
        "--- f\n+++ f\n@@ -1,9 +1,9 @@\n 1\n-2\n-3\n+b\n+c\n 4\n 5\n-6\n+f\n 7\n 8\n 9\n");
}

TEST_CASE("a missing line end at the end of the file is told", "[install][diff]") {
  CHECK(diff("a", {{{0, 1}, "b"}}) ==
        "--- f\n+++ f\n@@ -1,1 +1,1 @@\n-a\n\\ No newline at end of file\n+b\n"
        "\\ No newline at end of file\n");
}

TEST_CASE("long lines are cut around what differs", "[install][diff]") {
  const std::string text = std::string(100'000, 'x') + "é" + std::string(100'000, 'y');
  const std::string shown = diff(text, {{{100'000, 100'000}, "NEW"}});
  CHECK(shown.size() < 2000);
  CHECK(shown.find("xxxNEWé") != std::string::npos);
  CHECK(shown.find("-…xxx") != std::string::npos);
}

TEST_CASE("line ends and control characters do nothing to a terminal", "[install][diff]") {
  const std::string shown = diff("\ta\x1b[2J\r\n", {{{1, 2}, "b"}});
  CHECK(shown.find("-\ta\xef\xbf\xbd[2J\n") != std::string::npos);
}

/// What is shown of a file with one server.
std::string shown(std::string_view text) {
  const auto document = JsoncDocument::parse(text);
  REQUIRE(document);
  const auto redactor = privacy::Redactor::make({});
  return masked(*document, *find_servers(*document, Layout::kMcpServers), **redactor);
}

TEST_CASE("of values only programs, flags and packages are shown", "[install][masked]") {
  CHECK(shown(R"({"user": "me@example.com", "n": 4711, "on": true, "mcpServers": {"s": )"
              R"({"command": "/home/me/bin/npx", "args": ["-y", "@scope/pkg", "/home/me/secret", )"
              R"("--token", "hunter2"], "env": {"KEY": "hunter2", "PIN": 1234}}}})") ==
        R"({"user": "…", "n": …, "on": true, "mcpServers": {"s": )"
        R"({"command": "npx", "args": ["-y", "@scope/pkg", "<arg>", )"
        R"("--token", "[redacted:token]"], "env": {"KEY": "…", "PIN": …}}}})");
}

TEST_CASE("comments are hidden, but not their lines", "[install][masked]") {
  CHECK(shown("{ // ghp_secret\r\n /* old:\n hunter2 */ \"a\": 1 }") ==
        "{ // …\r\n /* …\n */ \"a\": … }");
}

TEST_CASE("our own words are shown", "[install][masked]") {
  CHECK(shown(R"({"mcpServers": {"s": {"command": "/h/sonde/launch", "args": )"
              R"(["--name=s", "--", "uvx", "mcp-server-fetch", "hunter2"]}}})") ==
        R"({"mcpServers": {"s": {"command": "/h/sonde/launch", "args": )"
        R"(["--name=s", "--", "uvx", "mcp-server-fetch", "<arg>"]}}})");
}

}  // namespace
}  // namespace sonde::install
