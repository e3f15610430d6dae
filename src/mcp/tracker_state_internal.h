#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "mcp/call_tracker.h"
#include "mcp/connection.h"
#include "mcp/known_tools.h"
#include "mcp/results.h"
#include "mcp/tracked_call.h"

namespace sonde::mcp {

/// How a call ended.
struct Outcome {
  CallStatus status = CallStatus::kOk;
  std::string_view error_type = {};
  Moment at{};
};

/// Whether the reason of a cancellation, or the message of an error, says that time was up.
bool says_timeout(std::string_view reason) noexcept;

/// What models make of JSON, roughly: four bytes a token.
std::uint64_t estimate_tokens(std::uint64_t bytes) noexcept;

/// What an event that is about one call says of it.
Event event_of(Event::Type type, const CallRecord& record, Moment now);

/// The last few ids that were cancelled, so that a late result is known for what it is.
class RecentIds {
 public:
  void add(std::uint64_t hash) noexcept { hashes_[next_++ % hashes_.size()] = hash; }
  bool take(std::uint64_t hash) noexcept;

 private:
  std::array<std::uint64_t, 64> hashes_{};
  std::size_t next_ = 0;
};

/// The open requests of one direction.
struct OpenCalls {
  CallIndex by_id;
  CallList<&TrackedCall::age> by_age;
  RecentIds cancelled;

  TrackedCall* find(const WireId& id, std::uint64_t hash, std::uint64_t scope) const;
};

/// The hash of what only means something within a scope.
inline std::uint64_t scoped(std::uint64_t hash, std::uint64_t scope) noexcept {
  constexpr std::uint64_t kGolden = 0x9E3779B97F4A7C15;  // Spreads consecutive numbers.
  return hash ^ (scope * kGolden);
}

/// The tracker's insides, apart from its header.  Requests, responses, notifications and
/// tasks have a source file each.
struct CallTracker::State {
  State(TrackerOptions options_in, ConnectionContext context, Random& random_in, Stats& stats_in,
        CallListener& listener_in);

  // requests.cc
  std::optional<std::string_view> begin(Direction direction, const jsonrpc::Message& message,
                                        const Sighting& sighting);
  std::optional<std::string_view> splice_early(Moment now);
  TrackedCall* retried_call(const Method& method, const jsonrpc::Message& message,
                            const trace_context::MetaContext& meta, const Requester* requester);
  void resume(TrackedCall& call, std::chrono::nanoseconds now);
  TrackedCall& open_new(Direction direction, const Method& method, const jsonrpc::Message& message,
                        Moment now);
  void describe(TrackedCall& call, const jsonrpc::Message& message,
                const trace_context::MetaContext& meta, const Sighting& sighting);
  void identify(TrackedCall& call, const trace_context::MetaContext& meta, const TrackedCall* owner,
                const Sighting& sighting);
  void take_progress_token(TrackedCall& call, const std::string& token, std::uint64_t scope);
  void take_request_id(TrackedCall& call, const trace_context::MetaContext& meta, Moment now);
  void take_arguments(TrackedCall& call, const jsonrpc::Message& message);
  void enlist(TrackedCall& call, WireId id, const Sighting& sighting);
  void note_forwarding(TrackedCall& call, const Sighting& sighting);
  void begin_role(TrackedCall& call, const jsonrpc::Message& message, Moment now);
  void begin_wait(TrackedCall& call, TrackedCall* owner, Moment now);
  TrackedCall* owner_of(const Method& method, const trace_context::MetaContext& meta,
                        std::uint64_t scope) const;
  std::optional<std::string_view> splice_into(const TrackedCall& call,
                                              const jsonrpc::Message& message,
                                              const trace_context::MetaContext& meta,
                                              const Sighting& sighting);
  std::string_view splice_members(const CallRecord& record, bool minted_id, bool with_tracestate);

  // responses.cc
  void finish(Direction direction, const jsonrpc::Message& message, const Sighting& sighting);
  void finish_ok(TrackedCall& call, const jsonrpc::Message& message, const Sighting& sighting);
  void finish_error(TrackedCall& call, std::string_view error, Moment now);
  void take_result(TrackedCall& call, const jsonrpc::Message& message, std::uint64_t stream);
  void take_peers(TrackedCall& call, const jsonrpc::Message& message);
  /// Off the table of open requests; progress still finds it.
  void close_hop(TrackedCall& call);
  void record(TrackedCall& call, const Outcome& outcome);
  void evict_oldest(OpenCalls& calls, Moment now);
  TrackedCall* find_in_exchange(std::uint64_t exchange) const;
  std::size_t end_exchange(std::uint64_t exchange, const Outcome& outcome);
  void end(Moment now, std::string_view reason, CallStatus status);

  // notifications.cc
  void notify(Direction direction, const jsonrpc::Message& message, const Sighting& sighting);
  void cancel(Direction direction, std::string_view params, const Sighting& sighting);
  void progress(Direction direction, std::string_view params, const Sighting& sighting);
  void count_message(Direction direction, const jsonrpc::Message& message);
  std::chrono::nanoseconds next_due() const;
  void tick(Moment now);
  void say_pending(TrackedCall& call, Moment now);

  // tasks.cc: calls without an open request.
  bool park(TrackedCall& call, const jsonrpc::Message& message, Moment now);
  void park_for_input(TrackedCall& call, std::string_view result, Moment now);
  void park_for_task(TrackedCall& call, const TaskState& task, Moment now);
  void add_parked(TrackedCall& call, Moment now);
  void unpark(TrackedCall& call, std::chrono::nanoseconds now);
  void refresh(TrackedCall& call, std::chrono::nanoseconds now);
  void expire(TrackedCall& call, Moment now);
  TrackedCall* find_task(std::string_view id) const;
  void begin_poll(TrackedCall& poll, std::string_view params, Moment now);
  void end_poll(TrackedCall& poll, const jsonrpc::Message& message, const Sighting& sighting);
  void apply_task_state(TrackedCall& call, const TaskState& task, Moment now);
  void take_nested_result(TrackedCall& call, std::string_view result);
  /// By what is known of it; `why` if that is nothing.
  void end_task(TrackedCall& call, Moment now, std::string_view why);

  OpenCalls& calls(Direction direction) { return open[static_cast<std::size_t>(direction)]; }
  /// The requests that a message going `direction` answers.
  OpenCalls& answered_by(Direction direction) {
    return open[1 - static_cast<std::size_t>(direction)];
  }

  TrackerOptions options;
  Connection connection;
  Random& random;
  Stats& stats;
  CallListener& listener;

  CallPool pool;
  std::array<OpenCalls, 2> open;
  CallIndex by_progress;
  CallIndex by_exchange;
  CallList<&TrackedCall::due> due;
  CallList<&TrackedCall::park> parked;
  KnownTools tools;
  std::uint64_t held_alone = 0;
  std::uint64_t& held_bytes;

  struct Early {
    CallRecord record;  ///< request_id and span.
  };
  std::optional<Early> early;
  std::string splice;  ///< Backs what observe() returned.

  // The requests since the last forwarded(), as far as they have room.
  std::array<CallRef, 16> unforwarded;
  std::size_t unforwarded_count = 0;
};

}  // namespace sonde::mcp
