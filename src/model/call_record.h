#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"

namespace sonde {

enum class CallStatus : std::uint8_t { kOk, kError, kDenied, kTimeout, kCancelled, kAborted };
enum class Transport : std::uint8_t { kStdio, kHttp, kSse };
enum class Vantage : std::uint8_t { kHost, kClient, kTap, kServer };
/// How sure we are of the session id (design section 5).
enum class Confidence : std::uint8_t { kNone, kInferred, kStrong, kExact };
/// Which way a request went.  Server-initiated ones go to the client.
enum class Direction : std::uint8_t { kToServer, kToClient };

/// "ok", "error", ... as in the log.
std::string_view to_string(CallStatus status) noexcept;
std::string_view to_string(Transport transport) noexcept;
std::string_view to_string(Vantage vantage) noexcept;
std::string_view to_string(Confidence confidence) noexcept;

/// The id of a JSON-RPC request.  The number 1 and the string "1" are two ids.
struct WireId {
  enum class Type : std::uint8_t { kNone, kNull, kNumber, kString };
  Type type = Type::kNone;
  std::string text;  ///< A number's digits as they stood; a string unescaped.
  bool operator==(const WireId&) const = default;
};

/// A program that names itself in the protocol; unverified.
struct Peer {
  std::string name;
  std::string version;
  bool operator==(const Peer&) const = default;
};

/// What is the same for every record of one tap.
struct TapIdentity {
  std::string server_name;  ///< By configuration; never empty.
  std::string service;      ///< The EMF root member `Service`.
  std::string environment;
  std::string instance;  ///< Pod, task or host.
  std::string tap_version;
  Transport transport = Transport::kStdio;
  Vantage vantage = Vantage::kTap;
};

/// The position of a call in a trace (design section 6).
struct SpanContext {
  TraceId trace_id;
  SpanId span_id;
  SpanId parent_span_id;  ///< Not valid: a root.
  bool sampled = true;
};

/// A span of another trace that a call has to do with.
struct SpanLink {
  TraceId trace_id;
  SpanId span_id;
};

/// The structured description of a finished call: the one source of every log line,
/// metric, span and row (design section 4, where each field is explained).
///
/// Everything in it may be shown: what could be secret has passed privacy.
struct CallRecord {
  std::shared_ptr<const TapIdentity> tap;
  std::shared_ptr<const Peer> client;  ///< Null while unknown.
  std::shared_ptr<const Peer> server;  ///< serverInfo; null while unknown.

  std::string request_id;
  WireId wire_id;
  std::string tool_call_id;
  std::string correlation_id;
  std::string session_id;      ///< "none" when unassigned.
  std::string mcp_session_id;  ///< Minted by us on stdio; over HTTP a keyed hash.
  std::string turn_id;
  std::string user_id;
  /// The client's connection that the session was inferred from; 0: from another thing.  Not
  /// shown: a number of this process.
  std::uint64_t connection = 0;
  Confidence session_confidence = Confidence::kNone;

  Direction direction = Direction::kToServer;
  std::string method;
  std::string tool_name;     ///< params.name of tools/call and prompts/get; as seen, redacted.
  std::string resource_uri;  ///< params.uri, redacted.
  bool tool_known = false;   ///< A tools/list of this server has shown the tool.
  std::string protocol_version;

  std::string args_hash;               ///< "c1:…" or "r1:…"; empty without arguments.
  std::vector<std::string> args_keys;  ///< Top level, at most 32.
  std::uint64_t args_size_bytes = 0;
  std::string hash_key_id;
  std::string result_hash;  ///< "c1:…", "r1:…" or "t1:…" (first 1 MiB and length).
  std::uint64_t result_size_bytes = 0;
  std::optional<std::uint64_t> result_count;
  std::string result_summary;  ///< Only when switched on.
  std::uint64_t result_tokens_est = 0;

  std::chrono::nanoseconds started_at{};  ///< Since the Unix epoch.
  std::chrono::nanoseconds ended_at{};
  std::chrono::nanoseconds duration{};       ///< By the monotonic clock.
  std::chrono::nanoseconds human_wait{};     ///< Open elicitations within the call.
  std::chrono::nanoseconds sampling_wait{};  ///< Open samplings within the call.
  std::chrono::nanoseconds overhead{};       ///< Our own added time.
  std::uint32_t hops = 1;
  std::uint32_t progress_count = 0;

  CallStatus status = CallStatus::kOk;
  std::optional<std::int64_t> error_code;  ///< JSON-RPC.
  std::string error_type;     ///< `error.type`: a code, "tool_error", "timeout", …; empty if ok.
  std::string error_message;  ///< A template unless content capture is on; at most 256 characters.

  SpanContext span;
  std::optional<SpanLink> link;  ///< The HTTP request's span, where `_meta` names another.

  // Content, only while capture is on, redacted; never EMF.
  std::string captured_arguments;
  std::string captured_result;
};

}  // namespace sonde
