#include <algorithm>
#include <array>

#include "base/json_reader.h"
#include "mcp/tracker_state_internal.h"
#include "mcp/wire_values.h"

namespace sonde::mcp {
namespace {

using jsonrpc::Field;
using jsonrpc::Kind;

constexpr std::size_t kReasonBytesMax = 4096;
constexpr std::size_t kMethodBytesMax = 256;

char lower(char c) noexcept { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool contains_ignoring_case(std::string_view text, std::string_view words) noexcept {
  const auto found = std::ranges::search(text, words, {}, lower, {});
  return !found.empty();
}

}  // namespace

bool says_timeout(std::string_view reason) noexcept {
  static constexpr std::array<std::string_view, 6> kWords{"timeout",  "timed out", "time-out",
                                                          "time out", "deadline",  "-32001"};
  return std::ranges::any_of(
      kWords, [&](std::string_view words) { return contains_ignoring_case(reason, words); });
}

void CallTracker::State::count_message(Direction direction, const jsonrpc::Message& message) {
  if (message.kind == Kind::kNotJson) {
    stats.add(Stat::kLinesNotJson);
    return;
  }
  stats.add(direction == Direction::kToServer ? Stat::kMessagesToServer : Stat::kMessagesToClient);
  if (message.kind == Kind::kNotJsonRpc) stats.add(Stat::kNotJsonRpc);
  if (message.in_batch) stats.add(Stat::kBatchMessages);
  if (message.duplicate_keys) stats.add(Stat::kDuplicateKeys);
}

void CallTracker::State::notify(Direction direction, const jsonrpc::Message& message,
                                const Sighting& sighting) {
  const Method& method = find_method(read_text(message[Field::kMethod], kMethodBytesMax));
  if (!method.goes(direction)) stats.add(Stat::kWrongDirection);
  const std::string_view params = message[Field::kParams].text;
  switch (method.role) {
    case Role::kCancelled:
      return cancel(direction, params, sighting);
    case Role::kProgress:
      return progress(direction, params, sighting);
    case Role::kToolsChanged:
      return tools.changed();
    case Role::kTaskNews: {
      const TaskState state = read_task_state(params);
      if (TrackedCall* const task = find_task(state.id))
        apply_task_state(*task, state, sighting.read_at);
      return;
    }
    default:
      return;
  }
}

void CallTracker::State::cancel(Direction direction, std::string_view params,
                                const Sighting& sighting) {
  std::string reason;
  WireId id;
  JsonMembers members(params);
  while (members.next()) {
    if (key_equals(members.key(), "requestId")) id = read_wire_id(members.value());
    if (key_equals(members.key(), "reason")) reason = read_text(members.value(), kReasonBytesMax);
  }
  const std::uint64_t hash = scoped(hash_id(id), sighting.scope);
  if (TrackedCall* const call = calls(direction).find(id, hash, sighting.scope)) {
    calls(direction).cancelled.add(hash);
    const bool timeout = says_timeout(reason);
    call->observed.error_text = std::move(reason);
    record(*call, {.status = timeout ? CallStatus::kTimeout : CallStatus::kCancelled,
                   .error_type = timeout ? "timeout" : "cancelled",
                   .at = sighting.read_at});
    return;
  }
  // A server may end a subscription so, where it should answer it (mcp.md 1.8): accept either.
  TrackedCall* const listening = answered_by(direction).find(id, hash, sighting.scope);
  if (listening != nullptr && listening->method->waits && listening->method->modern) {
    record(*listening, {.at = sighting.read_at});
    return;
  }
  stats.add(Stat::kCancelUnknown);
}

void CallTracker::State::progress(Direction direction, std::string_view params,
                                  const Sighting& sighting) {
  const auto raw = find_member(params, "progressToken");
  const std::string token = raw ? trace_context::read_progress_token(*raw) : std::string();
  // Progress goes the way of the answer.
  const Direction asked =
      direction == Direction::kToServer ? Direction::kToClient : Direction::kToServer;
  const std::uint64_t hash = scoped(hash_text(token), sighting.scope);
  TrackedCall* const call = by_progress.find(hash, [&](const TrackedCall& candidate) {
    return candidate.progress_token == token && candidate.scope == sighting.scope &&
           candidate.observed.record.direction == asked;
  });
  if (call == nullptr) {
    stats.add(Stat::kProgressUnknown);
    return;
  }
  ++call->observed.record.progress_count;
  if (call->parked != Parked::kNo) refresh(*call, sighting.read_at.monotonic);
}

std::chrono::nanoseconds CallTracker::State::next_due() const {
  auto next = std::chrono::nanoseconds::max();
  if (due.front() != nullptr) next = due.front()->hop_began + options.pending_after;
  for (const TrackedCall* call = parked.front(); call != nullptr; call = parked.after(*call)) {
    next = std::min(next, call->expires);
  }
  return next;
}

void CallTracker::State::tick(Moment now) {
  while (due.front() != nullptr &&
         due.front()->hop_began + options.pending_after <= now.monotonic) {
    say_pending(*due.front(), now);
  }
  for (TrackedCall* call = parked.front(); call != nullptr;) {
    TrackedCall* const next = parked.after(*call);
    if (call->expires <= now.monotonic) expire(*call, now);
    call = next;
  }
}

void CallTracker::State::say_pending(TrackedCall& call, Moment now) {
  due.remove(call);
  call.pending_said = true;
  Event event = event_of(Event::Type::kToolPending, call.observed.record, now);
  event.open_for = now.monotonic - call.began;
  listener.on_event(std::move(event));
}

}  // namespace sonde::mcp
