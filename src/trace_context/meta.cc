#include "trace_context/meta.h"

#include <array>

#include "base/json_reader.h"
#include "trace_context/baggage.h"
#include "trace_context/correlation.h"

namespace sonde::trace_context {
namespace {

enum class Key : std::uint8_t {
  kTraceParent,
  kTraceState,
  kBaggage,
  kProgressToken,
  kProtocolVersion,
  kLogLevel,
  kClientInfo,
  kServerInfo,
  kRelatedTask,
  kRequestId,
  kToolCallId,
  kTurn,
  kCodexTurn,
  kConversation,  // The first of several counts, in the order of the table.
};

struct KnownKey {
  std::string_view name;
  Key key;
};

// What clients put on the wire: none of it but the protocol's own is standardised.
constexpr std::array kKnownKeys{
    KnownKey{"progressToken", Key::kProgressToken},
    KnownKey{"traceparent", Key::kTraceParent},
    KnownKey{"tracestate", Key::kTraceState},
    KnownKey{"baggage", Key::kBaggage},
    KnownKey{"io.modelcontextprotocol/protocolVersion", Key::kProtocolVersion},
    KnownKey{"io.modelcontextprotocol/clientInfo", Key::kClientInfo},
    KnownKey{"io.modelcontextprotocol/serverInfo", Key::kServerInfo},
    KnownKey{"io.modelcontextprotocol/logLevel", Key::kLogLevel},
    KnownKey{"io.modelcontextprotocol/related-task", Key::kRelatedTask},
    KnownKey{"sonde/request_id", Key::kRequestId},
    KnownKey{"claudecode/toolUseId", Key::kToolCallId},
    KnownKey{"callId", Key::kToolCallId},
    KnownKey{"toolCallId", Key::kToolCallId},
    KnownKey{"gen_ai.tool.call.id", Key::kToolCallId},
    KnownKey{"vscode.requestId", Key::kTurn},
    KnownKey{"x-codex-turn-metadata", Key::kCodexTurn},
    KnownKey{"vscode.conversationId", Key::kConversation},
    KnownKey{"ai.opencode/sessionID", Key::kConversation},
    KnownKey{"antigravity.google/conversation_id", Key::kConversation},
    KnownKey{"threadId", Key::kConversation},
    KnownKey{"sessionId", Key::kConversation},
};

constexpr std::size_t kPeerTextBytesMax = 256;
constexpr std::size_t kProgressTokenBytesMax = 256;

/// Index into kKnownKeys, or its size.
std::size_t find_key(std::string_view raw) noexcept {
  if (raw.find('\\') == std::string_view::npos) {
    std::size_t i = 0;
    while (i < kKnownKeys.size() && kKnownKeys[i].name != raw) ++i;
    return i;
  }
  std::size_t i = 0;
  while (i < kKnownKeys.size() && !key_equals(raw, kKnownKeys[i].name)) ++i;
  return i;
}

/// The text of a JSON string; empty for anything else.
std::string text_of(std::string_view value) {
  if (value.size() < 2 || value.front() != '"') return {};
  const std::string_view raw = value.substr(1, value.size() - 2);
  if (raw.find('\\') == std::string_view::npos) return std::string(raw);
  std::string text;
  append_unescaped(text, raw);
  return text;
}

std::string id_of(std::string_view value) {
  std::string text = text_of(value);
  if (!valid_correlation_id(text)) text.clear();
  return text;
}

std::string member_id(std::string_view object, std::string_view name) {
  const auto value = find_member(object, name);
  return value ? id_of(*value) : std::string();
}

/// Codex writes its turn as an object, or as a string that holds one.
std::string codex_turn(std::string_view value) {
  if (value.starts_with('"')) return member_id(text_of(value), "turn_id");
  return member_id(value, "turn_id");
}

class MetaReader {
 public:
  explicit MetaReader(MetaContext& context) : context_(context) {}

  void read(std::string_view meta) {
    JsonMembers members(meta);
    while (members.next()) {
      const std::size_t known = find_key(members.key());
      if (known < kKnownKeys.size()) take(known, members.value());
    }
    if (context_.conversation.empty() && !baggage_.empty()) {
      context_.conversation = baggage_conversation(baggage_);
    }
  }

 private:
  void take(std::size_t known, std::string_view value) {
    switch (kKnownKeys[known].key) {
      case Key::kTraceParent:
        context_.has_traceparent = true;
        context_.parent = parse_traceparent(text_of(value));
        return;
      case Key::kTraceState:
        context_.has_tracestate = true;
        context_.tracestate = text_of(value);
        return;
      case Key::kBaggage:
        baggage_ = text_of(value);
        return;
      case Key::kProgressToken:
        context_.progress_token = read_progress_token(value);
        return;
      case Key::kClientInfo:
        context_.client = read_peer(value);
        return;
      case Key::kServerInfo:
        context_.server = read_peer(value);
        return;
      default:
        return take_id(known, value);
    }
  }

  void take_id(std::size_t known, std::string_view value) {
    switch (kKnownKeys[known].key) {
      case Key::kProtocolVersion:
        context_.protocol_version = id_of(value);
        return;
      case Key::kLogLevel:
        context_.log_level = id_of(value);
        return;
      case Key::kRelatedTask:
        context_.related_task = member_id(value, "taskId");
        return;
      case Key::kRequestId:
        context_.request_id = id_of(value);
        return;
      case Key::kToolCallId:
        if (context_.tool_call_id.empty()) context_.tool_call_id = id_of(value);
        return;
      case Key::kTurn:
        context_.turn = id_of(value);
        return;
      case Key::kCodexTurn:
        if (context_.turn.empty()) context_.turn = codex_turn(value);
        return;
      case Key::kConversation:
        if (known < conversation_from_) take_conversation(known, value);
        return;
      default:
        return;
    }
  }

  void take_conversation(std::size_t known, std::string_view value) {
    std::string id = id_of(value);
    if (id.empty()) return;
    context_.conversation = std::move(id);
    conversation_from_ = known;
  }

  MetaContext& context_;
  std::string baggage_;
  std::size_t conversation_from_ = kKnownKeys.size();
};

std::string peer_text(std::string_view value) {
  std::string text = text_of(value);
  if (text.size() > kPeerTextBytesMax) text.resize(kPeerTextBytesMax);
  return text;
}

}  // namespace

MetaContext read_meta(std::string_view meta) {
  MetaContext context;
  MetaReader(context).read(meta);
  return context;
}

std::string read_progress_token(std::string_view value) {
  if (value.size() > kProgressTokenBytesMax) return {};
  if (!value.starts_with('"')) return std::string(value);
  return '"' + text_of(value);
}

Peer read_peer(std::string_view implementation) {
  Peer peer;
  JsonMembers members(implementation);
  while (members.next()) {
    if (key_equals(members.key(), "name")) peer.name = peer_text(members.value());
    if (key_equals(members.key(), "version")) peer.version = peer_text(members.value());
  }
  return peer;
}

}  // namespace sonde::trace_context
