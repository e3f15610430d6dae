#include "mcp/connection.h"

#include <utility>

#include "base/json_reader.h"
#include "mcp/wire_values.h"

namespace sonde::mcp {
namespace {

constexpr std::string_view kNoSession = "none";
constexpr std::size_t kVersionBytesMax = 64;

}  // namespace

Connection::Connection(ConnectionContext context, Random& random)
    : context_(std::move(context)), random_(random) {}

void Connection::learn(std::shared_ptr<const Peer>& known, const Peer& peer) {
  if (peer.name.empty() && peer.version.empty()) return;
  if (!known || *known != peer) known = std::make_shared<const Peer>(peer);
}

void Connection::on_initialize(std::string_view params) {
  JsonMembers members(params);
  while (members.next()) {
    if (key_equals(members.key(), "clientInfo")) {
      learn(client_, trace_context::read_peer(members.value()));
    } else if (key_equals(members.key(), "protocolVersion")) {
      negotiated_version_ = read_text(members.value(), kVersionBytesMax);
    }
  }
}

void Connection::on_initialized(std::string_view result) {
  JsonMembers members(result);
  while (members.next()) {
    if (key_equals(members.key(), "serverInfo")) {
      learn(server_, trace_context::read_peer(members.value()));
    } else if (key_equals(members.key(), "protocolVersion")) {
      negotiated_version_ = read_text(members.value(), kVersionBytesMax);
    }
  }
}

void Connection::describe(CallRecord& record, const Method& method,
                          const trace_context::MetaContext& meta, Moment now) {
  const bool modern = !meta.protocol_version.empty() || method.modern;
  if (modern) {
    if (meta.client) learn(modern_client_, *meta.client);
    record.client = modern_client_;
    record.protocol_version = meta.protocol_version;
  } else {
    record.client = client_;
  }
  record.turn_id = meta.turn;
  record.tool_call_id = meta.tool_call_id;
  assign_session(record, method, meta, now);

  if (!context_.environment.correlation_id.empty()) {
    record.correlation_id = context_.environment.correlation_id;
  } else if (meta.parent) {
    record.correlation_id = to_hex(meta.parent->trace_id);
  } else if (context_.environment.parent) {
    record.correlation_id = to_hex(context_.environment.parent->trace_id);
  } else {
    if (minted_correlation_.empty()) minted_correlation_ = new_uuid7(now.wall, random_);
    record.correlation_id = minted_correlation_;
  }
}

void Connection::assign_session(CallRecord& record, const Method& method,
                                const trace_context::MetaContext& meta, Moment now) {
  // A client that probes the era starts the command, asks this once and kills it.
  const bool probe = !std::exchange(any_call_, true) && method.role == Role::kDiscover;
  const bool legacy = meta.protocol_version.empty() && !method.modern;
  // A legacy process is an MCP session; a modern one is explicitly none (mcp.md 1.6).
  if (legacy) record.mcp_session_id = minted_session(now);

  if (!context_.environment.conversation.empty()) {
    record.session_id = context_.environment.conversation;
    record.session_confidence = Confidence::kExact;
  } else if (!meta.conversation.empty()) {
    record.session_id = meta.conversation;
    record.session_confidence = Confidence::kExact;
  } else if (legacy) {
    record.session_id = record.mcp_session_id;
    record.session_confidence = Confidence::kStrong;
  } else if (!probe && !context_.host_session_id.empty()) {
    record.session_id = context_.host_session_id;
    record.session_confidence = Confidence::kInferred;
  } else {
    record.session_id = kNoSession;
    record.session_confidence = Confidence::kNone;
  }
}

const std::string& Connection::minted_session(Moment now) {
  if (minted_session_.empty()) minted_session_ = new_uuid7(now.wall, random_);
  return minted_session_;
}

SpanContext Connection::place(const trace_context::MetaContext& meta, const CallRecord* around,
                              Moment now) {
  SpanContext span{.trace_id = {}, .span_id = new_span_id(random_), .parent_span_id = {}};
  const auto& parent = meta.parent ? meta.parent : context_.environment.parent;
  if (!meta.parent && around != nullptr) {
    span.trace_id = around->span.trace_id;
    span.parent_span_id = around->span.span_id;
    span.sampled = around->span.sampled;
  } else if (parent) {
    span.trace_id = parent->trace_id;
    span.parent_span_id = parent->span_id;
    span.sampled = parent->sampled();
  } else {
    span.trace_id = new_trace_id(now.wall, random_);
  }
  return span;
}

}  // namespace sonde::mcp
