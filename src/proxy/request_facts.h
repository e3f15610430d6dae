#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "http/head.h"
#include "mcp/http_report.h"
#include "trace_context/trace_parent.h"

namespace sonde::proxy {

/// What the head of a request says beside where its body ends.
///
/// Ownership.  Of all its texts: it outlives the head.
struct RequestFacts {
  mcp::HttpMethod method = mcp::HttpMethod::kOther;
  bool json = false;        ///< The body is JSON, and nobody has encoded it.
  bool encoded = false;     ///< There is a Content-Encoding: nobody here can read the body.
  bool streamable = false;  ///< The client would take the answer as events.
  bool is_signed = false;   ///< Somebody has signed or digested what we would change.
  bool resumes = false;
  bool names_method = false;
  bool relayed = false;          ///< A relay stands before us, and says so.
  std::uint64_t connection = 0;  ///< The client's; not from the head.

  std::string session_id;
  std::string version;
  std::string mcp_method;  ///< Mcp-Method and Mcp-Name, decoded.
  std::string mcp_name;

  std::string request_id;      ///< x-request-id, if it can be one.
  std::string correlation_id;  ///< x-correlation-id, else Root of x-amzn-trace-id.
  std::optional<trace_context::TraceParent> parent;  ///< traceparent, else x-amzn-trace-id.
  bool has_traceparent = false;                      ///< Valid or not.
  std::string conversation;
  std::string subject;
  bool subject_verified = false;
};

/// Reads it.  `subject_header`: a field set by whoever authenticates in front of us; empty: the
/// `sub` of a JWT in Authorization counts, which nobody has verified.
RequestFacts read_facts(const http::Head& head, std::string_view subject_header);

/// The `sub` of a JWT (RFC 7519), not verified; empty if there is none.
std::string subject_of_jwt(std::string_view token);

/// The value of an MCP header: as it is, or decoded from `=?base64?…?=` (MCP 2026-07-28,
/// Streamable HTTP, "Value Encoding").  Nothing if what should be base64 is not.
std::optional<std::string> decode_mcp_value(std::string_view value);

/// Whether a media type is JSON, as in "application/json; charset=utf-8".
bool is_json(std::string_view content_type) noexcept;
bool is_event_stream(std::string_view content_type) noexcept;

}  // namespace sonde::proxy
