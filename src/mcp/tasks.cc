#include <algorithm>
#include <string>
#include <utility>

#include "base/json_reader.h"
#include "mcp/tracker_state_internal.h"
#include "mcp/wire_values.h"

namespace sonde::mcp {
namespace {

using jsonrpc::Field;

constexpr std::size_t kShortBytesMax = 64;
constexpr std::size_t kTaskIdBytesMax = 4096;

/// The status of a task that has ended; nothing for one that goes on.
std::optional<CallStatus> terminal_status(std::string_view status) {
  if (status == "completed") return CallStatus::kOk;
  if (status == "failed") return CallStatus::kError;
  if (status == "cancelled") return CallStatus::kCancelled;
  return std::nullopt;
}

std::string_view error_type_of(CallStatus status) {
  if (status == CallStatus::kError) return "task_failed";
  return status == CallStatus::kCancelled ? "cancelled" : "";
}

}  // namespace

bool CallTracker::State::park(TrackedCall& call, const jsonrpc::Message& message, Moment now) {
  if (!call.method->may_ask) return false;
  const std::string_view result = message[Field::kResult].text;
  const std::string type = read_text(message[Field::kResultType], kShortBytesMax);
  if (type == "input_required") {
    park_for_input(call, result, now);
    return true;
  }
  if (call.method->role != Role::kToolsCall) return false;
  // 2025-11-25 nests the task and has no resultType; a finished call has content.
  const bool nested = type.empty() && !message[Field::kContent].present;
  if (type != "task" && !(nested && find_member(result, "task"))) return false;
  const TaskState task = read_task_state(result);
  if (task.id.empty()) return false;
  park_for_task(call, task, now);
  return true;
}

void CallTracker::State::park_for_input(TrackedCall& call, std::string_view result, Moment now) {
  const InputRequest request = read_input_request(result);
  call.has_state = request.state_hash.has_value();
  call.retry_hash = call.has_state ? *request.state_hash : hash_text(call.observed.arguments.bytes);
  call.waits_for_human = request.asks_human;
  call.waits_for_model = request.asks_model && !request.asks_human;
  call.parked = Parked::kForInput;
  add_parked(call, now);
}

void CallTracker::State::park_for_task(TrackedCall& call, const TaskState& task, Moment now) {
  call.task_id = task.id;
  call.parked = Parked::kForTask;
  add_parked(call, now);
  apply_task_state(call, task, now);
}

void CallTracker::State::add_parked(TrackedCall& call, Moment now) {
  close_hop(call);
  if (call.waits_for_human) call.human.open(now.monotonic);
  if (call.waits_for_model) call.sampling.open(now.monotonic);
  parked.push_back(call);
  refresh(call, now.monotonic);
  if (parked.size() <= std::max(options.parked_max, 1U)) return;
  stats.add(Stat::kOutstandingEvicted);
  end_task(*parked.front(), now, "evicted");
}

void CallTracker::State::unpark(TrackedCall& call, std::chrono::nanoseconds now) {
  if (std::exchange(call.waits_for_human, false)) call.human.close(now);
  if (std::exchange(call.waits_for_model, false)) call.sampling.close(now);
  call.parked = Parked::kNo;
  parked.remove(call);
}

void CallTracker::State::refresh(TrackedCall& call, std::chrono::nanoseconds now) {
  if (!call.task_status) call.expires = now + options.parked_for;
}

void CallTracker::State::expire(TrackedCall& call, Moment now) {
  // Somebody is waiting for its result at this moment.
  if (call.polls_open > 0) {
    call.expires = now.monotonic + options.parked_for;
    return;
  }
  end_task(call, now, "expired");
}

TrackedCall* CallTracker::State::find_task(std::string_view id) const {
  if (id.empty()) return nullptr;
  for (TrackedCall* call = parked.front(); call != nullptr; call = parked.after(*call)) {
    if (call->parked == Parked::kForTask && call->task_id == id) return call;
  }
  return nullptr;
}

void CallTracker::State::begin_poll(TrackedCall& poll, std::string_view params, Moment now) {
  if (parked.size() == 0) return;
  const auto raw = find_member(params, "taskId");
  TrackedCall* const task = raw ? find_task(read_text(*raw, kTaskIdBytesMax)) : nullptr;
  if (task == nullptr) return;
  poll.task = {.call = task, .serial = task->serial};
  ++task->polls_open;
  ++task->observed.record.hops;
  if (poll.method->role == Role::kTaskCancel) task->cancel_asked = true;
  if (poll.method->role == Role::kTaskUpdate && std::exchange(task->waits_for_human, false)) {
    task->human.close(now.monotonic);
  }
  refresh(*task, now.monotonic);
}

void CallTracker::State::end_poll(TrackedCall& poll, const jsonrpc::Message& message,
                                  const Sighting& sighting) {
  TrackedCall* const task = poll.task.get();
  if (task == nullptr) return;
  const bool is_error = message.kind == jsonrpc::Kind::kError;
  const Moment now = sighting.read_at;
  if (poll.method->role != Role::kTaskResult) {
    if (!is_error) apply_task_state(*task, read_task_state(message[Field::kResult].text), now);
    return;
  }
  // The answer to tasks/result is the answer the call would have had itself.
  if (!task->task_status) {
    task->ended = now.monotonic;
    task->ended_wall = now.wall;
  }
  const Moment ended{.wall = task->ended_wall, .monotonic = task->ended};
  if (is_error) return finish_error(*task, message[Field::kError].text, ended);
  take_result(*task, message, sighting.result_stream);
  ResultFacts facts = read_result(message, options.error_text_bytes_max);
  task->observed.record.result_count = facts.count;
  task->observed.error_text = std::move(facts.error_text);
  CallStatus status = task->task_status.value_or(CallStatus::kOk);
  if (facts.tool_error) status = CallStatus::kError;
  record(*task, {.status = status,
                 .error_type = facts.tool_error ? "tool_error" : error_type_of(status),
                 .at = ended});
}

void CallTracker::State::apply_task_state(TrackedCall& call, const TaskState& task, Moment now) {
  const bool asks = task.status == "input_required";
  if (asks && !call.waits_for_human) {
    call.waits_for_human = true;
    call.human.open(now.monotonic);
  } else if (!asks && !task.status.empty() && std::exchange(call.waits_for_human, false)) {
    call.human.close(now.monotonic);
  }
  refresh(call, now.monotonic);
  const auto status = terminal_status(task.status);
  if (!status || call.task_status) return;

  call.task_status = status;
  call.ended = now.monotonic;
  call.ended_wall = now.wall;
  call.observed.error_text = *status == CallStatus::kOk ? "" : task.status_message;
  if (!task.error.empty()) return finish_error(call, task.error, now);
  if (task.result.empty() && *status != CallStatus::kCancelled) {
    call.expires = now.monotonic + options.task_result_wait;
    return;
  }
  if (!task.result.empty()) take_nested_result(call, task.result);
  end_task(call, now, "");
}

void CallTracker::State::take_nested_result(TrackedCall& call, std::string_view result) {
  ResultFacts facts = read_result(result, options.error_text_bytes_max);
  call.observed.record.result_count = facts.count;
  call.observed.record.result_size_bytes = result.size();
  call.observed.record.result_tokens_est = estimate_tokens(result.size());
  call.observed.result.bytes = result.substr(0, options.result_bytes_max);
  call.observed.result.size = result.size();
  call.observed.result.truncated = call.observed.result.bytes.size() < result.size();
  if (!facts.tool_error) return;
  call.observed.error_text = std::move(facts.error_text);
  call.tool_error = true;
}

void CallTracker::State::end_task(TrackedCall& call, Moment now, std::string_view why) {
  if (call.tool_error) {
    return record(call, {.status = CallStatus::kError, .error_type = "tool_error", .at = now});
  }
  if (call.task_status) {
    return record(call, {.status = *call.task_status,
                         .error_type = error_type_of(*call.task_status),
                         .at = {.wall = call.ended_wall, .monotonic = call.ended}});
  }
  if (call.cancel_asked) {
    return record(call, {.status = CallStatus::kCancelled, .error_type = "cancelled", .at = now});
  }
  record(call, {.status = CallStatus::kAborted, .error_type = why, .at = now});
}

}  // namespace sonde::mcp
