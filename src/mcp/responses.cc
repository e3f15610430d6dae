#include <algorithm>
#include <utility>

#include "base/json_reader.h"
#include "mcp/tracker_state_internal.h"
#include "mcp/wire_values.h"

namespace sonde::mcp {
namespace {

using jsonrpc::Field;

constexpr std::int64_t kSdkRequestTimeout = -32001;

}  // namespace

std::uint64_t estimate_tokens(std::uint64_t bytes) noexcept { return (bytes + 3) / 4; }

bool RecentIds::take(std::uint64_t hash) noexcept {
  for (std::uint64_t& known : hashes_) {
    if (known != hash || hash == 0) continue;
    known = 0;
    return true;
  }
  return false;
}

TrackedCall* OpenCalls::find(const WireId& id, std::uint64_t hash, std::uint64_t scope) const {
  return by_id.find(
      hash, [&](const TrackedCall& call) { return call.hop_id == id && call.scope == scope; });
}

void CallTracker::State::finish(Direction direction, const jsonrpc::Message& message,
                                const Sighting& sighting) {
  OpenCalls& asked = answered_by(direction);
  const WireId id = read_wire_id(message[Field::kId]);
  const std::uint64_t hash = scoped(hash_id(id), sighting.scope);
  if (id.type == WireId::Type::kNull) stats.add(Stat::kNullId);
  TrackedCall* const call = asked.find(id, hash, sighting.scope);
  if (call == nullptr) {
    const bool late = asked.cancelled.take(hash);
    stats.add(late ? Stat::kLateResult : Stat::kResponseWithoutRequest);
    return;
  }
  if (sighting.written_at > sighting.read_at.monotonic) {
    call->observed.record.overhead += sighting.written_at - sighting.read_at.monotonic;
  }
  if (call->task.call != nullptr) end_poll(*call, message, sighting);
  if (message.kind == jsonrpc::Kind::kError) {
    const jsonrpc::Value& error = message[Field::kError];
    if (error.truncated) stats.add(Stat::kFieldsTruncated);
    finish_error(*call, error.text, sighting.read_at);
  } else {
    finish_ok(*call, message, sighting);
  }
}

void CallTracker::State::finish_ok(TrackedCall& call, const jsonrpc::Message& message,
                                   const Sighting& sighting) {
  const bool to_server = call.observed.record.direction == Direction::kToServer;
  if (to_server) {
    take_peers(call, message);
    if (park(call, message, sighting.read_at)) return;
  }

  take_result(call, message, sighting.result_stream);
  if (to_server && call.method->role == Role::kToolsList) {
    const jsonrpc::Value& list = message[Field::kTools];
    if (list.truncated) stats.add(Stat::kFieldsTruncated);
    tools.learn(list.text, call.first_page);
  }
  ResultFacts facts = read_result(message, options.error_text_bytes_max);
  call.observed.record.result_count = facts.count;
  call.observed.error_text = std::move(facts.error_text);
  if (facts.tool_error) {
    record(call,
           {.status = CallStatus::kError, .error_type = "tool_error", .at = sighting.read_at});
  } else {
    record(call, {.at = sighting.read_at});
  }
}

void CallTracker::State::finish_error(TrackedCall& call, std::string_view error, Moment now) {
  std::string code_text = "_OTHER";
  JsonMembers members(error);
  while (members.next()) {
    if (key_equals(members.key(), "message")) {
      call.observed.error_text = read_text(members.value(), options.error_text_bytes_max);
    } else if (key_equals(members.key(), "code")) {
      call.observed.record.error_code = json_integer(members.value());
      if (call.observed.record.error_code) code_text = members.value();
    }
  }
  // A server in front of another one passes on that its own request has timed out.
  const bool timeout = call.observed.record.error_code == kSdkRequestTimeout &&
                       says_timeout(call.observed.error_text);
  record(call, {.status = timeout ? CallStatus::kTimeout : CallStatus::kError,
                .error_type = timeout ? std::string_view("timeout") : code_text,
                .at = now});
}

void CallTracker::State::take_result(TrackedCall& call, const jsonrpc::Message& message,
                                     std::uint64_t stream) {
  const jsonrpc::Value& result = message[Field::kResult];
  Body& body = call.observed.result;
  body.bytes = result.text.substr(0, options.result_bytes_max);
  body.size = result.size;
  body.truncated = body.bytes.size() < result.size;
  body.hash_stream = stream;
  call.observed.record.result_size_bytes = result.size;
  call.observed.record.result_tokens_est = estimate_tokens(result.size);
  if (body.truncated && stream == 0) stats.add(Stat::kFieldsTruncated);
}

void CallTracker::State::take_peers(TrackedCall& call, const jsonrpc::Message& message) {
  if (call.method->role == Role::kInitialize) {
    connection.on_initialized(call.observed.record, message[Field::kResult].text);
  }
  const jsonrpc::Value& meta = message[Field::kResultMeta];
  if (!meta.present) return;
  const auto said = trace_context::read_meta(meta.text);
  if (said.server) connection.on_server_info(*said.server);
}

void CallTracker::State::close_hop(TrackedCall& call) {
  OpenCalls& same_way = calls(call.observed.record.direction);
  if (!call.age.linked) return;
  same_way.by_id.erase(call.hop_hash, call);
  same_way.by_age.remove(call);
  due.remove(call);
  if (call.exchange != 0) by_exchange.erase(scoped(0, std::exchange(call.exchange, 0)), call);
}

void CallTracker::State::record(TrackedCall& call, const Outcome& outcome) {
  const std::chrono::nanoseconds now = outcome.at.monotonic;
  close_hop(call);
  if (call.parked != Parked::kNo) unpark(call, now);
  if (!call.progress_token.empty()) by_progress.erase(call.progress_hash, call);
  held_bytes -= call.observed.arguments.bytes.size();
  if (TrackedCall* const owner = call.owner.get()) {
    (call.method->role == Role::kSampling ? owner->sampling : owner->human).close(now);
  }
  if (TrackedCall* const task = call.task.get()) --task->polls_open;

  CallRecord& record = call.observed.record;
  record.ended_at = outcome.at.wall;
  // What another thread saw may have been seen before the call began.
  record.duration = std::max(now - call.began, std::chrono::nanoseconds(0));
  // A wait may have gone on behind the end of a task that was learnt of late.
  record.human_wait = std::min(call.human.total(now), record.duration);
  record.sampling_wait = std::min(call.sampling.total(now), record.duration);
  record.status = outcome.status;
  record.error_type = outcome.error_type;
  record.tool_known = call.method->role == Role::kToolsCall && tools.knows(record.tool_name);
  connection.complete(record, call.modern);
  stats.add(Stat::kCallsFinished);
  listener.on_call(std::move(call.observed));
  pool.give_back(call);
}

void CallTracker::State::evict_oldest(OpenCalls& calls, Moment now) {
  stats.add(Stat::kOutstandingEvicted);
  record(*calls.by_age.front(),
         {.status = CallStatus::kAborted, .error_type = "evicted", .at = now});
}

TrackedCall* CallTracker::State::find_in_exchange(std::uint64_t exchange) const {
  return by_exchange.find(scoped(0, exchange),
                          [&](const TrackedCall& call) { return call.exchange == exchange; });
}

std::size_t CallTracker::State::end_exchange(std::uint64_t exchange, const Outcome& outcome) {
  std::size_t ended = 0;
  for (; TrackedCall* const call = find_in_exchange(exchange); ++ended) {
    if (call->observed.record.direction == Direction::kToServer) {
      record(*call, outcome);
    } else {
      record(*call,
             {.status = CallStatus::kAborted, .error_type = "stream_closed", .at = outcome.at});
    }
  }
  return ended;
}

void CallTracker::State::end(Moment now, std::string_view reason, CallStatus status) {
  // What the server had asked first, so that the waits of its calls are closed.
  for (const Direction direction : {Direction::kToClient, Direction::kToServer}) {
    auto& by_age = calls(direction).by_age;
    const bool to_server = direction == Direction::kToServer;
    while (by_age.front() != nullptr) {
      record(
          *by_age.front(),
          {.status = to_server ? status : CallStatus::kAborted, .error_type = reason, .at = now});
    }
  }
  while (parked.front() != nullptr) end_task(*parked.front(), now, reason);
}

}  // namespace sonde::mcp
