#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "model/call_record.h"
#include "trace_context/trace_parent.h"

namespace sonde::trace_context {

/// What a `_meta` object says that we want to know.  Empty: not said, or not usable.
struct MetaContext {
  std::optional<TraceParent> parent;  ///< `traceparent`, if valid.
  bool has_traceparent = false;       ///< Valid or not: a second one must not be added.
  bool has_tracestate = false;
  std::string tracestate;  ///< As it stood.

  // The protocol's own.
  std::string progress_token;    ///< As read_progress_token gives it.
  std::string protocol_version;  ///< Present: the request is of the modern era.
  std::string log_level;
  std::string related_task;    ///< io.modelcontextprotocol/related-task
  std::optional<Peer> client;  ///< clientInfo of a modern request.
  std::optional<Peer> server;  ///< serverInfo of a modern result.

  // Of hosts.
  std::string request_id;    ///< `sonde/request_id`: another tap was here first.
  std::string tool_call_id;  ///< The host's id of the call.
  std::string conversation;  ///< A host's conversation key, else one in `baggage`.
  std::string turn;          ///< The host's id of one user request.
};

/// Reads the raw JSON text of a `_meta` object, possibly cut off at its end: then what
/// stands before the cut is read.  Ids that are not 1 to 128 characters of visible ASCII
/// are left out.  Anything but an object says nothing.
MetaContext read_meta(std::string_view meta);

/// A form in which progress tokens can be compared: the number 1 and the string "1" differ,
/// the same string written with other escapes does not.  Empty if it is too long.
std::string read_progress_token(std::string_view value);

/// Reads `{"name":…,"version":…}`; a text longer than 256 bytes is cut.
Peer read_peer(std::string_view implementation);

}  // namespace sonde::trace_context
