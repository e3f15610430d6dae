#include <algorithm>
#include <utility>

#include "mcp/http_sessions_internal.h"

namespace sonde::mcp {

std::uint64_t HttpSessions::State::idle_sessions(Moment now, const std::uint32_t* upstream) const {
  std::uint64_t idle = 0;
  for (const std::uint64_t serial : sessions_by_use) {
    const HttpSession& session = *sessions.at(serial);
    if (session.last_at + options.idle_after > now.monotonic) break;
    if (upstream == nullptr || session.upstream == *upstream) ++idle;
  }
  return idle;
}

Gauges HttpSessions::State::gauges_of(std::uint32_t upstream, Moment now) const {
  const Upstream& one = upstreams[upstream];
  return {.active_sse_streams = one.active_streams,
          .active_users = one.users.count(now.monotonic),
          .sessions = one.sessions,
          .idle_sessions = idle_sessions(now, &upstream)};
}

Gauges HttpSessions::gauges(Moment now) const {
  const State& state = *state_;
  Gauges all{.active_sse_streams = 0,
             .active_users = state.users.count(now.monotonic),
             .sessions = state.sessions.size(),
             .idle_sessions = state.idle_sessions(now, nullptr)};
  for (const State::Upstream& one : state.upstreams) all.active_sse_streams += one.active_streams;
  return all;
}

void HttpSessions::State::tell_gauges(Moment now) {
  if (now.monotonic < gauges_due) return;
  gauges_due = std::chrono::nanoseconds::max();
  for (std::uint32_t index = 0; index < upstreams.size(); ++index) {
    Upstream& upstream = upstreams[index];
    const Gauges gauges = gauges_of(index, now);
    const bool active = gauges.active_sse_streams > 0 || gauges.active_users > 0 ||
                        gauges.sessions > gauges.idle_sessions;
    if (active) gauges_due = now.monotonic + options.gauges_every;
    if (!active && gauges == upstream.told_at_rest) continue;
    upstream.told_at_rest = active ? std::nullopt : std::optional(gauges);
    Event event;
    event.type = Event::Type::kGauges;
    event.tap = upstream.identity.http;
    event.at = now.wall;
    event.gauges = gauges;
    listener.on_event(std::move(event));
  }
}

/// One line for all that failed within an interval.
void HttpSessions::State::tell_unreached(Moment now) {
  if (now.monotonic < unreached_due) return;
  unreached_due = std::chrono::nanoseconds::max();
  for (Upstream& upstream : upstreams) {
    const std::uint64_t failed = std::exchange(upstream.unreached, 0);
    if (failed == 0) continue;
    Event event;
    event.type = Event::Type::kServerUnreached;
    event.tap = upstream.identity.http;
    event.at = now.wall;
    event.count = failed;
    event.message = "requests got no connection to the server";
    event.measured.push_back(
        {.metric = Metric::kConnectionFailures, .value = static_cast<double>(failed)});
    listener.on_event(std::move(event));
  }
}

std::chrono::nanoseconds HttpSessions::State::next_due() const {
  std::chrono::nanoseconds next = std::min(gauges_due, unreached_due);
  const bool waits = !busy.empty() || std::ranges::any_of(upstreams, [](const Upstream& one) {
    return one.shared->tracker.open_calls() > 0;
  });
  if (waits) next = std::min(next, ticked_at + kTickEvery);
  if (!sessions_by_use.empty()) {
    const HttpSession& longest = *sessions.at(sessions_by_use.front());
    next = std::min(next,
                    std::max(longest.last_at + options.session_idle_max, swept_at + kSweepEvery));
  }
  return next;
}

}  // namespace sonde::mcp
