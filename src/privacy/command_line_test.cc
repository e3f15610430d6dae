#include "privacy/command_line.h"

#include <catch2/catch_test_macros.hpp>

namespace sonde::privacy {
namespace {

using Words = std::vector<std::string>;

Words shown(Words command) {
  const auto redactor = Redactor::make({});
  REQUIRE(redactor);
  return shown_command(std::move(command), **redactor);
}

TEST_CASE("what says which server runs is shown", "[privacy][command]") {
  CHECK(shown({"npx", "-y", "@modelcontextprotocol/server-everything@1.2.3", "stdio"}) ==
        Words{"npx", "-y", "@modelcontextprotocol/server-everything@1.2.3", "stdio"});
  CHECK(shown({"uvx", "mcp-server-time"}) == Words{"uvx", "mcp-server-time"});
  CHECK(shown({"/home/erika/bin/node", "/home/erika/x/dist/index.js", "--verbose"}) ==
        Words{"node", "index.js", "--verbose"});
}

TEST_CASE("what a user passes to it is not", "[privacy][command]") {
  CHECK(shown({"server", "Erika", "/home/erika/diary", "--owner=Erika Musterfrau",
               "emusterfrau64"}) == Words{"server", "<arg>", "<arg>", "--owner=<arg>", "<arg>"});
  CHECK(shown({"npx", "one", "two-musterfrau"}) == Words{"npx", "one", "<arg>"});
  CHECK(shown({"x", "--Erika Musterfrau"}) == Words{"x", "<arg>"});
  CHECK(shown({"/home/Erika M\xc3\xbcller"}) == Words{"<arg>"});
}

TEST_CASE("secrets say so", "[privacy][command]") {
  const Words words = shown({"x", "--api-key", "hUnter61zXv9Kp2Lm7Q7"});
  REQUIRE(words.size() == 3);
  CHECK(words[1] == "--api-key");
  CHECK(words[2].starts_with("[redacted:"));
}

TEST_CASE("no command is no fault", "[privacy][command]") { CHECK(shown({}).empty()); }

}  // namespace
}  // namespace sonde::privacy
