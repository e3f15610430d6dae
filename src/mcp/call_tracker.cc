#include "mcp/call_tracker.h"

#include <utility>

#include "mcp/tracker_state_internal.h"

namespace sonde::mcp {

CallTracker::State::State(TrackerOptions options_in, ConnectionContext context, Random& random_in,
                          Stats& stats_in, CallListener& listener_in)
    : options(options_in),
      connection(std::move(context), random_in),
      random(random_in),
      stats(stats_in),
      listener(listener_in),
      tools(options_in.tools_max),
      held_bytes(connection.held_bytes() != nullptr ? *connection.held_bytes() : held_alone) {}

CallTracker::CallTracker(TrackerOptions options, ConnectionContext context, Random& random,
                         Stats& stats, CallListener& listener)
    : state_(std::make_unique<State>(options, std::move(context), random, stats, listener)) {}

CallTracker::~CallTracker() = default;

void CallTracker::set_options(const TrackerOptions& options) {
  state_->options = options;
  state_->tools.set_names_max(options.tools_max);
}

std::optional<std::string_view> CallTracker::observe(Direction direction,
                                                     const jsonrpc::Message& message,
                                                     const Sighting& sighting) {
  state_->count_message(direction, message);
  if (message.kind == jsonrpc::Kind::kRequest) return state_->begin(direction, message, sighting);
  if (direction == Direction::kToServer) state_->early.reset();
  switch (message.kind) {
    case jsonrpc::Kind::kNotification:
      state_->notify(direction, message, sighting);
      break;
    case jsonrpc::Kind::kResponse:
    case jsonrpc::Kind::kError:
      state_->finish(direction, message, sighting);
      break;
    default:
      break;
  }
  return std::nullopt;
}

std::optional<std::string_view> CallTracker::splice_early(Moment now) {
  return state_->splice_early(now);
}

void CallTracker::forwarded(std::chrono::nanoseconds at) {
  for (std::size_t i = 0; i < state_->unforwarded_count; ++i) {
    TrackedCall* const call = state_->unforwarded[i].get();
    if (call != nullptr && at > call->hop_began) {
      call->observed.record.overhead += at - call->hop_began;
    }
  }
  state_->unforwarded_count = 0;
}

std::chrono::nanoseconds CallTracker::next_due() const { return state_->next_due(); }

void CallTracker::tick(Moment now) { state_->tick(now); }

std::size_t CallTracker::end_exchange(std::uint64_t exchange, Moment now, CallStatus status,
                                      std::string_view error_type) {
  return state_->end_exchange(exchange, {.status = status, .error_type = error_type, .at = now});
}

bool CallTracker::open_in(std::uint64_t exchange) const noexcept {
  return state_->find_in_exchange(exchange) != nullptr;
}

void CallTracker::end(Moment now, std::string_view reason, CallStatus status) {
  state_->end(now, reason, status);
}

std::size_t CallTracker::open_calls() const noexcept {
  return state_->open[0].by_age.size() + state_->open[1].by_age.size() + state_->parked.size();
}

}  // namespace sonde::mcp
