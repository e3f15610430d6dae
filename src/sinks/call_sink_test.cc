#include "sinks/call_sink.h"

#include <algorithm>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators_all.hpp>

#include "base/json_reader.h"
#include "sinks/emf_checker.h"
#include "sinks/sample_records.h"

namespace sonde::sinks {
namespace {

using namespace std::chrono_literals;

/// What a FakeOutput was told and has taken.
struct Tape {
  std::string text;
  std::optional<Error> refuse;
  std::size_t room = 1'000'000'000;  ///< Bytes it takes before it is busy.
  bool closed = false;

  std::vector<std::string> lines() const {
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < text.size(); at = text.find('\n', at) + 1) {
      lines.push_back(text.substr(at, text.find('\n', at) - at));
    }
    return lines;
  }
};

struct FakeOutput final : LineOutput {
  explicit FakeOutput(Tape& wanted) : tape(wanted) {}
  std::string_view name() const override { return "tape"; }
  Result<std::size_t> write(std::string_view lines, Moment /*now*/) override {
    CHECK(lines.ends_with('\n'));
    if (tape.refuse) return fail(*tape.refuse);
    const std::size_t size = std::min(lines.size(), tape.room);
    const std::size_t end = lines.substr(0, size).rfind('\n');
    const std::size_t taken = end == std::string_view::npos ? 0 : end + 1;
    tape.room -= taken;
    tape.text += lines.substr(0, taken);
    return taken;
  }
  Status close(Moment /*now*/) override {
    tape.closed = true;
    return {};
  }

  Tape& tape;
};

struct Bench {
  explicit Bench(Shows shows = {}, const EmfConfig& config = {}, std::string envelope = "",
                 std::size_t line_bytes_max = std::size_t{256} * 1024) {
    CallRoute route{.output = std::make_unique<FakeOutput>(tape),
                    .shows = shows,
                    .envelope = std::move(envelope),
                    .line_bytes_max = line_bytes_max};
    sink = std::move(*CallSink::make(std::move(route), config, stats));
  }

  Status write(std::vector<Entry> batch) { return sink->write(batch, clock.now()); }
  void advance(std::chrono::nanoseconds by) { clock.advance(by); }
  Status tick() { return sink->tick(clock.now()); }

  Tape tape;
  Stats stats;
  ManualClock clock;
  std::unique_ptr<CallSink> sink;
};

EmfConfig aggregate() {
  EmfConfig config;
  config.mode = EmfConfig::Mode::kAggregate;
  return config;
}

CallRecord captured_call() {
  CallRecord call = sample_call();
  call.captured_arguments = R"({"query":"captured"})";
  call.captured_result = R"({"rows":[]})";
  return call;
}

bool has_metrics(const std::string& line) { return find_member(line, "_aws").has_value(); }

Event sample_gauges() {
  Event event = sample_event(Event::Type::kGauges);
  event.gauges =
      Gauges{.active_sse_streams = 12, .active_users = 3, .sessions = 40, .idle_sessions = 0};
  return event;
}

TEST_CASE("gauges are a line that carries its metrics", "[sinks][sink][gauges]") {
  Bench bench;
  CHECK(bench.write({sample_gauges()}));
  const auto lines = bench.tape.lines();
  REQUIRE(lines.size() == 1);
  CHECK(find_member(lines[0], "event") == "\"tap.gauges\"");
  CHECK(find_member(lines[0], "mcp_sessions") == "40");
  CHECK(find_member(lines[0], "idle_mcp_sessions") == "0");
  const EmfChecker emf(lines[0]);
  CHECK(emf.faults().empty());
  CHECK(emf.values("ActiveSseSessions") == std::vector<double>{12});
  CHECK(emf.values("ActiveUsers") == std::vector<double>{3});
  CHECK(emf.values("McpSessions") == std::vector<double>{40});
  CHECK(emf.values("IdleMcpSessions") == std::vector<double>{0});
}

TEST_CASE("an output for metrics alone gets gauges, too", "[sinks][sink][gauges]") {
  Bench bench({.log_lines = false, .events = false}, {}, "\"LogGroupName\":\"g\",");
  CHECK(bench.write({sample_event(Event::Type::kServerStart), sample_gauges()}));
  const auto lines = bench.tape.lines();
  REQUIRE(lines.size() == 1);
  CHECK(EmfChecker(lines[0]).faults().empty());
  CHECK(lines[0].find(R"("LogGroupName":"g")") != std::string::npos);
}

TEST_CASE("what an event measured is of the server, and of the environment", "[sinks][sink]") {
  Bench bench;
  Event event = sample_event(Event::Type::kServerPulse);
  event.measured = {{.metric = Metric::kServerUp, .value = 1},
                    {.metric = Metric::kPulseDuration, .value = 12.345}};
  CHECK(bench.write({event}));
  const auto lines = bench.tape.lines();
  REQUIRE(lines.size() == 1);
  const EmfChecker emf(lines[0]);
  CHECK(emf.faults() == std::vector<std::string>{});
  CHECK(emf.metrics() == std::vector<std::string>{"ServerUp", "PulseDuration"});
  CHECK(emf.values("PulseDuration") == std::vector<double>{12.35});
  CHECK(lines[0].contains(R"("Dimensions":[["ServerName","Environment"],["Environment"]])"));
  CHECK(lines[0].contains(R"({"Name":"PulseDuration","Unit":"Milliseconds"})"));
}

TEST_CASE("without metrics gauges are a line like any other", "[sinks][sink][gauges]") {
  EmfConfig off;
  off.mode = EmfConfig::Mode::kOff;
  Bench bench({}, off);
  CHECK(bench.write({sample_gauges()}));
  const auto lines = bench.tape.lines();
  REQUIRE(lines.size() == 1);
  CHECK_FALSE(has_metrics(lines[0]));
  CHECK(find_member(lines[0], "active_users") == "3");
}

TEST_CASE("a pulse is written where its metrics are, and nowhere else", "[sinks][sink]") {
  Event pulse = sample_event(Event::Type::kServerPulse);
  pulse.measured = {{.metric = Metric::kServerUp, .value = 1}};
  Bench with;
  CHECK(with.write({pulse}));
  REQUIRE(with.tape.lines().size() == 1);
  CHECK(has_metrics(with.tape.lines()[0]));
  Bench without({.metrics = false});
  CHECK(without.write({pulse}));
  CHECK(without.tape.lines().empty());
  Event unhealthy = sample_event(Event::Type::kServerUnhealthy);
  CHECK(without.write({unhealthy}));
  CHECK(without.tape.lines().size() == 1);
}

TEST_CASE("calls and events become lines in their order", "[sinks][sink]") {
  Bench bench;
  CHECK(bench.write({sample_event(Event::Type::kServerStart), sample_call(),
                     sample_event(Event::Type::kServerExit)}));
  const auto lines = bench.tape.lines();
  REQUIRE(lines.size() == 3);
  CHECK(find_member(lines[0], "event") == "\"server.start\"");
  CHECK(find_member(lines[1], "event") == "\"tool.success\"");
  CHECK(find_member(lines[2], "event") == "\"server.exit\"");
  CHECK(has_metrics(lines[1]));
  CHECK(EmfChecker(lines[1]).faults().empty());
}

TEST_CASE("an output sees what it is to see", "[sinks][sink]") {
  const auto [shows, events] = GENERATE(table<Shows, std::vector<std::string>>({
      {{}, {"\"server.start\"", "\"mcp.tools/list\"", "\"tool.success\""}},
      {{.events = false}, {"\"mcp.tools/list\"", "\"tool.success\""}},
      {{.log_lines = false, .events = false}, {"\"tool.success\""}},
      {{.log_lines = false, .events = false, .metrics = false}, {}},
  }));
  Bench bench(shows);
  CallRecord listing = sample_call();
  listing.method = "tools/list";
  CHECK(bench.write({sample_event(Event::Type::kServerStart), listing, sample_call()}));
  std::vector<std::string> seen;
  for (const std::string& line : bench.tape.lines()) {
    seen.emplace_back(find_member(line, "event").value_or("-"));
  }
  CHECK(seen == events);
}

TEST_CASE("without metrics a line has none of their members", "[sinks][sink]") {
  Bench bench({.metrics = false});
  CHECK(bench.write({sample_call()}));
  CHECK_FALSE(has_metrics(bench.tape.lines()[0]));
  CHECK_FALSE(find_member(bench.tape.lines()[0], "ToolDuration").has_value());
}

TEST_CASE("captured content goes only where it is shown", "[sinks][sink]") {
  Bench plain;
  CHECK(plain.write({captured_call()}));
  CHECK(plain.tape.text.find("captured") == std::string::npos);
  CHECK(plain.tape.text.find("rows") == std::string::npos);

  Bench file({.content = Content::kCaptured});
  CHECK(file.write({captured_call()}));
  CHECK(find_member(file.tape.lines()[0], "arguments") == R"({"query":"captured"})");
}

TEST_CASE("captured content is in no aggregate", "[sinks][sink]") {
  Bench bench({.log_lines = false, .content = Content::kCaptured}, aggregate());
  CHECK(bench.write({captured_call()}));
  CHECK(bench.sink->close(bench.clock.now()));
  REQUIRE(bench.tape.lines().size() == 1);
  CHECK(bench.tape.text.find("captured") == std::string::npos);
}

TEST_CASE("gathered calls keep their log lines, and come when the interval ends", "[sinks][sink]") {
  Bench bench({}, aggregate());
  CHECK(bench.write({sample_call(), sample_call()}));
  REQUIRE(bench.tape.lines().size() == 2);
  CHECK_FALSE(has_metrics(bench.tape.lines()[0]));

  bench.advance(bench.sink->next_tick() - bench.clock.now().monotonic - 1ns);
  CHECK(bench.tick());
  CHECK(bench.tape.lines().size() == 2);
  bench.advance(1ns);
  CHECK(bench.tick());
  REQUIRE(bench.tape.lines().size() == 3);
  CHECK(find_member(bench.tape.lines()[2], "tool_call_count") == "2");
  CHECK(bench.sink->next_tick() == std::chrono::nanoseconds::max());
}

TEST_CASE("more calls than can be gathered are written early", "[sinks][sink]") {
  Bench bench({.log_lines = false}, aggregate());
  const std::vector<Entry> batch(EmfAggregate::kCallsMax / 4, sample_call());
  for (int i = 0; i < 5; ++i) CHECK(bench.write(batch));
  const std::size_t early = bench.tape.lines().size();
  CHECK(early == (EmfAggregate::kCallsMax + 99) / 100);
  CHECK(bench.sink->close(bench.clock.now()));
  std::size_t calls = 0;
  for (const std::string& line : bench.tape.lines()) {
    calls += EmfChecker(line).values("ToolDuration").size();
  }
  CHECK(calls == 5 * batch.size());
}

TEST_CASE("close brings out what was gathered", "[sinks][sink]") {
  Bench bench({}, aggregate());
  CHECK(bench.write({sample_call()}));
  CHECK(bench.sink->close(bench.clock.now()));
  CHECK(bench.tape.lines().size() == 2);
  CHECK(bench.tape.closed);
}

TEST_CASE("after a failure the batch waits, and the next is not taken", "[sinks][sink]") {
  Bench bench;
  bench.tape.refuse = Error(Errc::kUnavailable, "disk full");
  CHECK(bench.write({sample_call("first")}));
  CHECK(bench.sink->next_tick() == bench.clock.now().monotonic + CallSink::kRetry);
  CHECK(bench.sink->fault() == "disk full");

  const Status refused = bench.write({sample_call("second")});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().code() == Errc::kUnavailable);
  CHECK(refused.error().message() == "disk full");
  bench.advance(CallSink::kRetry);
  CHECK_FALSE(bench.tick());

  bench.tape.refuse.reset();
  CHECK(bench.write({sample_call("second")}));
  REQUIRE(bench.tape.lines().size() == 2);
  CHECK(find_member(bench.tape.lines()[0], "tool") == "\"first\"");
  CHECK(find_member(bench.tape.lines()[1], "tool") == "\"second\"");
  CHECK(bench.sink->fault().empty());
  CHECK(bench.sink->next_tick() == std::chrono::nanoseconds::max());
}

TEST_CASE("a batch that is refused has no effect on metrics", "[sinks][sink]") {
  Bench bench({}, aggregate());
  bench.tape.refuse = Error(Errc::kUnavailable, "away");
  CHECK(bench.write({sample_call()}));
  for (int i = 0; i < 5; ++i) CHECK_FALSE(bench.write({sample_call()}));
  bench.tape.refuse.reset();
  CHECK(bench.write({sample_call()}));
  CHECK(bench.sink->close(bench.clock.now()));
  CHECK(find_member(bench.tape.lines().back(), "tool_call_count") == "2");
}

TEST_CASE("tick tries again by itself", "[sinks][sink]") {
  Bench bench;
  bench.tape.refuse = Error(Errc::kUnavailable, "disk full");
  CHECK(bench.write({sample_call()}));
  bench.tape.refuse.reset();
  CHECK(bench.tick());
  CHECK(bench.tape.text.empty());
  bench.advance(CallSink::kRetry);
  CHECK(bench.tick());
  CHECK(bench.tape.lines().size() == 1);
}

TEST_CASE("a busy output gets the rest later, nothing twice", "[sinks][sink]") {
  Bench bench;
  bench.tape.room = 4000;
  CHECK(bench.write(std::vector<Entry>(10, sample_call())));
  CHECK(bench.tape.lines().size() < 10);
  CHECK_FALSE(bench.write({sample_call()}));
  bench.tape.room = 1'000'000;
  CHECK(bench.write({sample_call()}));
  CHECK(bench.tape.lines().size() == 11);
}

TEST_CASE("what one batch holds beyond the limit is dropped and counted", "[sinks][sink]") {
  Bench bench;
  bench.tape.refuse = Error(Errc::kUnavailable, "away");
  CHECK(bench.write(std::vector<Entry>(3000, sample_call())));
  const std::uint64_t dropped = bench.stats.read(Stat::kLinesDropped);
  CHECK(dropped > 0);
  bench.tape.refuse.reset();
  CHECK(bench.write({}));
  CHECK(bench.tape.lines().size() + dropped == 3000);
  CHECK(bench.tape.text.size() < CallSink::kWaitingBytesMax + 10'000);
}

TEST_CASE("what still waits at the end is dropped and counted", "[sinks][sink]") {
  Bench bench;
  bench.tape.refuse = Error(Errc::kUnavailable, "away");
  CHECK(bench.write({sample_call(), sample_call()}));
  CHECK_FALSE(bench.sink->close(bench.clock.now()));
  CHECK(bench.stats.read(Stat::kLinesDropped) == 2);
  CHECK(bench.tape.closed);
}

TEST_CASE("a line over the limit is written with its texts cut short", "[sinks][sink]") {
  Bench bench({}, {}, "", 6000);
  CallRecord call = sample_call();
  const std::string evil(2000, '\x01');
  call.request_id = call.error_message = call.resource_uri = call.user_id = evil;
  call.args_keys.assign(32, evil);
  CHECK(bench.write({call}));
  REQUIRE(bench.tape.lines().size() == 1);
  CHECK(bench.tape.text.size() <= 6000);
  CHECK(EmfChecker(bench.tape.lines()[0]).faults().empty());
  CHECK(bench.stats.read(Stat::kFieldsTruncated) > 0);
  CHECK(bench.stats.read(Stat::kLinesDropped) == 0);
}

TEST_CASE("a line that cannot be short enough is dropped and counted", "[sinks][sink]") {
  Bench bench({}, {}, "", 300);
  CHECK(bench.write({sample_call()}));
  CHECK(bench.tape.text.empty());
  CHECK(bench.stats.read(Stat::kLinesDropped) == 1);
}

TEST_CASE("the worst record fits the default limit without more cuts", "[sinks][sink]") {
  Bench bench;
  CallRecord call = failed_call();
  const std::string evil(100'000, '\x01');
  call.tap = std::make_shared<const TapIdentity>(TapIdentity{.server_name = evil,
                                                             .service = evil,
                                                             .environment = evil,
                                                             .instance = evil,
                                                             .tap_version = evil});
  call.client = call.server = std::make_shared<const Peer>(Peer{.name = evil, .version = evil});
  for (std::string* text :
       {&call.request_id, &call.wire_id.text, &call.tool_call_id, &call.correlation_id,
        &call.session_id, &call.mcp_session_id, &call.turn_id, &call.user_id, &call.tool_name,
        &call.resource_uri, &call.protocol_version, &call.args_hash, &call.hash_key_id,
        &call.result_hash, &call.result_summary, &call.error_type, &call.error_message}) {
    *text = evil;
  }
  call.wire_id.type = WireId::Type::kString;
  call.args_keys.assign(100, evil);
  CHECK(bench.write({call}));
  REQUIRE(bench.tape.lines().size() == 1);
  CHECK(bench.tape.text.size() > std::size_t{128} * 1024);
  CHECK(EmfChecker(bench.tape.lines()[0]).faults().empty());
}

TEST_CASE("of several sinks one counts the calls", "[sinks][sink]") {
  Stats stats;
  Tape file;
  Tape agent;
  std::vector<CallRoute> routes;
  routes.push_back({.output = std::make_unique<FakeOutput>(file), .shows = {}, .envelope = ""});
  routes.push_back({.output = std::make_unique<FakeOutput>(agent),
                    .shows = {.log_lines = false, .events = false},
                    .envelope = agent_envelope({}, "search")});
  auto sinks = make_call_sinks(std::move(routes), {}, stats);
  REQUIRE(sinks);
  CallRecord call = sample_call();
  call.tool_known = false;
  const std::vector<Entry> batch{call};
  for (const auto& sink : *sinks) CHECK(sink->write(batch, ManualClock().now()));
  CHECK(stats.read(Stat::kUnknownTools) == 1);
  CHECK(file.text.find("LogGroupName") == std::string::npos);
  CHECK(agent.text.find(R"("LogGroupName":"search-metrics")") != std::string::npos);
}

TEST_CASE("a faulty configuration of metrics is refused", "[sinks][sink]") {
  Stats stats;
  Tape tape;
  EmfConfig config;
  config.dimensions = {{"Tool"}};
  std::vector<CallRoute> routes;
  routes.push_back({.output = std::make_unique<FakeOutput>(tape), .shows = {}, .envelope = ""});
  const auto refused = make_call_sinks(std::move(routes), config, stats);
  CHECK_FALSE(refused);
}

}  // namespace
}  // namespace sonde::sinks
