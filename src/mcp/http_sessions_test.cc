#include <string>
#include <string_view>
#include <vector>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators_all.hpp>

#include "mcp/http_outcome.h"
#include "mcp/http_replay_for_test.h"
#include "mcp/recent_names.h"

// Limits of HttpSessions, and its parts; what it concludes stands in tests/golden/http.

namespace sonde::mcp {
namespace {

using namespace std::chrono_literals;
using Body = ExchangeResponded::Body;
using How = ExchangeEnded::How;

std::string request(int id) {
  return R"({"id":)" + std::to_string(id) + R"(,"method":"tools/call","params":{"name":"t"}})";
}

/// A proxy's news, for short.
struct Told {
  explicit Told(HttpSessionsOptions options = {}) : replay(options) {}

  void began(std::uint64_t exchange, std::string session = {}, std::string subject = {}) {
    ExchangeBegan news;
    news.at = replay.now();
    news.method = HttpMethod::kPost;
    news.session_id = std::move(session);
    news.subject = std::move(subject);
    replay.tell(exchange, std::move(news));
  }
  void responded(std::uint64_t exchange, int status, Body body, std::string session = {}) {
    replay.tell(
        exchange,
        ExchangeResponded{
            .at = replay.now(), .status = status, .body = body, .session_id = std::move(session)});
  }
  void ended(std::uint64_t exchange, How how = How::kComplete) {
    replay.tell(exchange, ExchangeEnded{.at = replay.now(), .how = how});
  }
  /// A session with one call that stays open.
  void session_with_call(std::uint64_t exchange, const std::string& session) {
    began(exchange, session);
    replay.pass(exchange, Direction::kToServer, request(1));
    responded(exchange, 200, Body::kEvents);
    ended(exchange, How::kClientGone);
  }
  std::uint64_t count(Stat stat) { return replay.stats.read(stat); }

  HttpReplay replay;
};

TEST_CASE("the oldest exchange makes room for a new one", "[mcp][http]") {
  HttpSessionsOptions options;
  options.exchanges_max = 2;
  Told told(options);
  for (std::uint64_t exchange = 1; exchange <= 3; ++exchange) {
    told.began(exchange);
    told.replay.pass(exchange, Direction::kToServer, request(1));
  }

  CHECK(told.replay.sessions.open_exchanges() == 2);
  CHECK(told.count(Stat::kExchangesEvicted) == 1);
  REQUIRE(told.replay.calls.size() == 1);
  CHECK(told.replay.calls[0].record.status == CallStatus::kAborted);
  CHECK(told.replay.calls[0].record.error_type == "evicted");
  CHECK(told.replay.calls[0].record.correlation_id == "c1");
}

TEST_CASE("connections that failed are told once an interval, with their number", "[mcp][http]") {
  HttpSessionsOptions options;
  options.gauges_every = 10s;
  Told told(options);
  for (std::uint64_t exchange = 1; exchange <= 3; ++exchange) {
    told.began(exchange);
    told.ended(exchange, exchange == 2 ? How::kUpstreamReset : How::kUpstreamUnreached);
  }
  const auto unreached = [&] {
    std::vector<std::uint64_t> counts;
    for (const Event& event : told.replay.events) {
      if (event.type == Event::Type::kServerUnreached) counts.push_back(event.count);
    }
    return counts;
  };
  CHECK(unreached().empty());
  Moment later = told.replay.now();
  later.monotonic += 10s;
  told.replay.sessions.tick(later);
  CHECK(unreached() == std::vector<std::uint64_t>{2});
  CHECK(told.replay.events.back().measured ==
        std::vector<Measured>{{.metric = Metric::kConnectionFailures, .value = 2}});
  later.monotonic += 10s;
  told.replay.sessions.tick(later);
  CHECK(unreached().size() == 1);
}

TEST_CASE("too many open calls end the session that was not used for longest", "[mcp][http]") {
  HttpSessionsOptions options;
  options.calls_max = 2;
  Told told(options);
  told.session_with_call(1, "a");
  told.session_with_call(2, "b");
  told.session_with_call(3, "c");

  CHECK(told.replay.sessions.open_calls() == 2);
  CHECK(told.count(Stat::kSessionsEvicted) == 1);
  REQUIRE(told.replay.calls.size() == 1);
  CHECK(told.replay.calls[0].record.correlation_id == "c1");
}

TEST_CASE("made-up session ids displace no session", "[mcp][http]") {
  HttpSessionsOptions options;
  options.sessions_max = 2;
  Told told(options);
  told.session_with_call(1, "a");
  told.session_with_call(2, "b");
  for (std::uint64_t exchange = 3; exchange < 20; ++exchange) {
    told.began(exchange, "made up " + std::to_string(exchange));
    told.replay.pass(exchange, Direction::kToServer, request(1));
    told.responded(exchange, 404, Body::kJson);
    told.ended(exchange);
  }

  CHECK(told.count(Stat::kSessionsEvicted) == 0);
  CHECK(told.replay.sessions.open_calls() == 2);
  CHECK(told.replay.calls.size() == 17);
}

TEST_CASE("arguments of all sessions are held within one limit", "[mcp][http]") {
  HttpSessionsOptions options;
  options.session.held_bytes_max = options.shared.held_bytes_max = 10;
  Told told(options);
  for (std::uint64_t exchange = 1; exchange <= 3; ++exchange) {
    told.began(exchange, std::to_string(exchange));
    told.replay.pass(exchange, Direction::kToServer,
                     R"({"id":1,"method":"tools/call","params":{"name":"t","arguments":{"a":1}}})");
    told.responded(exchange, 200, Body::kEvents);
  }
  told.replay.end();

  std::size_t whole = 0;
  for (const ObservedCall& call : told.replay.calls) whole += call.arguments.truncated ? 0U : 1U;
  CHECK(told.replay.calls.size() == 3);
  CHECK(whole == 1);
}

TEST_CASE("users are told apart up to a limit, by subject or else by session", "[mcp][http]") {
  HttpSessionsOptions options;
  options.users_max = 2;
  Told told(options);
  const auto ask = [&](std::uint64_t exchange, const std::string& session, std::string subject) {
    told.began(exchange, session, std::move(subject));
    told.replay.pass(exchange, Direction::kToServer, request(1));
    told.responded(exchange, 200, Body::kEvents);
  };
  ask(1, "a", "ann");
  ask(2, "b", "ann");
  CHECK(told.replay.sessions.gauges(told.replay.now()).active_users == 1);
  ask(3, "b", "");
  ask(4, "", "");
  CHECK(told.replay.sessions.gauges(told.replay.now()).active_users == 2);
  ask(5, "", "bob");
  CHECK(told.replay.sessions.gauges(told.replay.now()).active_users == 2);
  CHECK(told.count(Stat::kUsersForgotten) == 1);
}

TEST_CASE("a subject is recorded as it is only where that is wished", "[mcp][http]") {
  HttpSessionsOptions options;
  options.raw_user_id = GENERATE(false, true);
  Told told(options);
  told.began(1, "", "ann");
  told.replay.pass(1, Direction::kToServer, request(1));
  told.ended(1);

  REQUIRE(told.replay.calls.size() == 1);
  CHECK((told.replay.calls[0].record.user_id == "ann") == options.raw_user_id);
  CHECK(told.replay.calls[0].record.user_id.starts_with(options.raw_user_id ? "ann" : "u1:"));
}

TEST_CASE("a session in use is not idle, however long its stream is silent", "[mcp][http]") {
  HttpSessionsOptions options;
  options.session_idle_max = 1h;
  Told told(options);
  told.began(1, "a");
  told.responded(1, 200, Body::kEvents);
  told.replay.advance(3h);
  CHECK(told.replay.sessions.gauges(told.replay.now()).sessions == 1);
  told.ended(1);
  told.replay.advance(2min);
  CHECK(told.replay.sessions.gauges(told.replay.now()).sessions == 0);
  CHECK(told.count(Stat::kSessionsExpired) == 1);
}

TEST_CASE("nothing is due while nothing is there", "[mcp][http]") {
  Told told;
  CHECK(told.replay.sessions.next_due() == std::chrono::nanoseconds::max());
  told.began(1);
  told.replay.pass(1, Direction::kToServer, request(1));
  CHECK(told.replay.sessions.next_due() < std::chrono::nanoseconds::max());
  told.ended(1);
  CHECK(told.replay.sessions.next_due() == std::chrono::nanoseconds::max());
}

TEST_CASE("how HTTP failed says how the call ended", "[mcp][http]") {
  const auto [how, status, body, modern, in_session, expected] =
      GENERATE(table<How, int, Body, bool, bool, std::string>({
          {How::kComplete, 401, Body::kNone, false, false, "denied 401"},
          {How::kComplete, 403, Body::kJson, true, false, "denied 403"},
          {How::kComplete, 408, Body::kNone, false, true, "timeout timeout"},
          {How::kComplete, 504, Body::kNone, false, false, "timeout timeout"},
          {How::kComplete, 404, Body::kJson, false, true, "error 404"},
          {How::kComplete, 502, Body::kNone, true, false, "error 502"},
          {How::kComplete, 200, Body::kJson, false, true, "error no_response"},
          {How::kComplete, 200, Body::kEvents, false, true, "open"},
          {How::kComplete, 200, Body::kEvents, false, false, "error no_response"},
          {How::kComplete, 200, Body::kEvents, true, false, "error no_response"},
          {How::kComplete, 202, Body::kNone, false, true, "open"},
          {How::kClientGone, 200, Body::kEvents, false, true, "open"},
          {How::kClientGone, 0, Body::kNone, false, true, "open"},
          {How::kClientGone, 200, Body::kEvents, false, false, "aborted client_closed"},
          {How::kClientGone, 200, Body::kEvents, true, false, "cancelled cancelled"},
          {How::kClientGone, 401, Body::kJson, true, false, "denied 401"},
          {How::kUpstreamReset, 200, Body::kEvents, false, true, "error upstream_reset"},
          {How::kUpstreamUnreached, 502, Body::kNone, false, false, "error upstream_unreached"},
          {How::kUpstreamTimeout, 504, Body::kNone, false, false, "timeout timeout"},
          {How::kDenied, 200, Body::kJson, false, true, "denied policy"},
          {How::kCircling, 0, Body::kNone, false, true, "denied thrash"},
          {How::kRefused, 400, Body::kNone, false, false, "error refused"},
          {How::kStopped, 0, Body::kNone, true, false, "aborted proxy_stopped"},
      }));
  const auto outcome = outcome_of(
      {.how = how, .status = status, .body = body, .modern = modern, .in_session = in_session});
  CHECK((outcome ? std::string(to_string(outcome->status)) + " " + outcome->error_type : "open") ==
        expected);
}

TEST_CASE("a name counts until it was not seen for the window", "[mcp][http]") {
  RecentNames names(10, 5min);
  CHECK_FALSE(names.saw("a", 0min));
  CHECK_FALSE(names.saw("b", 1min));
  CHECK_FALSE(names.saw("a", 2min));
  CHECK(names.count(2min) == 2);
  CHECK(names.count(6min) == 1);
  CHECK(names.count(7min) == 0);
}

TEST_CASE("a name that is too many makes the longest unseen one forgotten", "[mcp][http]") {
  RecentNames names(2, 5min);
  names.saw("a", 0min);
  names.saw("b", 1min);
  names.saw("a", 2min);
  CHECK(names.saw("c", 3min));
  CHECK(names.count(3min) == 2);
  CHECK_FALSE(names.saw("a", 4min));
  // What is out of the window makes room without being missed.
  CHECK_FALSE(names.saw("d", 8min));
}

}  // namespace
}  // namespace sonde::mcp
