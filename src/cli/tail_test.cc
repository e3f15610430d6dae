#include "cli/tail.h"

#include <filesystem>
#include <string>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators_all.hpp>

#include "cli/fake_world.h"

namespace sonde::cli {
namespace {

/// The tools of the rows printed, in order.
std::string tools(const std::string& out) {
  std::string names;
  for (std::size_t at = out.find('\n') + 1; at < out.size() && at > 0;
       at = out.find('\n', at) + 1) {
    const std::string row = out.substr(at + 19 + 9);  // Behind time and server.
    names += (names.empty() ? "" : " ") + row.substr(0, row.find(' '));
  }
  return names;
}

std::string at(std::string_view time, std::string_view tool, std::string_view server = "search") {
  return log_line({.time = time, .server = server, .tool = tool});
}

TEST_CASE("tail merges the logs of all servers by time", "[cli][tail]") {
  FakeWorld world;
  world.write_log("a.jsonl", at("10:00:00.000", "a1") + at("10:00:02.000", "a2"));
  world.write_log("b.jsonl", at("10:00:01.000", "b1") + at("10:00:03.000", "b2"));
  CHECK(world.run("tail") == kDone);
  CHECK(world.out ==
        "TIME               SERVER   TOOL             STATUS        TOOK     IN    OUT ARGS     "
        "DETAIL\n"
        "11-20 10:00:00.000 search   a1               ok          12.5ms\n"
        "11-20 10:00:01.000 search   b1               ok          12.5ms\n"
        "11-20 10:00:02.000 search   a2               ok          12.5ms\n"
        "11-20 10:00:03.000 search   b2               ok          12.5ms\n");
  CHECK(world.err.empty());
}

TEST_CASE("the newest are the newest of all servers", "[cli][tail]") {
  FakeWorld world;
  world.write_log("a.jsonl", at("10:00:00.000", "a1") + at("10:00:03.000", "a2"));
  world.write_log("b.jsonl", at("10:00:01.000", "b1") + at("10:00:02.000", "b2"));
  world.run("tail -n 2");
  CHECK(tools(world.out) == "b2 a2");
  world.run("tail --since 1d");
  CHECK(tools(world.out) == "a1 b1 b2 a2");
}

TEST_CASE("tail goes on into rotated files", "[cli][tail]") {
  FakeWorld world;
  world.write_log("a.jsonl", at("10:00:04.000", "t4"));
  world.write_log("a.jsonl.1", at("10:00:02.000", "t2") + at("10:00:03.000", "t3"));
  world.write_log("a.jsonl.2", at("10:00:00.000", "t0") + at("10:00:01.000", "t1"));
  world.write_log("a.jsonl.bak", at("10:00:05.000", "other"));
  world.run("tail -n 4");
  CHECK(tools(world.out) == "t1 t2 t3 t4");
  world.run("tail --since 2026-11-20T00:00:00Z");
  CHECK(tools(world.out) == "t0 t1 t2 t3 t4");
}

TEST_CASE("tail shows the newest twenty, or as many as asked for", "[cli][tail]") {
  FakeWorld world;
  std::string log;
  for (int i = 10; i < 40; ++i)
    log += at("10:00:" + std::to_string(i) + ".000", "t" + std::to_string(i));
  world.write_log("a.jsonl", log.substr(0, log.size()));
  world.run("tail");
  CHECK(tools(world.out).starts_with("t20 t21"));
  CHECK(tools(world.out).ends_with("t39"));
  world.run("tail -n2");
  CHECK(tools(world.out) == "t38 t39");
  world.run("tail -n 0");
  CHECK(world.out.empty());
}

TEST_CASE("tail shows what is asked for only", "[cli][tail]") {
  FakeWorld world;
  world.write_log("a.jsonl", log_line({.time = "11:00:00.000", .tool = "old"}) +
                                 log_line({.tool = "x"}) +
                                 log_line({.tool = "y", .status = "error"}) +
                                 log_line({.server = "other", .tool = "z", .status = "timeout"}));
  const auto [options, names] = GENERATE(table<std::string, std::string>({
      {"--server other", "z"},
      {"--server o*", "z"},
      {"--tool [xy]", "x y"},
      {"--status error,timeout", "y z"},
      {"--status ok --tool x", "x"},
      {"--since 30m", "x y z"},
      {"--since 2026-11-20T11:00:00Z --status ok", "old x"},
      {"-n 1 --status error", "y"},
      {"--server nobody", ""},
  }));
  INFO(options);
  CHECK(world.run("tail " + options) == kDone);
  CHECK(tools(world.out) == names);
}

TEST_CASE("what is no call is shown unless a tool or status is asked for", "[cli][tail]") {
  FakeWorld world;
  world.write_log("a.jsonl",
                  R"({"timestamp":"2026-11-20T12:00:00Z","level":"info","event":"server.start",)"
                  R"("server_name":"search"})"
                  "\n");
  world.run("tail");
  CHECK(tools(world.out) == "server.start");
  world.run("tail --tool *x");
  CHECK(world.out.empty());
  world.run("tail --status ok");
  CHECK(world.out.empty());
}

TEST_CASE("json is the lines as they are", "[cli][tail]") {
  FakeWorld world;
  const std::string log = log_line({.tool = "a"}) + log_line({.time = "12:00:01.000", .tool = "b"});
  world.write_log("a.jsonl", log);
  world.run("tail --json");
  CHECK(world.out == log);
  world.run("tail --json --since 1h");
  CHECK(world.out == log);
}

TEST_CASE("torn and foreign lines are skipped and counted", "[cli][tail]") {
  FakeWorld world;
  world.write_log("a.jsonl", "hello\n" + log_line({.tool = "a"}) + "\n{\"timestamp\":\n" +
                                 log_line({.tool = "b"}) + "{\"timestamp\":\"2026");
  for (const char* line : {"tail", "tail --since 1d", "tail --summary"}) {
    CHECK(world.run(line) == kDone);
    CHECK(world.err ==
          "sonde: tail: 3 lines were skipped: torn, too long or not written by sonde\n");
  }
}

TEST_CASE("lines of metrics are no calls and no fault", "[cli][tail]") {
  FakeWorld world;
  world.write_log("a.jsonl",
                  R"({"timestamp":"2026-11-20T12:00:00Z","event":"emf.aggregate","_aws":{}})"
                  "\n" +
                      log_line({.tool = "a"}));
  world.run("tail");
  CHECK(tools(world.out) == "a");
  CHECK(world.err.empty());
}

TEST_CASE("files that are named are read instead", "[cli][tail]") {
  FakeWorld world;
  world.write_log("a.jsonl", log_line({.tool = "a"}));
  const std::string file = world.write("other.txt", log_line({.tool = "other"}));
  CHECK(world.run("tail " + file) == kDone);
  CHECK(tools(world.out) == "other");
  CHECK(world.run("tail /nowhere.jsonl") == kProblem);
  CHECK(world.err == "sonde: tail: /nowhere.jsonl: No such file or directory\n");
  CHECK(world.run("tail " + world.home()) == kProblem);
  CHECK(world.err.ends_with(": is no regular file\n"));
}

TEST_CASE("a log that is configured elsewhere is read too", "[cli][tail]") {
  FakeWorld world;
  world.write_log("a.jsonl", at("10:00:01.000", "a"));
  world.write("logs/x.jsonl", at("10:00:02.000", "x"));
  world.write("logs/x.jsonl.1", at("10:00:00.000", "x1"));
  world.write(".config/sonde/sonde.yaml", "log.file: ~/logs/x.jsonl\n");
  world.run("tail");
  CHECK(tools(world.out) == "x1 a x");
}

TEST_CASE("without logs tail says how to get some", "[cli][tail]") {
  FakeWorld world;
  CHECK(world.run("tail") == kDone);
  CHECK(world.out.empty());
  CHECK(world.err.find("no logs in " + world.state() + "/log yet; put `sonde wrap --`") !=
        std::string::npos);
}

TEST_CASE("tail ends when nobody reads any more", "[cli][tail]") {
  FakeWorld world;
  std::string log;
  while (log.size() < 1'000'000) log += log_line();
  world.write_log("a.jsonl", log);
  const auto* line =
      GENERATE("tail --json --since 1h", "tail --json -n 100000", "tail -f --json -n 9999");
  world.stop_reading_after(1);
  CHECK(world.run(line) == kDone);
  CHECK(world.out.size() < log.size() / 4);
}

TEST_CASE("on a terminal even json lines cannot act", "[cli][tail]") {
  FakeWorld world;
  world.write_log("a.jsonl", log_line({.more = ",\"x\":\"\xc2\x9b\""}));
  world.run("tail --json");
  CHECK(world.out.find("\xc2\x9b") != std::string::npos);
  world.io.terminal = true;
  world.run("tail --json");
  CHECK(world.out.find("\xc2\x9b") == std::string::npos);
}

TEST_CASE("a wrong value is told with what may be written", "[cli][tail]") {
  FakeWorld world;
  const auto [options, complaint] = GENERATE(table<std::string, std::string>({
      {"--status eror",
       "--status: `eror` is no status; write ok, error, denied, timeout, "
       "cancelled or aborted; did you mean `error`?"},
      {"--since 10", "--since: `10` is no time; write 10m, 2h or 2026-11-20T12:00:00Z"},
      {"-n many", "--lines: `many` is no number from 0 to 1000000"},
      {"--summary -f",
       "--summary counts all lines; it goes with neither --follow nor --lines, "
       "but with --since"},
  }));
  CHECK(world.run("tail " + options) == kUsage);
  CHECK(world.err == "sonde: tail: " + complaint + "\n");
}

TEST_CASE("the summary counts by server and tool", "[cli][tail]") {
  FakeWorld world;
  std::string log;
  for (int i = 1; i <= 100; ++i) {
    const std::string duration = std::to_string(i);
    log += log_line({.tool = "find",
                     .status = i > 98 ? "error" : "ok",
                     .duration = duration,
                     .more = R"(,"args_size_bytes":10,"result_size_bytes":1024)"});
  }
  log += log_line({.tool = "refuse", .status = "denied", .duration = "0.25"});
  world.write_log("a.jsonl", log);
  CHECK(world.run("tail --summary") == kDone);
  CHECK(world.out ==
        "SERVER  TOOL    CALLS  ERRORS  ERROR%     P50     P95     P99      MAX     IN   OUT\n"
        "search  find      100       2     2.0  50.0ms  95.0ms  99.1ms  100.0ms  1000B  100K\n"
        "search  refuse      1       0     0.0  0.25ms  0.25ms  0.25ms   0.25ms     0B    0B\n");
  CHECK(world.run("tail --summary --json --tool refuse") == kDone);
  CHECK(world.out ==
        R"({"server":"search","tool":"refuse","calls":1,"errors":0,"error_rate":0,"p50_ms":0.25,)"
        R"("p95_ms":0.25,"p99_ms":0.25,"max_ms":0.25,"bytes_in":0,"bytes_out":0})"
        "\n");
}

}  // namespace
}  // namespace sonde::cli
