// Property: for any sequence of reports, however incomplete, each request that had got its ids
// is recorded exactly once by the end, or joined to a call that is; what is kept stays within
// its limits; gauges count what is there; no session's handle and no subject is shown.

#include <array>
#include <chrono>
#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "mcp/fuzz_words_for_test.h"
#include "mcp/http_replay_for_test.h"

namespace {

using namespace sonde;
using namespace sonde::mcp;

constexpr std::array<std::string_view, 4> kSessions{"", "", "SECRET-1", "SECRET-2"};
constexpr std::array<std::string_view, 4> kPaths{"/mcp", "/sse", "/m?s=SECRET-3", "/m?s=SECRET-4"};
constexpr std::array<std::string_view, 4> kVersions{"", "2025-06-18", "2026-07-28", "latest"};
constexpr std::array<std::string_view, 3> kSubjects{"", "SECRET-ann", "SECRET-bob"};
constexpr std::array<int, 10> kStatuses{200, 200, 200, 202, 204, 307, 401, 404, 500, 504};

class Checked {
 public:
  explicit Checked(HttpSessionsOptions options) : options_(options), replay_(options) {}

  void step(Decisions& decide) {
    const std::uint64_t exchange = 1 + decide.below(8);
    switch (decide.below(9)) {
      case 0:
        return begin(exchange, decide);
      case 1:
      case 2:
        return pass(exchange, Direction::kToServer, request(decide), decide);
      case 3:
        return pass(exchange, Direction::kToClient, request(decide), decide);
      case 4:
        return pass(exchange, Direction::kToClient, answer(decide), decide);
      case 5:
        return pass(exchange, decide.below(2) == 0 ? Direction::kToServer : Direction::kToClient,
                    note(decide), decide);
      case 6:
        return respond(exchange, decide);
      case 7:
        return end(exchange, decide);
      default:
        return wait(decide);
    }
  }

  void finish() {
    replay_.end();
    require(replay_.sessions.open_calls() == 0 && replay_.sessions.open_exchanges() == 0);
    require(replay_.sessions.gauges(replay_.now()).sessions == 0);
    require(replay_.sessions.gauges(replay_.now()).active_sse_streams == 0);
    std::set<std::string> recorded;
    for (const ObservedCall& call : replay_.calls) {
      check(call.record);
      if (call.record.direction == Direction::kToServer) {
        require(recorded.insert(call.record.request_id).second);
      }
    }
    require(recorded.size() + replay_.stats.read(Stat::kRequestsJoined) == replay_.stamped);
    for (const Event& event : replay_.events) require(!shows_secret(event.session_id));
  }

 private:
  void begin(std::uint64_t exchange, Decisions& decide) {
    ExchangeBegan began;
    began.at = replay_.now();
    began.method = static_cast<HttpMethod>(decide.below(4));
    began.session_id = decide.of(kSessions);
    began.path = decide.of(kPaths);
    began.version = decide.of(kVersions);
    began.subject = decide.of(kSubjects);
    replay_.tell(exchange, std::move(began), upstream(exchange));
  }
  void pass(std::uint64_t exchange, Direction direction, const std::string& text, Decisions&) {
    replay_.pass(exchange, direction, text, upstream(exchange));
    check_limits();
  }
  void respond(std::uint64_t exchange, Decisions& decide) {
    if (decide.below(4) == 0) {
      return replay_.tell(exchange, ExchangeEndpoint{.path = decide.of(kPaths)},
                          upstream(exchange));
    }
    replay_.tell(exchange,
                 ExchangeResponded{.at = replay_.now(),
                                   .status = kStatuses[decide.below(kStatuses.size())],
                                   .body = static_cast<ExchangeResponded::Body>(decide.below(4)),
                                   .session_id = decide.of(kSessions)},
                 upstream(exchange));
    check_limits();
  }
  void end(std::uint64_t exchange, Decisions& decide) {
    replay_.tell(
        exchange,
        ExchangeEnded{.at = replay_.now(), .how = static_cast<ExchangeEnded::How>(decide.below(8))},
        upstream(exchange));
  }
  void wait(Decisions& decide) {
    static constexpr std::array<int, 4> kSeconds{1, 40, 700, 4000};
    replay_.advance(std::chrono::seconds(kSeconds[decide.below(kSeconds.size())]));
    check_limits();
  }

  static std::string request(Decisions& decide) {
    return R"({"id":)" + decide.of(kIds) + R"(,"method":")" + decide.of(kMethods) +
           R"(","params":)" + decide.of(kParams) + "}";
  }
  static std::string answer(Decisions& decide) {
    const std::string id = decide.of(kIds);
    if (decide.below(4) == 0) return R"({"id":)" + id + R"(,"error":{"code":-1,"message":"m"}})";
    return R"({"id":)" + id + R"(,"result":)" + decide.of(kResults) + "}";
  }
  static std::string note(Decisions& decide) {
    return R"({"method":")" + decide.of(kNotifications) + R"(","params":)" + decide.of(kParams) +
           "}";
  }
  static std::uint32_t upstream(std::uint64_t exchange) {
    return static_cast<std::uint32_t>(exchange % 2);
  }

  void check_limits() {
    const Gauges gauges = replay_.sessions.gauges(replay_.now());
    require(gauges.sessions <= options_.sessions_max);
    require(gauges.idle_sessions <= gauges.sessions);
    require(gauges.active_users <= options_.users_max);
    require(gauges.active_sse_streams <= replay_.sessions.open_exchanges());
    require(replay_.sessions.open_exchanges() <= options_.exchanges_max);
    // Those of the two shared trackers, in both directions and parked, come on top.
    const std::size_t shared =
        2 * (2 * options_.shared.outstanding_max + options_.shared.parked_max);
    require(replay_.sessions.open_calls() <= options_.calls_max + shared);
  }

  static bool shows_secret(std::string_view text) {
    return text.find("SECRET") != std::string_view::npos;
  }
  static void check(const CallRecord& record) {
    require(!shows_secret(record.session_id) && !shows_secret(record.mcp_session_id));
    require(!shows_secret(record.user_id));
    require(record.duration >= std::chrono::nanoseconds(0));
    require(!record.request_id.empty() && !record.session_id.empty());
    require(!record.correlation_id.empty());
    require((record.status == CallStatus::kOk) == record.error_type.empty());
    require(record.tap != nullptr);
  }

  const HttpSessionsOptions options_;
  HttpReplay replay_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size > 4096) return 0;
  Decisions decide({reinterpret_cast<const char*>(data), size});
  HttpSessionsOptions options;
  options.session.outstanding_max = static_cast<std::uint32_t>(1 + decide.below(4));
  options.shared.outstanding_max = static_cast<std::uint32_t>(1 + decide.below(8));
  options.session.parked_max = options.shared.parked_max =
      static_cast<std::uint32_t>(1 + decide.below(3));
  options.sessions_max = static_cast<std::uint32_t>(1 + decide.below(4));
  options.exchanges_max = static_cast<std::uint32_t>(1 + decide.below(8));
  options.calls_max = static_cast<std::uint32_t>(2 + decide.below(8));
  options.users_max = static_cast<std::uint32_t>(1 + decide.below(3));
  options.session_idle_max = std::chrono::seconds(1 + decide.below(2) * 3000);
  Checked checked(options);
  for (int steps = 0; decide.any() && steps < 300; ++steps) checked.step(decide);
  checked.finish();
  return 0;
}
