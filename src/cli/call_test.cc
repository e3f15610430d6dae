#include "cli/call.h"

#include <string>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators_all.hpp>

#include "cli/fake_world.h"

namespace sonde::cli {
namespace {

constexpr std::string_view kIds =
    R"(,"request_id":"0197aaaa-1","jsonrpc_id":7,"tool_call_id":"toolu_01","correlation_id":"c-47",)"
    R"("trace_id":"6918f3804f1c0d2b3a49586776859403","span_id":"a1a2a3a4a5a6a7a8")";

TEST_CASE("a call is found by any of its ids", "[cli][call]") {
  FakeWorld world;
  world.write_log("a.jsonl", log_line() + log_line({.tool = "wanted", .more = kIds}));
  const auto* id =
      GENERATE("0197aaaa-1", "7", "toolu_01", "c-47", "6918f3804f1c0d2b3a49586776859403",
               "a1a2a3a4a5a6a7a8", "0197", "1-6918f380-4f1c0d2b3a49586776859403",
               "00-6918f3804f1c0d2b3a49586776859403-b7ad6b7169203331-01");
  INFO(id);
  CHECK(world.run("call " + std::string(id)) == kDone);
  CHECK(world.out.find("tool            wanted\n") != std::string::npos);
  CHECK(world.out.find("find") == std::string::npos);
}

TEST_CASE("everything known of a call is shown, labelled", "[cli][call]") {
  FakeWorld world;
  world.write_log(
      "a.jsonl",
      log_line({.status = "error",
                .more = R"(,"request_id":"r-1","error_message":"a\u001bb","args_keys":["q"],)"
                        R"("ToolDuration":12.5,"_aws":{"Timestamp":1})"}));
  CHECK(world.run("call r-1") == kDone);
  CHECK(world.out ==
        "event           tool.error\n"
        "server          search\n"
        "tool            find\n"
        "method          tools/call\n"
        "status          error\n"
        "error           a\xef\xbf\xbd"
        "b\n"
        "duration, ms    12.50\n"
        "argument names  [\"q\"]\n"
        "request id      r-1\n"
        "ToolDuration    12.5\n");
}

TEST_CASE("all calls of a trace are shown, oldest first, across files", "[cli][call]") {
  FakeWorld world;
  const std::string_view trace = R"(,"trace_id":"6918f3804f1c0d2b3a49586776859403")";
  const std::string second = log_line({.time = "10:00:02.000", .tool = "second", .more = trace});
  const std::string first = log_line({.time = "10:00:01.000", .tool = "first", .more = trace});
  world.write_log("a.jsonl", second);
  world.write_log("b.jsonl.1", first);
  CHECK(world.run("call --json 6918f380") == kDone);
  CHECK(world.out == first + second);
}

TEST_CASE("a whole id is meant before a beginning", "[cli][call]") {
  FakeWorld world;
  world.write_log("a.jsonl", log_line({.tool = "one", .more = R"(,"request_id":"abcd")"}) +
                                 log_line({.tool = "two", .more = R"(,"request_id":"abcdef")"}));
  CHECK(world.run("call abcd") == kDone);
  CHECK(world.out.find("two") == std::string::npos);
}

TEST_CASE("a beginning that several ids have is told with them", "[cli][call]") {
  FakeWorld world;
  world.write_log("a.jsonl", log_line({.more = R"(,"request_id":"abcd1")"}) +
                                 log_line({.more = R"(,"request_id":"abcd2")"}));
  CHECK(world.run("call abcd") == kProblem);
  CHECK(world.err ==
        "sonde: call: several ids begin with `abcd`; write more of it:\n  abcd1\n  abcd2\n");
}

TEST_CASE("three characters, or a part of a wire id, find nothing", "[cli][call]") {
  FakeWorld world;
  world.write_log("a.jsonl", log_line({.more = R"(,"request_id":"abcd1","jsonrpc_id":"12345")"}));
  CHECK(world.run("call abc") == kProblem);
  CHECK(world.run("call 1234") == kProblem);
  CHECK(world.err ==
        "sonde: call: no call has the id `1234`; `sonde tail --json` shows the ids of "
        "the newest\n");
  CHECK(world.run("call 12345") == kDone);
}

TEST_CASE("an id is found as it stands in JSON", "[cli][call]") {
  FakeWorld world;
  world.write_log("a.jsonl", log_line({.more = R"(,"jsonrpc_id":"a\"b\\c")"}));
  CHECK(world.run("call a\"b\\c") == kDone);
}

TEST_CASE("an id that stands in another member is no match", "[cli][call]") {
  FakeWorld world;
  world.write_log("a.jsonl", log_line({.more = R"(,"session_id":"abcdef")"}));
  CHECK(world.run("call abcdef") == kProblem);
}

}  // namespace
}  // namespace sonde::cli
