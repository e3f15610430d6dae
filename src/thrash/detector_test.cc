#include "thrash/detector.h"

#include <catch2/catch_test_macros.hpp>

#include "thrash/agent_for_test.h"

namespace sonde::thrash {
namespace {

using Pattern = ThrashEvidence::Pattern;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr auto kNoon = seconds(1'795'176'000);

/// An agent, and a detector that sees what it does.
class Watched {
 public:
  explicit Watched(const ThrashConfig& config = {}, const Limits& limits = {},
                   const Context& context = {})
      : denials(std::make_unique<DenyTable>()),
        detector(config, context, limits, stats, denials.get()) {}

  Agent agent{"s-1", 1, kNoon};

  /// The events of a kind that what the agent has done by now gives.
  std::vector<Event> events(Event::Type type) {
    show();
    std::vector<Event> found;
    for (const Event& event : all) {
      if (event.type == type) found.push_back(event);
    }
    return found;
  }
  std::vector<Event> thrash() { return events(Event::Type::kThrash); }
  void show() {
    for (const CallRecord& call : agent.take()) take(call);
  }
  void take(const CallRecord& call) {
    detector.take(call, {.wall = call.ended_at, .monotonic = call.ended_at}, all);
  }
  void end() {
    show();
    detector.end({.wall = agent.now(), .monotonic = agent.now()}, all);
  }

  Stats stats;
  std::unique_ptr<DenyTable> denials;
  Detector detector;
  std::vector<Event> all;
};

void repeat(Agent& agent, int times, double pause = 1) {
  for (int i = 0; i < times; ++i) {
    agent.ok("read_file", R"({"path":"a"})", "text");
    agent.pause(pause);
  }
}

TEST_CASE("the same call with the same result is told the sixth time", "[detector]") {
  Watched watched;
  repeat(watched.agent, 5);
  CHECK(watched.thrash().empty());
  repeat(watched.agent, 1);
  const auto told = watched.thrash();
  REQUIRE(told.size() == 1);
  CHECK(told[0].thrash->pattern == Pattern::kRepeat);
  CHECK(told[0].thrash->tools == std::vector<std::string>{"read_file"});
  CHECK(told[0].count == 6);
  CHECK(told[0].thrash->args_hash.starts_with("c1:"));
  CHECK(told[0].thrash->span >= seconds(5));
  CHECK(told[0].thrash->span < seconds(9));
  CHECK(told[0].measured == std::vector<Measured>{{Metric::kAgentThrash, 1}});
  CHECK(told[0].session_id == "s-1");
  CHECK(watched.stats.read(Stat::kThrashFound) == 1);
}

TEST_CASE("the evidence names the first and the last request", "[detector]") {
  Watched watched;
  watched.agent.ok("list", "", "files");
  repeat(watched.agent, 6);
  const auto calls = watched.agent.take();
  for (const CallRecord& call : calls) watched.take(call);
  const auto told = watched.thrash();
  REQUIRE(told.size() == 1);
  CHECK(told[0].thrash->first_request_id == calls[1].request_id);
  CHECK(told[0].request_id == calls[6].request_id);
}

TEST_CASE("a pattern is told again only when it has doubled", "[detector]") {
  Watched watched;
  repeat(watched.agent, 50);
  std::vector<std::uint64_t> counts;
  for (const Event& event : watched.thrash()) counts.push_back(event.count);
  CHECK(counts == std::vector<std::uint64_t>{6, 12, 24, 48});
}

TEST_CASE("another result begins anew", "[detector]") {
  Watched watched;
  for (int i = 0; i < 40; ++i) {
    watched.agent.ok("status", "", std::to_string(i / 4));
    watched.agent.pause(1);
  }
  CHECK(watched.thrash().empty());
}

TEST_CASE("news of progress begins anew", "[detector]") {
  Watched watched;
  for (int i = 0; i < 40; ++i) {
    watched.agent.ok("wait", "", "still running");
    watched.agent.with_progress(3);
  }
  CHECK(watched.thrash().empty());
}

TEST_CASE("polls of a task are the protocol's business", "[detector]") {
  Watched watched;
  for (int i = 0; i < 40; ++i) {
    watched.agent.ok("", "", "working");
    watched.agent.with_method("tasks/get");
  }
  CHECK(watched.thrash().empty());
  CHECK(watched.detector.sessions() == 0);
}

TEST_CASE("who waits may ask four times as often, and is told as polling", "[detector]") {
  Watched watched;
  repeat(watched.agent, 17, 30);
  CHECK(watched.thrash().empty());
  repeat(watched.agent, 1, 30);
  REQUIRE(watched.thrash().size() == 1);
  CHECK(watched.thrash()[0].thrash->pattern == Pattern::kPoll);
}

TEST_CASE("what was not asked again within the window is forgotten", "[detector]") {
  Watched watched;
  for (int i = 0; i < 5; ++i) {
    repeat(watched.agent, 5);
    watched.agent.pause(601);
  }
  CHECK(watched.thrash().empty());
}

TEST_CASE("the same call asked several times at once is asked once", "[detector]") {
  Watched watched;
  watched.agent.together(std::vector<Agent::Asked>(12, {"read_file", "{}", "text"}));
  CHECK(watched.thrash().empty());
}

TEST_CASE("a tool that fails six times is told, whatever its arguments", "[detector]") {
  Watched watched;
  for (int i = 0; i < 6; ++i) {
    CHECK(watched.thrash().empty());
    watched.agent.error("open", std::to_string(i), "no such file: <path>");
    watched.agent.pause(2);
  }
  const auto told = watched.thrash();
  REQUIRE(told.size() == 1);
  CHECK(told[0].thrash->pattern == Pattern::kFailure);
  CHECK(told[0].thrash->error_message == "no such file: <path>");
}

TEST_CASE("a success ends a row of failures", "[detector]") {
  Watched watched;
  for (int i = 0; i < 40; ++i) {
    watched.agent.error("open", std::to_string(i), "no such file: <path>");
    if (i % 4 == 3) watched.agent.ok("open", std::to_string(i), "text");
    watched.agent.pause(2);
  }
  CHECK(watched.thrash().empty());
}

TEST_CASE("failures of one tool are none of another", "[detector]") {
  Watched watched;
  for (int i = 0; i < 12; ++i) {
    watched.agent.error("tool" + std::to_string(i % 4), std::to_string(i), "bad");
    watched.agent.pause(2);
  }
  CHECK(watched.thrash().empty());
}

TEST_CASE("a call that fails the same way is told once, as a failure", "[detector]") {
  Watched watched;
  for (int i = 0; i < 8; ++i) {
    watched.agent.error("open", "x", "no such file: <path>");
    watched.agent.pause(2);
  }
  REQUIRE(watched.thrash().size() == 1);
  CHECK(watched.thrash()[0].thrash->pattern == Pattern::kFailure);
}

void in_turn(Agent& agent, int period, int rounds) {
  for (int i = 0; i < period * rounds; ++i) {
    agent.ok("tool" + std::to_string(i % period), "{}", "as ever");
    agent.pause(1);
  }
}

TEST_CASE("calls in turn are told in the fourth round, with their tools", "[detector]") {
  for (const int period : {2, 3, 4}) {
    INFO(period);
    Watched watched;
    in_turn(watched.agent, period, 3);
    CHECK(watched.thrash().empty());
    in_turn(watched.agent, period, 1);
    const auto told = watched.thrash();
    REQUIRE(told.size() == 1);
    CHECK(told[0].thrash->pattern == Pattern::kCycle);
    CHECK(told[0].count == static_cast<std::uint64_t>(4 * period));
    std::vector<std::string> tools;
    for (int i = 0; i < period; ++i) tools.push_back("tool" + std::to_string(i));
    CHECK(told[0].thrash->tools == tools);
  }
}

TEST_CASE("a cycle is not told as repetitions as well", "[detector]") {
  Watched watched;
  in_turn(watched.agent, 3, 30);
  for (const Event& event : watched.thrash()) CHECK(event.thrash->pattern == Pattern::kCycle);
  CHECK(watched.thrash().size() == 3);  // 12, 24 and 48 calls.
}

TEST_CASE("a cycle whose results change is work", "[detector]") {
  Watched watched;
  for (int i = 0; i < 20; ++i) {
    watched.agent.ok("edit", "{}", "edited " + std::to_string(i));
    watched.agent.pause(1);
    watched.agent.ok("test", "{}", "failed");
    watched.agent.pause(1);
  }
  CHECK(watched.thrash().empty());
}

TEST_CASE("sessions are judged apart", "[detector]") {
  Watched watched;
  for (int i = 0; i < 20; ++i) {
    Agent one("s-" + std::to_string(i), 1, kNoon + seconds(i));
    one.ok("read_file", "{}", "text");
    for (const CallRecord& call : one.take()) watched.take(call);
  }
  CHECK(watched.thrash().empty());
  CHECK(watched.detector.sessions() == 20);
}

TEST_CASE("without a session it is the MCP session that counts, or nothing", "[detector]") {
  for (const std::string mcp_session : {"", "m-1"}) {
    Watched watched;
    repeat(watched.agent, 10);
    for (CallRecord call : watched.agent.take()) {
      call.session_id = "none";
      call.mcp_session_id = mcp_session;
      watched.take(call);
    }
    CHECK(watched.thrash().size() == (mcp_session.empty() ? 0U : 1U));
  }
}

TEST_CASE("cancelled calls and results that nobody has seen whole prove nothing", "[detector]") {
  Watched watched;
  repeat(watched.agent, 20);
  int i = 0;
  for (CallRecord call : watched.agent.take()) {
    if (++i % 2 == 0) {
      call.status = CallStatus::kCancelled;
    } else {
      call.result_hash.clear();
    }
    watched.take(call);
  }
  CHECK(watched.thrash().empty());
}

TEST_CASE("memory has its limits, and what they cost is counted", "[detector]") {
  Watched watched({}, {.sessions_max = 10, .calls_max = 16});
  for (int session = 0; session < 40; ++session) {
    Agent one("s-" + std::to_string(session), 1, kNoon);
    for (int i = 0; i < 100; ++i) one.ok("read_file", std::to_string(i), "text");
    for (const CallRecord& call : one.take()) watched.take(call);
  }
  CHECK(watched.detector.sessions() == 10);
  CHECK(watched.stats.read(Stat::kThrashSessionsForgotten) == 30);
  CHECK(watched.stats.read(Stat::kThrashCallsForgotten) > 1000);
  CHECK(watched.detector.bytes_held() < 10 * 16 * 256);
}

TEST_CASE("a session that was silent for the window is not missed", "[detector]") {
  Watched watched({}, {.sessions_max = 1, .calls_max = 16});
  for (int session = 0; session < 3; ++session) {
    Agent one("s-" + std::to_string(session), 1, kNoon + minutes(11 * session));
    one.ok("read_file", "", "text");
    for (const CallRecord& call : one.take()) watched.take(call);
  }
  CHECK(watched.stats.read(Stat::kThrashSessionsForgotten) == 0);
}

// Denying.

DenyTable::Call the_call(const CallRecord& record) {
  return {.session = session_key(record.session_id),
          .server = record.tap->server_name,
          .tool = record.tool_name,
          .args_hash = record.args_hash};
}

TEST_CASE("what goes in circles is denied only where that is asked for", "[detector]") {
  for (const auto action : {ThrashConfig::Action::kObserve, ThrashConfig::Action::kDeny}) {
    Watched watched({.action = action});
    repeat(watched.agent, 6);
    const auto calls = watched.agent.take();
    for (const CallRecord& call : calls) watched.take(call);
    const auto now = calls.back().ended_at;
    const auto denial = watched.denials->find(the_call(calls.back()), now + seconds(1));
    CHECK(denial.has_value() == (action == ThrashConfig::Action::kDeny));
    if (!denial) continue;
    CHECK(denial->calls == 6);
    CHECK_FALSE(watched.denials->find(the_call(calls.back()), now + seconds(61)));
  }
}

TEST_CASE("another session's call, or another call, is not denied", "[detector]") {
  Watched watched({.action = ThrashConfig::Action::kDeny});
  repeat(watched.agent, 6);
  const CallRecord call = watched.agent.take().front();
  for (int i = 0; i < 6; ++i) {
    CallRecord again = call;
    again.started_at += seconds(i);
    again.ended_at += seconds(i);
    watched.take(again);
  }
  const auto now = call.ended_at + seconds(7);
  REQUIRE(watched.denials->find(the_call(call), now));
  auto other = the_call(call);
  other.session = session_key("s-2");
  CHECK_FALSE(watched.denials->find(other, now));
  other = the_call(call);
  other.args_hash = "c1:another";
  CHECK_FALSE(watched.denials->find(other, now));
}

TEST_CASE("a session that was inferred from a connection is known by that", "[detector]") {
  Watched watched({.action = ThrashConfig::Action::kDeny});
  repeat(watched.agent, 6);
  CallRecord last;
  for (CallRecord call : watched.agent.take()) {
    call.connection = 7;
    watched.take(call);
    last = call;
  }
  auto asked = the_call(last);
  CHECK_FALSE(watched.denials->find(asked, last.ended_at));
  asked.session = session_key(7);
  CHECK(watched.denials->find(asked, last.ended_at));
}

TEST_CASE("all calls of a cycle are denied", "[detector]") {
  Watched watched({.action = ThrashConfig::Action::kDeny});
  in_turn(watched.agent, 3, 4);
  const auto calls = watched.agent.take();
  for (const CallRecord& call : calls) watched.take(call);
  for (int i = 0; i < 3; ++i) {
    CHECK(
        watched.denials->find(the_call(calls[static_cast<std::size_t>(i)]), calls.back().ended_at));
  }
}

TEST_CASE("who goes on is denied for longer, and is told when it has doubled", "[detector]") {
  Watched watched({.action = ThrashConfig::Action::kDeny});
  repeat(watched.agent, 12, 1);
  auto calls = watched.agent.take();
  for (std::size_t i = 6; i < calls.size(); ++i) {
    calls[i].status = CallStatus::kDenied;
    calls[i].error_type = kDeniedType;
  }
  for (const CallRecord& call : calls) watched.take(call);
  CHECK(watched.thrash().size() == 2);
  const auto last = calls.back().ended_at;
  CHECK(watched.denials->find(the_call(calls.back()), last + seconds(59)));
}

// Turns and context.

TEST_CASE("a pause ends a turn, and calls at the same time are one iteration", "[turns]") {
  Watched watched;
  watched.agent.ok("a", "1", "x");
  watched.agent.together({{"a", "2", "x"}, {"a", "3", "x"}, {"a", "4", "x"}});
  watched.agent.pause(61);
  watched.agent.ok("a", "5", "x");
  watched.end();
  const auto turns = watched.events(Event::Type::kTurnEnd);
  REQUIRE(turns.size() == 2);
  CHECK(turns[0].count == 4);
  CHECK(turns[0].turn->iterations == 2);
  CHECK(turns[0].turn->inferred);
  CHECK(turns[0].measured == std::vector<Measured>{{Metric::kIterationsPerTurn, 2}});
  CHECK(turns[1].count == 1);
}

TEST_CASE("a turn that the client names goes as far as its name", "[turns]") {
  Watched watched;
  for (int i = 0; i < 6; ++i) {
    watched.agent.ok("a", std::to_string(i), "x");
    watched.agent.pause(i == 1 ? 90 : 1);
  }
  int i = 0;
  for (CallRecord call : watched.agent.take()) {
    call.turn_id = i++ < 4 ? "t-1" : "t-2";
    watched.take(call);
  }
  watched.end();
  const auto turns = watched.events(Event::Type::kTurnEnd);
  REQUIRE(turns.size() == 2);
  CHECK(turns[0].turn->turn_id == "t-1");
  CHECK(turns[0].turn->iterations == 4);
  CHECK_FALSE(turns[0].turn->inferred);
  CHECK(turns[1].turn->iterations == 2);
}

/// Puts the calls into traces of the client, `per_trace` each.
std::vector<CallRecord> traced(std::vector<CallRecord> calls, int per_trace) {
  for (std::size_t i = 0; i < calls.size(); ++i) {
    calls[i].span.trace_id.bytes = {1};
    calls[i].span.trace_id.bytes[1] =
        static_cast<std::uint8_t>(i / static_cast<std::size_t>(per_trace));
    calls[i].span.parent_span_id.bytes = {1};
  }
  return calls;
}

TEST_CASE("a trace of the client is a turn if it holds more than one call", "[turns]") {
  for (const auto& [per_trace, expected] : {std::pair(3, 3), std::pair(1, 1)}) {
    Watched watched;
    for (int i = 0; i < 9; ++i) {
      watched.agent.ok("a", std::to_string(i), "x");
      watched.agent.pause(1);
    }
    for (const CallRecord& call : traced(watched.agent.take(), per_trace)) watched.take(call);
    watched.end();
    CHECK(watched.events(Event::Type::kTurnEnd).size() == static_cast<std::size_t>(expected));
  }
}

TEST_CASE("the clock ends a turn after which nothing comes", "[turns]") {
  Watched watched;
  watched.agent.ok("a", "1", "x");
  watched.show();
  const auto due = watched.detector.next_due();
  REQUIRE(due != std::chrono::nanoseconds::max());
  watched.detector.tick({.wall = due, .monotonic = due - seconds(1)}, watched.all);
  CHECK(watched.all.empty());
  watched.detector.tick({.wall = due, .monotonic = due}, watched.all);
  CHECK(watched.all.size() == 1);
  CHECK(watched.detector.next_due() == std::chrono::nanoseconds::max());
}

TEST_CASE("results that fill the context are told once a session", "[context]") {
  Watched watched({}, {}, {.limit_tokens = 1000});
  const std::string result(400, 'x');  // A hundred tokens.
  for (int i = 0; i < 12; ++i) {
    watched.agent.ok("a", std::to_string(i), result);
    CHECK(watched.events(Event::Type::kContextHigh).size() == (i < 8 ? 0U : 1U));
  }
  const auto told = watched.events(Event::Type::kContextHigh);
  CHECK(told[0].result_tokens == 900);
  CHECK(told[0].measured == std::vector<Measured>{{Metric::kSessionResultTokens, 900}});
}

}  // namespace
}  // namespace sonde::thrash
