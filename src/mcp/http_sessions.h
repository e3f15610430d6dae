#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "base/stats.h"
#include "mcp/call_tracker.h"
#include "mcp/http_report.h"
#include "mcp/inferred_sessions.h"
#include "model/gauges.h"
#include "privacy/hash_key.h"

namespace sonde::mcp {

struct HttpSessionsOptions {
  TrackerOptions session;  ///< Of each MCP session.
  /// Of what belongs to none, per upstream: of many clients at once, so there may be more of it.
  TrackerOptions shared{.outstanding_max = 65'536, .parked_max = 4096};
  std::uint32_t sessions_max = 10'000;   ///< MCP sessions of all upstreams.
  std::uint32_t exchanges_max = 65'536;  ///< Open at once.
  std::uint32_t calls_max = 65'536;      ///< Open at once, of all MCP sessions.
  InferredSessions::Limits inferred;     ///< Of requests that name no session.
  std::uint32_t users_max = 10'000;      ///< Told apart within users_window, per upstream.
  /// A session without an open exchange is over after so long without a message.
  std::chrono::nanoseconds session_idle_max = std::chrono::hours(24);
  std::chrono::nanoseconds idle_after = std::chrono::minutes(30);  ///< Gauges::idle_sessions.
  std::chrono::nanoseconds users_window = std::chrono::minutes(5);
  std::chrono::nanoseconds gauges_every = std::chrono::seconds(10);
  bool raw_session_id = false;  ///< Mcp-Session-Id is recorded as it is.
  bool raw_user_id = false;     ///< The subject likewise.
};

/// One row of the table that Report::upstream is an index of.
struct HttpUpstream {
  std::shared_ptr<const TapIdentity> http;  ///< For the records of Streamable HTTP.
  std::shared_ptr<const TapIdentity> sse;   ///< Of HTTP+SSE (2024-11-05).
};

/// Turns what the data path tells of HTTP exchanges into calls.
///
/// Purpose.  Knows which exchanges belong to one MCP session: by Mcp-Session-Id, or, in
/// HTTP+SSE, by the path that a stream has announced.  Each session has a CallTracker; all
/// that belongs to none (requests of the modern era, stateless servers) shares one per
/// upstream, in which each exchange is a scope of its own.  The era is decided per request
/// (mcp.md 1.1).  Says how a call ended that HTTP failed to answer (http_outcome.h).
///
/// Privacy.  Session ids and subjects leave it as keyed hashes only ("s1:…", "u1:…"), unless
/// HttpSessionsOptions says otherwise.  The path of an HTTP+SSE session, which is a live
/// handle, too, leaves it as a hash in any case.
///
/// Limits.  HttpSessionsOptions; what makes room is counted (kSessionsEvicted,
/// kExchangesEvicted, kUsersForgotten, kInferredForgotten).  A session that nobody has opened
/// before our eyes is believed once the server has accepted it, so that made-up ids displace
/// nothing.
///
/// Lifetime.  `random`, `stats` and `listener` must outlive it.
/// Threads.  One owner.  Blocking.  Never.  Failure.  None: of an exchange whose begin was lost,
/// requests are calls without session.
class HttpSessions {
 public:
  HttpSessions(HttpSessionsOptions options, std::vector<HttpUpstream> upstreams,
               privacy::HashKey key, Random& random, Stats& stats, CallListener& listener);
  ~HttpSessions();
  HttpSessions(const HttpSessions&) = delete;
  HttpSessions& operator=(const HttpSessions&) = delete;

  /// REQUIRES: Report::upstream is an index into `upstreams`.
  void take(Report&& report);

  /// When tick() wants to be called next, by the monotonic clock; max() for never.
  std::chrono::nanoseconds next_due() const;
  /// Ends sessions that are idle for too long, and what waits in vain.  An Event kGauges for
  /// each upstream every gauges_every, while there are streams, users or sessions that are not
  /// idle; once more when there are none, and when that changes.
  void tick(Moment now);

  /// Everything is over: what is open is recorded as aborted, with `reason` as error_type.
  void end(Moment now, std::string_view reason);

  /// Of all upstreams together.
  Gauges gauges(Moment now) const;
  std::size_t open_calls() const noexcept;
  std::size_t open_exchanges() const noexcept;

 private:
  friend struct HttpSession;  // Of the insides.
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sonde::mcp
