#include "sinks/emf.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators_all.hpp>
#include <map>

#include "base/random.h"
#include "sinks/emf_checker.h"
#include "sinks/log_line.h"
#include "sinks/sample_records.h"

namespace sonde::sinks {
namespace {

using namespace std::chrono_literals;

/// An Emf, a clock, and what both gave.
struct Bench {
  explicit Bench(EmfConfig config = {}) : emf(std::move(*Emf::make(config, stats))) {}

  /// Notes a call; its line if that carries metrics, else nothing.
  std::string note(const CallRecord& record, std::string_view envelope = "") {
    const auto series = emf.note(record, clock.now());
    if (!series) return "";
    std::string line;
    begin_call_line(line, record, {});
    emf.append_metrics(line, record, *series, envelope);
    line.push_back('}');
    check(line);
    return line;
  }

  std::vector<std::string> flush(std::string_view envelope = "") {
    std::string out;
    emf.append_gathered(out, envelope);
    emf.clear_gathered();
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < out.size(); at = out.find('\n', at) + 1) {
      lines.push_back(out.substr(at, out.find('\n', at) - at));
      check(lines.back());
    }
    return lines;
  }

  static void check(const std::string& line) {
    INFO(line);
    CHECK(EmfChecker(line).faults().empty());
  }

  ManualClock clock;
  Stats stats;
  Emf emf;
};

EmfConfig aggregate() {
  EmfConfig config;
  config.mode = EmfConfig::Mode::kAggregate;
  return config;
}

std::string text(const std::string& line, std::string_view key) {
  return std::string(find_member(line, key).value_or("-"));
}

CallRecord slow_call(std::chrono::nanoseconds duration, CallStatus status = CallStatus::kOk) {
  CallRecord call = status == CallStatus::kOk ? sample_call() : failed_call(status);
  call.duration = duration;
  return call;
}

TEST_CASE("the line of a call carries its metrics", "[sinks][emf]") {
  Bench bench;
  const std::string line = bench.note(sample_call());
  CHECK(text(line, "event") == "\"tool.success\"");
  CHECK(text(line, "ToolDuration") == "12.50");
  CHECK(text(line, "tool_call_count") == "1");
  CHECK(text(line, "tool_error_count") == "0");
  CHECK(text(line, "ToolDenied") == "0");
  CHECK(text(line, "ResultSize") == "2048");
  CHECK(text(line, "ResultTokens") == "512");
  CHECK(text(line, "EmptyResults") == "0");
  CHECK(text(line, "Service") == "\"search-service\"");
  CHECK(text(line, "ServerName") == "\"search\"");
  CHECK(text(line, "ToolName") == "\"find_documents\"");
  CHECK(text(line, "Environment") == "\"production\"");
  CHECK(text(line, "_aws") ==
        R"({"Timestamp":1795176000012,"CloudWatchMetrics":[{"Namespace":"MCP/ToolServer",)"
        R"("Dimensions":[["ServerName","ToolName","Environment"],["ToolName","Environment"],)"
        R"(["Environment"]],"Metrics":[{"Name":"ToolDuration","Unit":"Milliseconds"},)"
        R"({"Name":"tool_call_count","Unit":"Count"},{"Name":"tool_error_count","Unit":"Count"},)"
        R"({"Name":"ToolDenied","Unit":"Count"},{"Name":"ResultSize","Unit":"Bytes"},)"
        R"({"Name":"ResultTokens","Unit":"Count"},{"Name":"EmptyResults","Unit":"Count"}]}]})");
}

TEST_CASE("error, timeout and aborted count as errors", "[sinks][emf]") {
  const auto [status, errors, denied] = GENERATE(table<CallStatus, const char*, const char*>({
      {CallStatus::kOk, "0", "0"},
      {CallStatus::kError, "1", "0"},
      {CallStatus::kDenied, "0", "1"},
      {CallStatus::kTimeout, "1", "0"},
      {CallStatus::kCancelled, "0", "0"},
      {CallStatus::kAborted, "1", "0"},
  }));
  Bench bench;
  const std::string line = bench.note(failed_call(status));
  CHECK(text(line, "tool_error_count") == errors);
  CHECK(text(line, "ToolDenied") == denied);
}

TEST_CASE("a call without a result has no result metrics", "[sinks][emf]") {
  Bench bench;
  const std::string line = bench.note(failed_call(CallStatus::kAborted));
  CHECK(EmfChecker(line).metrics() == std::vector<std::string>{"ToolDuration", "tool_call_count",
                                                               "tool_error_count", "ToolDenied"});
  CHECK(text(line, "ResultSize") == "-");
}

TEST_CASE("an empty list is an empty result", "[sinks][emf]") {
  Bench bench;
  CallRecord call = sample_call();
  call.result_count = 0;
  CHECK(text(bench.note(call), "EmptyResults") == "1");
  call.result_count.reset();
  CHECK(text(bench.note(call), "EmptyResults") == "0");
}

TEST_CASE("waits for people and models are no duration of a tool", "[sinks][emf]") {
  Bench bench;
  CallRecord call = slow_call(10s);
  call.human_wait = 6s;
  call.sampling_wait = 3s;
  CHECK(text(bench.note(call), "ToolDuration") == "1000.00");
}

TEST_CASE("only tools called by the client make metrics", "[sinks][emf]") {
  Bench bench;
  CallRecord listing = sample_call();
  listing.method = "tools/list";
  CHECK(bench.note(listing).empty());
  CallRecord backwards = sample_call();
  backwards.direction = Direction::kToClient;
  CHECK(bench.note(backwards).empty());
  CHECK_FALSE(bench.emf.gathered());
}

TEST_CASE("mode off makes no metrics", "[sinks][emf]") {
  EmfConfig config;
  config.mode = EmfConfig::Mode::kOff;
  CHECK(Bench(config).note(sample_call()).empty());
}

TEST_CASE("a clock that stands in 1970 makes no metrics, and that is counted", "[sinks][emf]") {
  Bench bench;
  CallRecord call = sample_call();
  call.ended_at = 5s;
  CHECK(bench.note(call).empty());
  CHECK(bench.stats.read(Stat::kEmfSkipped) == 1);
}

TEST_CASE("a tool that no list has shown is unknown", "[sinks][emf]") {
  Bench bench;
  CallRecord call = sample_call("invented");
  call.tool_known = false;
  const std::string line = bench.note(call);
  CHECK(text(line, "ToolName") == "\"__unknown__\"");
  CHECK(text(line, "tool_name") == "\"invented\"");
  CHECK(bench.stats.read(Stat::kUnknownTools) == 1);
}

TEST_CASE("combinations over the limit are other ones", "[sinks][emf]") {
  EmfConfig config;
  config.max_series = 2;
  Bench bench(config);
  const auto tool = [&bench](std::string_view name) {
    return text(bench.note(sample_call(name)), "ToolName");
  };
  CHECK(tool("a") == "\"a\"");
  CHECK(tool("b") == "\"b\"");
  CHECK(tool("c") == "\"__other__\"");
  CHECK(tool("d") == "\"__other__\"");
  CHECK(tool("a") == "\"a\"");
  CHECK(bench.stats.read(Stat::kSeriesOverflow) == 2);
}

TEST_CASE("servers over every limit are one other server", "[sinks][emf]") {
  EmfConfig config;
  config.max_series = 1;
  Stats stats;
  const auto layout = EmfLayout::make("N", config.dimensions);
  EmfSeries series(*layout, config.max_series, stats);
  std::size_t last = 0;
  for (int i = 0; i < 1000; ++i) {
    CallRecord call = sample_call();
    call.tap = sample_tap("server" + std::to_string(i));
    last = series.find(call);
  }
  CHECK(series.size() == 1 + EmfSeries::kOverflowMax + 1);
  CHECK(series.members(last).find(R"("ServerName":"__other__")") != std::string_view::npos);
}

TEST_CASE("a call counts for its own series, whichever came before", "[sinks][emf]") {
  Stats stats;
  const auto layout = EmfLayout::make("N", {{"ToolName", "ClientName"}});
  EmfSeries series(*layout, 500, stats);
  CallRecord first = sample_call();
  CallRecord other = first;
  SECTION("another tool") { other.tool_name = "another"; }
  SECTION("an unknown tool") { other.tool_known = false; }
  SECTION("another server") { other.tap = sample_tap("another"); }
  SECTION("another client") { other.client = std::make_shared<const Peer>(Peer{"another", "1"}); }
  const std::size_t one = series.find(first);
  const std::size_t two = series.find(other);
  CHECK(one != two);
  CHECK(series.find(first) == one);
  CHECK(series.find(first) == one);
  CHECK(series.find(other) == two);
  CHECK(stats.read(Stat::kUnknownTools) == (other.tool_known ? 0 : 2));
}

TEST_CASE("only a dimension in use is written", "[sinks][emf]") {
  CHECK(text(Bench().note(sample_call()), "Instance") == "-");
  EmfConfig config;
  config.dimensions = {{"Instance", "Transport", "ClientName"}};
  const std::string line = Bench(config).note(sample_call());
  CHECK(text(line, "Instance") == "\"host-1\"");
  CHECK(text(line, "Transport") == "\"stdio\"");
  CHECK(text(line, "ClientName") == "\"claude-code\"");
}

TEST_CASE("a million invented tools cost no more than the limit", "[sinks][emf]") {
  constexpr int kCalls = 1'000'000;
  Stats stats;
  const auto layout = EmfLayout::make("N", EmfConfig{}.dimensions);
  EmfSeries series(*layout, 500, stats);
  Random random(7);
  CallRecord call = sample_call();
  for (int i = 0; i < kCalls; ++i) {
    call.tool_name = "tool" + std::to_string(random.next());
    series.find(call);
  }
  CHECK(series.size() == 501);
  CHECK(stats.read(Stat::kSeriesOverflow) == kCalls - 500);
}

TEST_CASE("above the rate calls are gathered, below half of it no more", "[sinks][emf]") {
  Bench bench;  // 20 calls per second, seen over 5 seconds.
  int inlined = 0;
  for (int i = 0; i < 150; ++i, bench.clock.advance(1ms)) {
    if (!bench.note(sample_call()).empty()) ++inlined;
  }
  CHECK(inlined == 100);
  CHECK(bench.emf.gathered());

  // Fifteen a second: neither above the rate nor below half of it.
  bench.clock.advance(1s);
  for (int i = 0; i < 150; ++i, bench.clock.advance(66ms)) {
    CHECK(bench.note(sample_call()).empty());
  }
  bench.clock.advance(6s);
  CHECK_FALSE(bench.note(sample_call()).empty());
}

TEST_CASE("gathered calls are one line a series", "[sinks][emf]") {
  Bench bench(aggregate());
  CHECK(bench.note(slow_call(10ms)).empty());
  CHECK(bench.note(slow_call(20ms)).empty());
  CHECK(bench.note(sample_call("other_tool")).empty());
  CHECK(bench.note(slow_call(5ms, CallStatus::kTimeout)).empty());
  const auto lines = bench.flush();
  REQUIRE(lines.size() == 2);
  CHECK(text(lines[0], "event") == "\"emf.aggregate\"");
  CHECK(text(lines[0], "calls") == "3");
  CHECK(text(lines[0], "ToolDuration") == "[10,20,5]");
  CHECK(text(lines[0], "tool_call_count") == "3");
  CHECK(text(lines[0], "tool_error_count") == "1");
  CHECK(text(lines[0], "ResultSize") == "[2048,2048]");
  CHECK(text(lines[0], "EmptyResults") == "0");
  CHECK(text(lines[1], "ToolDuration") == "12.5");
  CHECK(bench.flush().empty());
}

TEST_CASE("an aggregate of calls without results has no result metrics", "[sinks][emf]") {
  Bench bench(aggregate());
  bench.note(failed_call(CallStatus::kAborted));
  const auto lines = bench.flush();
  REQUIRE(lines.size() == 1);
  CHECK(text(lines[0], "ResultSize") == "-");
  CHECK(text(lines[0], "EmptyResults") == "-");
}

TEST_CASE("what was never answered is no empty result", "[sinks][emf]") {
  Bench bench(aggregate());
  CallRecord call = failed_call(CallStatus::kAborted);
  call.result_count = 0;
  bench.note(call);
  bench.note(sample_call());
  CHECK(text(bench.flush().front(), "EmptyResults") == "0");
}

TEST_CASE("the slowest call and five failed ones lead to their traces", "[sinks][emf]") {
  Bench bench(aggregate());
  CallRecord slowest = slow_call(900ms);
  slowest.request_id = "the-slow-one";
  bench.note(slow_call(10ms));
  bench.note(slowest);
  for (int i = 0; i < 8; ++i) bench.note(failed_call());
  const auto lines = bench.flush();
  REQUIRE(lines.size() == 1);
  const std::string exemplars = text(lines[0], "exemplars");
  JsonElements elements(exemplars);
  REQUIRE(elements.next());
  CHECK(elements.value() ==
        R"({"kind":"slowest","status":"ok","trace_id":"0102030405060708090a0b0c0d0e0f10",)"
        R"("request_id":"the-slow-one","correlation_id":"c-4711","duration_ms":900.00})");
  int failed = 0;
  while (elements.next()) ++failed;
  CHECK(failed == 5);
}

TEST_CASE("exemplars are those of their interval", "[sinks][emf]") {
  Bench bench(aggregate());
  bench.note(slow_call(900ms, CallStatus::kError));
  bench.flush();
  bench.note(slow_call(10ms));
  const auto lines = bench.flush();
  REQUIRE(lines.size() == 1);
  CHECK(lines[0].find("\"failed\"") == std::string::npos);
  CHECK(lines[0].find("900.00") == std::string::npos);
}

TEST_CASE("splits are counted once, however many outputs there are", "[sinks][emf]") {
  Bench bench(aggregate());
  for (int i = 0; i < 250; ++i) bench.note(sample_call());
  std::string twice;
  CHECK(bench.emf.append_gathered(twice, "") == 3);
  CHECK(bench.emf.append_gathered(twice, "\"LogGroupName\":\"g\",") == 3);
  bench.emf.clear_gathered();
  CHECK(bench.stats.read(Stat::kEmfSplit) == 2);
}

TEST_CASE("an interval ends with the wall clock's", "[sinks][emf]") {
  Bench bench(aggregate());
  CHECK(bench.emf.next_flush() == std::chrono::nanoseconds::max());
  bench.clock.advance(3s);  // 12:00:03
  bench.note(sample_call());
  CHECK(bench.emf.next_flush() - bench.clock.now().monotonic == 7s);
}

TEST_CASE("the number of gathered calls is bounded", "[sinks][emf]") {
  Bench bench(aggregate());
  std::size_t calls = 0;
  for (; !bench.emf.full(); ++calls) bench.emf.note(sample_call(), bench.clock.now());
  CHECK(calls == EmfAggregate::kCallsMax);
  CHECK(bench.flush().size() == (calls + 99) / 100);
}

TEST_CASE("only the agent is told a log group", "[sinks][emf]") {
  EmfConfig config;
  CHECK(agent_envelope(config, "search") == R"("LogGroupName":"search-metrics",)");
  CHECK(agent_envelope(config, "") == R"("LogGroupName":"sonde-metrics",)");
  config.log_group = "/mcp/prod: ä";
  config.log_stream = "task*1";
  CHECK(agent_envelope(config, "s") ==
        R"("LogGroupName":"/mcp/prod----","LogStreamName":"task-1",)");

  Bench bench;
  const std::string line = bench.note(sample_call(), agent_envelope(config, "s"));
  CHECK(text(text(line, "_aws"), "LogGroupName") == "\"/mcp/prod----\"");
  CHECK(text(text(bench.note(sample_call()), "_aws"), "LogGroupName") == "-");
}

TEST_CASE("a configuration that CloudWatch would refuse is refused", "[sinks][emf]") {
  Stats stats;
  EmfConfig config;
  config.metric_namespace = "AWS/Mine";
  CHECK_FALSE(Emf::make(config, stats));
  config = {};
  config.dimensions = {{"SessionId"}};
  CHECK_FALSE(Emf::make(config, stats));
}

}  // namespace
}  // namespace sonde::sinks
