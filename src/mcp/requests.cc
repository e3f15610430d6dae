#include <algorithm>
#include <utility>

#include "base/ids.h"
#include "base/json_reader.h"
#include "mcp/tracker_state_internal.h"
#include "mcp/wire_values.h"
#include "trace_context/splice.h"

namespace sonde::mcp {
namespace {

using jsonrpc::Field;
using trace_context::MetaContext;

// As the scanner keeps of them.
constexpr std::size_t kMethodBytesMax = 256;
constexpr std::size_t kNameBytesMax = 1024;
constexpr std::size_t kUriBytesMax = 4096;

bool truncated(const jsonrpc::Message& message) noexcept {
  return std::ranges::any_of(std::array{Field::kId, Field::kMethod, Field::kName, Field::kUri,
                                        Field::kMeta, Field::kArguments},
                             [&](Field field) { return message[field].truncated; });
}

/// Whether a request may come from the client that made the call, as far as either says:
/// two clients of one server may well ask the same.
bool same_client(const CallRecord& record, const MetaContext& meta, const Requester& requester) {
  if (record.user_id != requester.user_id) return false;
  return !meta.client || !record.client || *meta.client == *record.client;
}

}  // namespace

std::optional<std::string_view> CallTracker::State::begin(Direction direction,
                                                          const jsonrpc::Message& message,
                                                          const Sighting& sighting) {
  const Moment now = sighting.read_at;
  const std::string name = read_text(message[Field::kMethod], kMethodBytesMax);
  const Method& method = find_method(name);
  if (!method.goes(direction)) stats.add(Stat::kWrongDirection);
  if (truncated(message)) stats.add(Stat::kFieldsTruncated);

  const jsonrpc::Value& raw_meta = message[Field::kMeta];
  const MetaContext meta =
      raw_meta.present ? trace_context::read_meta(raw_meta.text) : MetaContext{};
  TrackedCall* call = direction == Direction::kToServer
                          ? retried_call(method, message, meta, sighting.requester)
                          : nullptr;
  if (call != nullptr) {
    resume(*call, now.monotonic);
    if (call->scope != sighting.scope) {
      take_progress_token(*call, meta.progress_token, sighting.scope);
    }
  } else {
    call = &open_new(direction, method, message, now);
    call->observed.record.method = name;
    describe(*call, message, meta, sighting);
  }
  WireId id = read_wire_id(message[Field::kId]);
  if (call->observed.record.wire_id.type == WireId::Type::kNone) {
    call->observed.record.wire_id = id;
  }
  enlist(*call, std::move(id), sighting);
  begin_role(*call, message, now);
  note_forwarding(*call, sighting);
  if (direction != Direction::kToServer || sighting.stamp != nullptr) return std::nullopt;
  return splice_into(*call, message, meta, sighting);
}

void CallTracker::State::note_forwarding(TrackedCall& call, const Sighting& sighting) {
  if (sighting.written_at > sighting.read_at.monotonic) {
    call.observed.record.overhead += sighting.written_at - sighting.read_at.monotonic;
  } else if (unforwarded_count < unforwarded.size()) {
    unforwarded[unforwarded_count++] = {.call = &call, .serial = call.serial};
  }
}

TrackedCall& CallTracker::State::open_new(Direction direction, const Method& method,
                                          const jsonrpc::Message& message, Moment now) {
  OpenCalls& same_way = calls(direction);
  while (same_way.by_age.size() >= std::max(options.outstanding_max, 1U)) {
    evict_oldest(same_way, now);
  }
  TrackedCall& call = pool.take();
  call.method = &method;
  call.began = now.monotonic;
  call.observed.record.direction = direction;
  call.observed.record.started_at = now.wall;
  take_arguments(call, message);
  return call;
}

void CallTracker::State::describe(TrackedCall& call, const jsonrpc::Message& message,
                                  const MetaContext& meta, const Sighting& sighting) {
  CallRecord& record = call.observed.record;
  const Method& method = *call.method;
  if (method.target == Target::kName)
    record.tool_name = read_text(message[Field::kName], kNameBytesMax);
  if (method.target == Target::kUri)
    record.resource_uri = read_text(message[Field::kUri], kUriBytesMax);
  const bool to_server = record.direction == Direction::kToServer;

  const Requester* const requester = sighting.requester;
  call.modern = method.modern || !meta.protocol_version.empty() ||
                (requester != nullptr && requester->modern);
  connection.describe(record, {.method = method,
                               .meta = meta,
                               .requester = requester,
                               .modern = call.modern,
                               .at = sighting.read_at});
  if (to_server && method.role == Role::kInitialize) {
    connection.on_initialize(record, message[Field::kParams].text);
  }
  TrackedCall* const owner = to_server ? nullptr : owner_of(method, meta, sighting.scope);
  identify(call, meta, owner, sighting);
  if (owner != nullptr) begin_wait(call, owner, sighting.read_at);
  if (!meta.progress_token.empty()) {
    take_progress_token(call, meta.progress_token, sighting.scope);
  }
}

/// Span, request id and correlation id.
void CallTracker::State::identify(TrackedCall& call, const MetaContext& meta,
                                  const TrackedCall* owner, const Sighting& sighting) {
  CallRecord& record = call.observed.record;
  if (const Stamp* const stamp = sighting.stamp) {
    call.stamped = true;
    record.span = stamp->span;
    record.link = stamp->link;
    record.request_id = stamp->request_id;
    record.correlation_id = stamp->correlation_id;
    return;
  }
  const bool to_server = record.direction == Direction::kToServer;
  if (early && to_server) {
    record.span = early->record.span;
    record.request_id = early->record.request_id;
    call.minted_id = true;
  } else {
    const CallRecord* const around = owner != nullptr ? &owner->observed.record : nullptr;
    record.span = connection.place(meta, around, sighting.read_at);
    take_request_id(call, meta, sighting.read_at);
  }
  // Over HTTP each request has its own, and what it makes the server ask belongs to it.
  if (owner != nullptr && owner->stamped) {
    record.correlation_id = owner->observed.record.correlation_id;
  }
  if (record.correlation_id.empty()) record.correlation_id = to_hex(record.span.trace_id);
}

void CallTracker::State::take_progress_token(TrackedCall& call, const std::string& token,
                                             std::uint64_t scope) {
  if (!call.progress_token.empty()) by_progress.erase(call.progress_hash, call);
  call.progress_token = token;
  if (token.empty()) return;
  call.progress_hash = scoped(hash_text(token), scope);
  by_progress.insert(call.progress_hash, call);
}

void CallTracker::State::take_request_id(TrackedCall& call, const MetaContext& meta, Moment now) {
  std::string& id = call.observed.record.request_id;
  id = !meta.tool_call_id.empty() ? meta.tool_call_id : meta.request_id;
  call.minted_id = id.empty();
  if (call.minted_id) id = new_uuid7(now.wall, random);
}

void CallTracker::State::take_arguments(TrackedCall& call, const jsonrpc::Message& message) {
  if (call.method->target != Target::kName) return;
  const jsonrpc::Value& arguments = message[Field::kArguments];
  if (!arguments.present) return;
  Body& body = call.observed.arguments;
  body.size = arguments.size;
  body.truncated = arguments.truncated;
  call.observed.record.args_size_bytes = arguments.size;
  if (held_bytes + arguments.text.size() > options.held_bytes_max) {
    body.truncated = true;
    stats.add(Stat::kFieldsTruncated);
    return;
  }
  body.bytes = arguments.text;
  held_bytes += body.bytes.size();
}

void CallTracker::State::enlist(TrackedCall& call, WireId id, const Sighting& sighting) {
  const Moment now = sighting.read_at;
  OpenCalls& same_way = calls(call.observed.record.direction);
  const std::uint64_t hash = scoped(hash_id(id), sighting.scope);
  if (id.type == WireId::Type::kNull) stats.add(Stat::kNullId);
  if (TrackedCall* const older = same_way.find(id, hash, sighting.scope)) {
    stats.add(Stat::kDuplicateId);
    record(*older, {.status = CallStatus::kAborted, .error_type = "duplicate_id", .at = now});
  }
  call.hop_id = std::move(id);
  call.hop_hash = hash;
  call.hop_began = now.monotonic;
  call.scope = sighting.scope;
  call.exchange = sighting.exchange;
  if (call.exchange != 0) by_exchange.insert(scoped(0, call.exchange), call);
  same_way.by_id.insert(hash, call);
  same_way.by_age.push_back(call);
  const bool to_server = call.observed.record.direction == Direction::kToServer;
  if (to_server && !call.method->waits && !call.pending_said) due.push_back(call);
}

void CallTracker::State::begin_role(TrackedCall& call, const jsonrpc::Message& message,
                                    Moment now) {
  if (call.observed.record.direction != Direction::kToServer) return;
  const std::string_view params = message[Field::kParams].text;
  switch (call.method->role) {
    case Role::kToolsList:
      call.first_page = !find_member(params, "cursor");
      return;
    case Role::kToolsCall:
      if (options.start_lines && call.observed.record.hops == 1) {
        listener.on_event(event_of(Event::Type::kToolStart, call.observed.record, now));
      }
      return;
    case Role::kTaskGet:
    case Role::kTaskResult:
    case Role::kTaskUpdate:
    case Role::kTaskCancel:
      return begin_poll(call, params, now);
    default:
      return;
  }
}

TrackedCall* CallTracker::State::owner_of(const Method& method, const MetaContext& meta,
                                          std::uint64_t scope) const {
  if (method.role != Role::kElicitation && method.role != Role::kSampling) return nullptr;
  if (!meta.related_task.empty()) {
    if (TrackedCall* const task = find_task(meta.related_task)) return task;
  }
  const auto& to_server = open[static_cast<std::size_t>(Direction::kToServer)].by_age;
  for (TrackedCall* call = to_server.back(); call != nullptr; call = to_server.before(*call)) {
    if (call->method->may_ask && call->scope == scope) return call;
  }
  return nullptr;
}

void CallTracker::State::begin_wait(TrackedCall& call, TrackedCall* owner, Moment now) {
  call.owner = {.call = owner, .serial = owner->serial};
  WaitTime& wait = call.method->role == Role::kSampling ? owner->sampling : owner->human;
  wait.open(now.monotonic);
}

TrackedCall* CallTracker::State::retried_call(const Method& method, const jsonrpc::Message& message,
                                              const MetaContext& meta, const Requester* requester) {
  if (parked.size() == 0 || !method.may_ask) return nullptr;
  const InputAnswer answer = read_input_answer(message[Field::kParams].text);
  if (!answer.state_hash && !answer.has_responses) return nullptr;

  const std::string target = method.target == Target::kUri
                                 ? read_text(message[Field::kUri], kUriBytesMax)
                                 : read_text(message[Field::kName], kNameBytesMax);
  for (TrackedCall* call = parked.front(); call != nullptr; call = parked.after(*call)) {
    if (call->parked != Parked::kForInput || call->method != &method) continue;
    const CallRecord& record = call->observed.record;
    if (target != (method.target == Target::kUri ? record.resource_uri : record.tool_name))
      continue;
    if (requester != nullptr && !same_client(record, meta, *requester)) continue;
    if (call->has_state != answer.state_hash.has_value()) continue;
    const std::uint64_t hash =
        call->has_state ? *answer.state_hash : hash_text(message[Field::kArguments].text);
    if (hash == call->retry_hash) return call;
  }
  return nullptr;
}

void CallTracker::State::resume(TrackedCall& call, std::chrono::nanoseconds now) {
  OpenCalls& to_server = calls(Direction::kToServer);
  while (to_server.by_age.size() >= std::max(options.outstanding_max, 1U)) {
    evict_oldest(to_server,
                 {.wall = call.observed.record.started_at + (now - call.began), .monotonic = now});
  }
  unpark(call, now);
  ++call.observed.record.hops;
  stats.add(Stat::kRequestsJoined);
}

std::optional<std::string_view> CallTracker::State::splice_into(const TrackedCall& call,
                                                                const jsonrpc::Message& message,
                                                                const MetaContext& meta,
                                                                const Sighting& sighting) {
  if (early) {
    early.reset();
    return std::nullopt;
  }
  if (!options.inject || meta.has_traceparent) return std::nullopt;
  if (message.in_batch) {
    stats.add(Stat::kSpliceSkippedBatch);
    return std::nullopt;
  }
  // With a key twice, or with the end of `_meta` not read, nobody knows what is in it.
  if (!sighting.spliceable || !message.splice || message.duplicate_keys ||
      message[Field::kMeta].truncated) {
    stats.add(Stat::kSpliceSkippedShape);
    return std::nullopt;
  }
  const bool needs_id = call.minted_id && meta.request_id.empty();
  return splice_members(call.observed.record, needs_id, !meta.has_tracestate);
}

std::string_view CallTracker::State::splice_members(const CallRecord& record, bool minted_id,
                                                    bool with_tracestate) {
  splice.clear();
  trace_context::append_splice_members(
      splice, {.here = {.trace_id = record.span.trace_id,
                        .span_id = record.span.span_id,
                        .flags = static_cast<std::uint8_t>(record.span.sampled ? 1 : 0)},
               .with_tracestate = with_tracestate,
               .tracestate = connection.tracestate(),
               .request_id = minted_id ? std::string_view(record.request_id) : ""});
  stats.add(Stat::kSpliced);
  return splice;
}

std::optional<std::string_view> CallTracker::State::splice_early(Moment now) {
  if (!options.inject) return std::nullopt;
  early.emplace();
  early->record.span = connection.place({}, nullptr, now);
  early->record.request_id = new_uuid7(now.wall, random);
  return splice_members(early->record, true, true);
}

Event event_of(Event::Type type, const CallRecord& record, Moment now) {
  Event event;
  event.type = type;
  event.at = now.wall;
  event.session_id = record.session_id;
  event.mcp_session_id = record.mcp_session_id;
  event.correlation_id = record.correlation_id;
  event.span = record.span;
  event.request_id = record.request_id;
  event.method = record.method;
  event.tool_name = record.tool_name;
  return event;
}

}  // namespace sonde::mcp
