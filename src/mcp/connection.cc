#include "mcp/connection.h"

#include <utility>

#include "base/json_reader.h"
#include "mcp/inferred_sessions.h"
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

void Connection::on_initialize(CallRecord& record, std::string_view params) {
  JsonMembers members(params);
  while (members.next()) {
    if (key_equals(members.key(), "clientInfo")) {
      learn(client_, trace_context::read_peer(members.value()));
      record.client = client_;
    } else if (key_equals(members.key(), "protocolVersion")) {
      record.protocol_version = read_text(members.value(), kVersionBytesMax);
      if (!context_.shared) negotiated_version_ = record.protocol_version;
    }
  }
}

void Connection::on_initialized(CallRecord& record, std::string_view result) {
  JsonMembers members(result);
  while (members.next()) {
    if (key_equals(members.key(), "serverInfo")) {
      learn(server_, trace_context::read_peer(members.value()));
    } else if (key_equals(members.key(), "protocolVersion")) {
      record.protocol_version = read_text(members.value(), kVersionBytesMax);
      if (!context_.shared) negotiated_version_ = record.protocol_version;
    }
  }
}

void Connection::describe(CallRecord& record, const Request& request) {
  introduce(record, request);
  record.turn_id = request.meta.turn;
  record.tool_call_id = request.meta.tool_call_id;
  assign_session(record, request);
  assign_correlation(record, request);
}

/// Who asks, and in which version.
void Connection::introduce(CallRecord& record, const Request& request) {
  if (request.requester != nullptr) {
    record.user_id = request.requester->user_id;
    record.protocol_version = request.requester->version;
  }
  if (!request.modern) {
    if (!context_.shared) record.client = client_;
    return;
  }
  const trace_context::MetaContext& meta = request.meta;
  if (meta.client) learn(modern_client_, *meta.client);
  if (meta.client || !context_.shared) record.client = modern_client_;
  if (!meta.protocol_version.empty() || request.requester == nullptr) {
    record.protocol_version = meta.protocol_version;
  }
}

void Connection::complete(CallRecord& record, bool modern) const {
  record.server = server_;
  if (modern || context_.shared) return;
  if (!record.client) record.client = client_;
  if (!negotiated_version_.empty()) record.protocol_version = negotiated_version_;
}

void Connection::assign_correlation(CallRecord& record, const Request& request) {
  if (!context_.environment.correlation_id.empty()) {
    record.correlation_id = context_.environment.correlation_id;
  } else if (request.meta.parent) {
    record.correlation_id = to_hex(request.meta.parent->trace_id);
  } else if (context_.environment.parent) {
    record.correlation_id = to_hex(context_.environment.parent->trace_id);
  } else if (!context_.shared) {
    if (minted_correlation_.empty()) minted_correlation_ = new_uuid7(request.at.wall, random_);
    record.correlation_id = minted_correlation_;
  }
}

void Connection::assign_session(CallRecord& record, const Request& request) {
  // A client that probes the era starts the command, asks this once and kills it.
  const bool probe = !std::exchange(any_call_, true) && request.method.role == Role::kDiscover;
  const Requester* const requester = request.requester;
  // A legacy process is an MCP session; a modern one is explicitly none (mcp.md 1.6).
  if (!request.modern) {
    record.mcp_session_id =
        requester != nullptr ? requester->mcp_session_id : minted_session(request.at);
  }

  if (!context_.environment.conversation.empty()) {
    record.session_id = context_.environment.conversation;
    record.session_confidence = Confidence::kExact;
  } else if (!request.meta.conversation.empty()) {
    record.session_id = request.meta.conversation;
    record.session_confidence = Confidence::kExact;
  } else if (requester != nullptr && !requester->conversation.empty()) {
    record.session_id = requester->conversation;
    record.session_confidence = Confidence::kExact;
  } else if (!record.mcp_session_id.empty()) {
    record.session_id = record.mcp_session_id;
    record.session_confidence = Confidence::kStrong;
  } else if (!probe && !context_.host_session_id.empty()) {
    record.session_id = context_.host_session_id;
    record.session_confidence = Confidence::kInferred;
  } else if (const std::string_view inferred = inferred_session(record, request);
             !inferred.empty()) {
    record.session_id = inferred;
    record.session_confidence = Confidence::kInferred;
    if (!requester->relayed) record.connection = requester->connection;
  } else {
    record.session_id = kNoSession;
    record.session_confidence = Confidence::kNone;
  }
}

std::string_view Connection::inferred_session(const CallRecord& record, const Request& request) {
  if (context_.inferred == nullptr || request.requester == nullptr) return {};
  const std::string client =
      record.client ? record.client->name + ' ' + record.client->version : std::string();
  return context_.inferred->find({.client = client,
                                  .user = request.requester->user_id,
                                  .connection = request.requester->connection,
                                  .relayed = request.requester->relayed},
                                 request.at);
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
