#include <algorithm>
#include <utility>

#include "base/ids.h"
#include "mcp/http_outcome.h"
#include "mcp/http_sessions_internal.h"
#include "mcp/shown_id.h"

namespace sonde::mcp {
namespace {

std::string key_of(char kind, std::uint32_t upstream, std::string_view name) {
  std::string key = std::to_string(upstream);
  key += kind;
  key += name;
  return key;
}

}  // namespace

std::string session_key(std::uint32_t upstream, std::string_view mcp_session_id) {
  return key_of('s', upstream, mcp_session_id);
}

std::string endpoint_key(std::uint32_t upstream, std::string_view path) {
  return key_of('p', upstream, path);
}

HttpSession::HttpSession(HttpSessions::State& all_sessions, std::uint32_t upstream_index,
                         std::shared_ptr<const TapIdentity> identity, const TrackerOptions& options,
                         bool is_shared)
    : all(all_sessions),
      upstream(upstream_index),
      tap(std::move(identity)),
      shared(is_shared),
      tracker(options,
              {.environment = {},
               .host_session_id = {},
               .transport = tap ? tap->transport : Transport::kHttp,
               .shared = is_shared,
               .held_bytes = &all_sessions.arguments_held,
               .inferred = &all_sessions.inferred},
              all_sessions.random, all_sessions.stats, *this) {}

void HttpSession::on_call(ObservedCall&& call) {
  CallRecord& record = call.record;
  record.tap = tap;
  // The error that came with a refusal says what for, the status that it is one.
  if (record.status == CallStatus::kError && record.direction == Direction::kToServer) {
    record.status = status_of_error(all.status_now);
  }
  all.listener.on_call(std::move(call));
}

void HttpSession::on_event(Event&& event) {
  event.tap = tap;
  all.listener.on_event(std::move(event));
}

HttpSessions::State::State(HttpSessionsOptions options_in, std::vector<HttpUpstream> upstreams_in,
                           const privacy::HashKey& key, Random& random_in, Stats& stats_in,
                           CallListener& listener_in)
    : options(options_in),
      hash(key.secret()),
      random(random_in),
      stats(stats_in),
      listener(listener_in),
      users(options_in.users_max, options_in.users_window),
      inferred(options_in.inferred, random_in, stats_in) {
  upstreams.reserve(upstreams_in.size());
  for (HttpUpstream& identity : upstreams_in) {
    const auto index = static_cast<std::uint32_t>(upstreams.size());
    auto shared = std::make_unique<HttpSession>(*this, index, identity.http, options.shared, true);
    upstreams.push_back({.identity = std::move(identity),
                         .shared = std::move(shared),
                         .users = RecentNames(options.users_max, options.users_window)});
  }
}

std::string HttpSessions::State::shown(char kind, std::string_view raw, bool plain) const {
  if (raw.empty() || plain) return std::string(raw);
  return shown_id(hash, kind, raw);
}

HttpSession* HttpSessions::State::find_session(std::uint64_t serial) {
  const auto found = sessions.find(serial);
  return found == sessions.end() ? nullptr : found->second.get();
}

HttpSession* HttpSessions::State::find_session(std::string_view key) {
  const auto found = by_key.find(key);
  return found == by_key.end() ? nullptr : found->second;
}

HttpSession& HttpSessions::State::tracker_of(const HttpExchange& exchange) {
  HttpSession* const session = find_session(exchange.session);
  return session != nullptr ? *session : *upstreams[exchange.upstream].shared;
}

HttpSession& HttpSessions::State::open_session(std::uint32_t upstream, std::string key,
                                               std::string shown_id,
                                               const std::shared_ptr<const TapIdentity>& tap,
                                               Moment now) {
  while (sessions.size() >= std::max(options.sessions_max, 1U)) {
    evict_session(sessions_by_use.front(), now);
  }
  auto made = std::make_unique<HttpSession>(*this, upstream, tap, options.session, false);
  HttpSession& session = *made;
  session.serial = next_serial++;
  session.key = std::move(key);
  session.shown_id = std::move(shown_id);
  session.last_at = now.monotonic;
  session.by_use = sessions_by_use.insert(sessions_by_use.end(), session.serial);
  by_key.emplace(session.key, &session);
  sessions.emplace(session.serial, std::move(made));
  ++upstreams[upstream].sessions;
  gauges_due = std::min(gauges_due, now.monotonic + options.gauges_every);
  return session;
}

void HttpSessions::State::attach(HttpExchange& exchange, HttpSession& session, Moment now) {
  exchange.session = session.serial;
  exchange.requester.mcp_session_id = session.shown_id;
  ++session.exchanges;
  use(session, now);
}

void HttpSessions::State::detach(HttpExchange& exchange) {
  if (HttpSession* const session = find_session(exchange.session)) --session->exchanges;
  exchange.session = 0;
}

void HttpSessions::State::use(HttpSession& session, Moment now) {
  if (session.shared) return;
  session.last_at = std::max(session.last_at, now.monotonic);
  sessions_by_use.splice(sessions_by_use.end(), sessions_by_use, session.by_use);
}

/// Takes note of what the tracker has opened or ended.
void HttpSessions::State::settle(HttpSession& session) {
  if (session.shared) return;
  const std::size_t now_open = session.tracker.open_calls();
  open_calls += now_open;
  open_calls -= std::exchange(session.open_calls, now_open);
  if (now_open == 0 || session.busy) return;
  session.busy = true;
  busy.push_back(session.serial);
}

/// Ends the session that has open calls and was not used for the longest time.
void HttpSessions::State::make_room(Moment now) {
  for (const std::uint64_t serial : sessions_by_use) {
    if (sessions.at(serial)->open_calls > 0) return evict_session(serial, now);
  }
}

void HttpSessions::State::evict_session(std::uint64_t serial, Moment now) {
  stats.add(Stat::kSessionsEvicted);
  end_session(*sessions.at(serial), now, "evicted");
}

void HttpSessions::State::end_session(HttpSession& session, Moment now, std::string_view reason,
                                      CallStatus status) {
  session.tracker.end(now, reason, status);
  settle(session);
  --upstreams[session.upstream].sessions;
  gauges_due = std::min(gauges_due, now.monotonic + options.gauges_every);
  by_key.erase(session.key);
  sessions_by_use.erase(session.by_use);
  sessions.erase(session.serial);
}

void HttpSessions::State::end_idle_sessions(Moment now) {
  if (now.monotonic < swept_at + kSweepEvery) return;
  swept_at = now.monotonic;
  for (auto next = sessions_by_use.begin(); next != sessions_by_use.end();) {
    HttpSession& session = *sessions.at(*next++);
    if (session.last_at + options.session_idle_max > now.monotonic) break;
    if (session.exchanges > 0) continue;
    stats.add(Stat::kSessionsExpired);
    end_session(session, now, "session_idle");
  }
}

void HttpSessions::State::tick_busy(Moment now) {
  if (now.monotonic < ticked_at + kTickEvery) return;
  ticked_at = now.monotonic;
  for (Upstream& upstream : upstreams) upstream.shared->tracker.tick(now);
  std::erase_if(busy, [&](std::uint64_t serial) {
    HttpSession* const session = find_session(serial);
    if (session == nullptr) return true;
    session->tracker.tick(now);
    settle(*session);
    session->busy = session->open_calls > 0;
    return !session->busy;
  });
}

}  // namespace sonde::mcp
