#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "trace_context/trace_parent.h"

namespace sonde::trace_context {

/// What the environment of a process says about the run it belongs to.
struct EnvContext {
  std::optional<TraceParent> parent;  ///< TRACEPARENT, if it is valid.
  std::string tracestate;             ///< TRACESTATE, only together with `parent`.
  std::string conversation;           ///< A host's session variable, else BAGGAGE; empty: none.
  std::string correlation_id;         ///< SONDE_CORRELATION_ID, if it is valid.
};

/// The value of an environment variable, or nothing.
using EnvLookup = std::function<std::optional<std::string_view>(std::string_view name)>;

/// Reads TRACEPARENT, TRACESTATE, BAGGAGE, SONDE_CORRELATION_ID, and the session
/// variables of known hosts (CLAUDE_CODE_SESSION_ID, GROK_SESSION_ID, …).
EnvContext read_environment(const EnvLookup& lookup);

}  // namespace sonde::trace_context
