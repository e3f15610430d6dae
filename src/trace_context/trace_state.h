#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"

namespace sonde::trace_context {

/// Bounds of a `tracestate` (W3C Trace Context 3.3.1); what is beyond is cut from the end.
inline constexpr std::size_t kTraceStateMembersMax = 32;
inline constexpr std::size_t kTraceStateBytesMax = 512;

/// `tracestate` with the member `sonde=<span in hex>` in front, and without an older one
/// of ours: by it a span of the server is known to belong to a call that we have seen.
///
/// Read leniently: members that are no `key=value` in printable ASCII are left out, the
/// rest keeps its order.  Over the bounds, members of more than 128 characters go first,
/// then the last ones.
std::string with_sonde_member(std::string_view tracestate, const SpanId& span);

/// The members that with_sonde_member would keep; empty if there are none.
std::string clean_tracestate(std::string_view tracestate);

/// The span in our member; nothing without one, or if it is no span id.
std::optional<SpanId> sonde_member(std::string_view tracestate) noexcept;

}  // namespace sonde::trace_context
