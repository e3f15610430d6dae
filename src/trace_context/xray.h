#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"

namespace sonde::trace_context {

/// What an `X-Amzn-Trace-Id` header says.
struct XRayTrace {
  std::string root;  ///< As it stood, "1-5759e988-bd862e3fe1be46a994272793": the correlation id.
  TraceId trace_id;  ///< The same as 16 bytes.
  std::optional<SpanId> parent;
  std::optional<bool> sampled;  ///< Nothing: the sender leaves the decision to us ("?").
};

/// Reads `Root=1-…;Parent=…;Sampled=1`, fields in any order, unknown ones skipped.
/// Nothing without a Root of version 1.  A Parent or Sampled that cannot be read is absent.
std::optional<XRayTrace> parse_xray(std::string_view header);

}  // namespace sonde::trace_context
