#include "install/rewrite.h"

#include <string>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators_all.hpp>

#include "install/rewrite_for_test.h"

namespace sonde::install {
namespace {

/// One entry `s` of a file.
std::string file_with(std::string_view entry) {
  return R"({"mcpServers": {"s": )" + std::string(entry) + "}}\n";
}

std::string installed(std::string_view text, Layout layout = Layout::kMcpServers) {
  return rewritten(text, layout, true).value_or("refused");
}

std::string restored(std::string_view text, Layout layout = Layout::kMcpServers) {
  return rewritten(text, layout, false).value_or("refused");
}

constexpr std::string_view kLaunch = R"("/home/u/.local/share/sonde/launch")";

TEST_CASE("the command moves behind the launcher, as it is spelled", "[install][rewrite]") {
  CHECK(installed(file_with(R"({"command": "n\u0070x", "args": ["-y", "x"]})")) ==
        file_with("{\"command\": " + std::string(kLaunch) +
                  R"(, "args": ["--name=s", "--", "n\u0070x", "-y", "x"]})"));
}

TEST_CASE("an entry without args remembers that", "[install][rewrite]") {
  CHECK(installed(file_with(R"({"command": "x"})")) ==
        file_with("{\"command\": " + std::string(kLaunch) +
                  R"(, "args": ["--name=s", "--args-added", "--", "x"]})"));
}

TEST_CASE("added args stand on a line of their own where the command does", "[install][rewrite]") {
  CHECK(installed("{\"mcpServers\":{\r\n\t\"s\": {\r\n\t\t\"command\": \"x\"\r\n\t}}}") ==
        "{\"mcpServers\":{\r\n\t\"s\": {\r\n\t\t\"command\": " + std::string(kLaunch) +
            ",\r\n\t\t\"args\": [\"--name=s\", \"--args-added\", \"--\", \"x\"]\r\n\t}}}");
}

TEST_CASE("every shape of an entry comes back byte for byte", "[install][rewrite]") {
  const std::string entry = GENERATE(
      as<std::string>{},  //
      R"({"command": "x"})", R"({"command":"x","args":[]})", R"({"command":"x","args":[ ]})",
      R"({"command":"x","args":[ /* none */ ]})", R"({"command":"x","args":["a"]})",
      R"({"command":"x","args":[ "a" , "b" ]})", R"({"command":"x","args":["a",]})",
      R"({"args":["a"],"command":"x"})", R"({"args":[],"env":{"A":"1"},"command":"x",})",
      "{\n  // why\n  \"command\": \"x\", // what\n  \"env\": {}\n}",
      "{\n\t\"command\": \"x\",\n\t\"args\": [\n\t\t// one\n\t\t\"a\",\n\t],\n}",
      R"({"comm\u0061nd":"\/bin\/x","args":["--","y"]})",
      R"({"command":"x","args":[1,null,{"a":[]}]})",
      R"({ "type" : "stdio" , "command" : "x" , "args" : [ ] })");
  const std::string text = file_with(entry);
  INFO(text);
  const std::string once = installed(text);
  CHECK(once != text);
  CHECK(JsoncDocument::parse(once));
  CHECK(installed(once) == once);
  CHECK(restored(once) == text);
  CHECK(restored(text) == text);
}

TEST_CASE("what the user changed in between stays", "[install][rewrite]") {
  const std::string text = file_with(R"({"command": "npx", "args": ["-y"]})");
  std::string changed = installed(text);
  const auto replace = [&](std::string_view from, std::string_view to) {
    const std::size_t at = changed.find(from);
    REQUIRE(at != std::string::npos);
    changed.replace(at, from.size(), to);
  };
  SECTION("an argument more") {
    replace("\"-y\"]", "\"-y\", \"more\"]");
    CHECK(restored(changed) == file_with(R"({"command": "npx", "args": ["-y", "more"]})"));
  }
  SECTION("another server") {
    replace("{\"s\"", "{\"t\": {\"command\": \"y\"}, \"s\"");
    CHECK(restored(changed) ==
          R"({"mcpServers": {"t": {"command": "y"}, "s": {"command": "npx", "args": ["-y"]}}})"
          "\n");
  }
  SECTION("another name") {
    replace("\"s\"", "\"renamed\"");
    CHECK(restored(changed) == R"({"mcpServers": {"renamed": {"command": "npx", "args": ["-y"]}}})"
                               "\n");
    CHECK(installed(changed).find("--name=renamed") != std::string::npos);
  }
  SECTION("a comment between our words and theirs") {
    replace("\"npx\", ", "\"npx\", /* mine */ ");
    CHECK(restored(changed) == file_with(R"({"command": "npx", "args": [ /* mine */ "-y"]})"));
  }
}

TEST_CASE("a client that writes the file anew does not lose the original", "[install][rewrite]") {
  const std::string rewritten_by_client =
      R"({"mcpServers":{"s":{"args":["--name=s","--args-added","--","x"],"command":)" +
      std::string(kLaunch) + "}}}";
  CHECK(restored(rewritten_by_client) == R"({"mcpServers":{"s":{"command":"x"}}})");
}

TEST_CASE("arguments given to a server that had none are kept", "[install][rewrite]") {
  CHECK(restored(file_with("{\"command\": " + std::string(kLaunch) +
                           R"(, "args": ["--args-added", "--", "x", "new"]})")) ==
        file_with(R"({"command": "x", "args": ["new"]})"));
}

TEST_CASE("another home and other flags are brought up to date", "[install][rewrite]") {
  const std::string text = file_with(R"({"command": "x", "args": ["a"]})");
  const Launch moved{.launcher = "/mnt/u/sonde/launch", .flags = {"--state-dir=/s"}};
  const std::string updated = *rewritten(installed(text), Layout::kMcpServers, true, moved);
  CHECK(updated == file_with(R"({"command": "/mnt/u/sonde/launch", "args": )"
                             R"(["--name=s", "--state-dir=/s", "--", "x", "a"]})"));
  CHECK(restored(updated) == text);
}

TEST_CASE("a name that wrap would refuse is not handed to it", "[install][rewrite]") {
  CHECK(name_flag("git hub.v2") == "--name=git hub.v2");
  for (const char* key : {"", "サーバー", "a\nb", " x", "${input:name}"})
    CHECK(name_flag(key).empty());
  CHECK(name_flag(std::string(129, 'x')).empty());
  const std::string text = R"({"mcpServers": {"サーバー": {"command": "x", "args": ["a"]}}})";
  CHECK(installed(text).find(R"(["--", "x", "a"])") != std::string::npos);
  CHECK(restored(installed(text)) == text);
}

TEST_CASE("each layout finds its own servers", "[install][servers]") {
  const std::string text = R"({"servers": {"a": {"command": "x"}}, "mcpServers": {"b": )"
                           R"({"command": "y"}}, "projects": {"/p": {"mcpServers": {"c": )"
                           R"({"command": "z"}}}, "/q": {}, "/r": null}})";
  const auto names = [&](Layout layout) {
    const auto document = JsoncDocument::parse(text);
    std::string out;
    for (const Server& server : *find_servers(*document, layout)) {
      out += server.project + ":" + server.name + " ";
    }
    return out;
  };
  CHECK(names(Layout::kMcpServers) == ":b ");
  CHECK(names(Layout::kServers) == ":a ");
  CHECK(names(Layout::kProjects) == ":b /p:c ");
}

TEST_CASE("what is no program of its own is left alone, with the reason", "[install][servers]") {
  const auto [entry, reason] = GENERATE(table<std::string, std::string>({
      {R"({"type": "http", "url": "https://x"})", "its type is `http`"},
      {R"({"type": "sse", "command": "x"})", "its type is `sse`"},
      {R"({"url": "https://x", "command": "x"})", "it has a `url`"},
      {R"({"args": ["x"]})", "it has no `command`"},
      {R"({"command": ["x"]})", "its `command` is no text"},
      {R"({"command": ""})", "its `command` is no text"},
      {R"({"command": "x", "args": "a b"})", "its `args` is no list"},
      {R"({"command": "node", "dev": {"debug": {"type": "node"}}})", "it is set up for debugging"},
      {R"({"command": "/usr/bin/sonde", "args": ["wrap", "--", "x"]})",
       "it runs through sonde already"},
      {R"("npx")", "its entry is no object"},
      {R"({"command": "/x/sonde/launch", "args": ["--name=x"]})",
       "it starts the launcher, but its `args` do not hold the original command"},
      {R"({"command": "/x/sonde/launch", "args": ["x", "--", "y"]})",
       "it starts the launcher, but its `args` do not hold the original command"},
  }));
  const std::string text = file_with(entry);
  INFO(text);
  const auto document = JsoncDocument::parse(text);
  CHECK(find_servers(*document, Layout::kMcpServers)->front().reason == reason);
  CHECK(installed(text) == text);
  CHECK(restored(text) == text);
}

TEST_CASE("what is ambiguous is refused with its place", "[install][servers]") {
  const auto [text, problem] = GENERATE(table<std::string, std::string>({
      {"[]", "holds no JSON object"},
      {R"({"mcpServers": []})",
       "line 1, column 16: `mcpServers` should be an object, one member for each server"},
      {"{\"mcpServers\": {},\n \"mcpServers\": {}}",
       "line 2, column 2: the key `mcpServers` is given twice"},
      {"{\"mcpServers\": {\"a\": {},\n\"b\": {}, \"a\": {}}}",
       "line 2, column 10: the key `a` is given twice"},
      {R"({"mcpServers": {"é": {"command": "x", "command": "y"}}})",
       "line 1, column 39: the key `command` is given twice in `é`"},
  }));
  const auto document = JsoncDocument::parse(text);
  const auto servers = find_servers(*document, Layout::kMcpServers);
  REQUIRE_FALSE(servers);
  CHECK(servers.error().message() == problem);
}

TEST_CASE("a file without servers is no fault", "[install][servers]") {
  for (const char* text : {"", "  \n", "// nothing\n", "{}", R"({"mcpServers": null})",
                           R"({"inputs": [], "mcpServers": {}})"}) {
    INFO(text);
    CHECK(installed(text) == text);
  }
}

}  // namespace
}  // namespace sonde::install
