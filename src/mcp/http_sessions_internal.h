#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "mcp/http_sessions.h"
#include "mcp/recent_names.h"
#include "privacy/keyed_hash.h"

namespace sonde::mcp {

/// How often trackers with open calls are asked for what is due, and sessions for their age.
inline constexpr std::chrono::nanoseconds kTickEvery = std::chrono::seconds(1);
inline constexpr std::chrono::nanoseconds kSweepEvery = std::chrono::minutes(1);

/// An MCP session, or what shares a tracker because it belongs to none.
struct HttpSession final : CallListener {
  HttpSession(HttpSessions::State& all_sessions, std::uint32_t upstream_index,
              std::shared_ptr<const TapIdentity> identity, const TrackerOptions& options,
              bool is_shared);

  void on_call(ObservedCall&& call) override;
  void on_event(Event&& event) override;

  HttpSessions::State& all;
  const std::uint32_t upstream;
  const std::shared_ptr<const TapIdentity> tap;
  const bool shared;
  CallTracker tracker;

  std::uint64_t serial = 0;
  std::string key;       ///< Of State::by_key.
  std::string shown_id;  ///< As it may be shown.
  std::uint32_t exchanges = 0;
  std::uint32_t streams = 0;   ///< HTTP+SSE: those that announced its endpoint.
  bool busy = false;           ///< In State::busy.
  std::size_t open_calls = 0;  ///< As added up in State::open_calls.
  std::chrono::nanoseconds last_at{};
  std::list<std::uint64_t>::iterator by_use;
};

struct HttpExchange {
  std::uint64_t id = 0;
  std::uint32_t upstream = 0;
  HttpMethod method = HttpMethod::kOther;
  std::string session_id;  ///< Raw.
  Requester requester;
  bool undecided = false;  ///< To which session it belongs: `held` waits for the response.
  std::vector<ExchangeMessage> held;
  std::uint64_t session = 0;  ///< Serial; 0, or of one that is over: none.
  bool announced = false;     ///< It is the stream of an HTTP+SSE session.
  int status = 0;
  ExchangeResponded::Body body = ExchangeResponded::Body::kNone;
  bool active_stream = false;  ///< Counted as such.
  std::list<std::uint64_t>::iterator by_age;
};

struct HttpSessions::State {
  struct Upstream {
    HttpUpstream identity;
    std::unique_ptr<HttpSession> shared;
    RecentNames users;
    std::uint64_t active_streams = 0;
    std::uint64_t sessions = 0;
    std::uint64_t unreached = 0;  ///< Exchanges, not told yet.
    /// What was told last, unless something was active then.
    std::optional<Gauges> told_at_rest = Gauges{};
  };

  State(HttpSessionsOptions options_in, std::vector<HttpUpstream> upstreams_in,
        const privacy::HashKey& key, Random& random_in, Stats& stats_in, CallListener& listener_in);

  // http_sessions.cc: exchanges.
  void on(std::uint64_t id, std::uint32_t upstream, ExchangeBegan&& began);
  void on(std::uint64_t id, std::uint32_t upstream, ExchangeMessage&& message);
  void on(std::uint64_t id, std::uint32_t upstream, const ExchangeResponded& responded);
  void on(std::uint64_t id, std::uint32_t upstream, const ExchangeEndpoint& endpoint);
  void on(std::uint64_t id, std::uint32_t upstream, const ExchangeEnded& ended);
  void saw(Moment at);
  HttpExchange& add_exchange(std::uint64_t id, std::uint32_t upstream);
  HttpExchange* find_exchange(std::uint64_t id);
  void forget(HttpExchange& exchange);
  void evict_exchange();
  void make_modern(HttpExchange& exchange);
  void hold(HttpExchange& exchange, ExchangeMessage&& message);
  void decide(HttpExchange& exchange);
  void deliver(HttpExchange& exchange, const ExchangeMessage& message);
  void end_in_order(HttpExchange& exchange, const ExchangeEnded& ended);
  void saw_user(const HttpExchange& exchange, std::chrono::nanoseconds now);

  // http_session_table.cc: sessions.
  HttpSession* find_session(std::uint64_t serial);
  HttpSession* find_session(std::string_view key);
  HttpSession& tracker_of(const HttpExchange& exchange);
  HttpSession& open_session(std::uint32_t upstream, std::string key, std::string shown_id,
                            const std::shared_ptr<const TapIdentity>& tap, Moment now);
  void attach(HttpExchange& exchange, HttpSession& session, Moment now);
  void detach(HttpExchange& exchange);
  void use(HttpSession& session, Moment now);
  void settle(HttpSession& session);
  void make_room(Moment now);
  void end_session(HttpSession& session, Moment now, std::string_view reason,
                   CallStatus status = CallStatus::kAborted);
  void evict_session(std::uint64_t serial, Moment now);
  void end_idle_sessions(Moment now);
  void tick_busy(Moment now);
  std::string shown(char kind, std::string_view raw, bool plain) const;

  // http_gauges.cc
  std::uint64_t idle_sessions(Moment now, const std::uint32_t* upstream) const;
  Gauges gauges_of(std::uint32_t upstream, Moment now) const;
  void tell_gauges(Moment now);
  void tell_unreached(Moment now);
  std::chrono::nanoseconds next_due() const;

  const HttpSessionsOptions options;
  mutable privacy::KeyedHash hash;
  Random& random;
  Stats& stats;
  CallListener& listener;

  std::vector<Upstream> upstreams;
  RecentNames users;  ///< Of all upstreams.
  InferredSessions inferred;
  std::unordered_map<std::uint64_t, HttpExchange> exchanges;
  std::list<std::uint64_t> exchanges_by_age;
  std::unordered_map<std::uint64_t, std::unique_ptr<HttpSession>> sessions;
  std::unordered_map<std::string_view, HttpSession*> by_key;
  std::list<std::uint64_t> sessions_by_use;  ///< The longest unused first.
  std::vector<std::uint64_t> busy;           ///< Sessions that had open calls at the last look.
  std::uint64_t next_serial = 1;
  std::size_t open_calls = 0;  ///< Of sessions; not of what is shared.
  std::uint64_t held_messages_bytes = 0;
  std::uint64_t arguments_held = 0;  ///< By all trackers.
  Moment latest{};                   ///< That any news has told.
  int status_now = 0;                ///< Of the exchange whose message is being looked at.
  std::chrono::nanoseconds ticked_at{};
  std::chrono::nanoseconds swept_at{};
  std::chrono::nanoseconds gauges_due = std::chrono::nanoseconds::max();
  std::chrono::nanoseconds unreached_due = std::chrono::nanoseconds::max();
};

/// The key of a session in State::by_key.
std::string session_key(std::uint32_t upstream, std::string_view mcp_session_id);
std::string endpoint_key(std::uint32_t upstream, std::string_view path);

}  // namespace sonde::mcp
