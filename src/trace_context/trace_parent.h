#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/ids.h"

namespace sonde::trace_context {

/// Where a caller stands in its trace: the value of a W3C `traceparent`.
struct TraceParent {
  TraceId trace_id;
  SpanId span_id;  ///< The caller's span: the parent of ours.
  std::uint8_t flags = 0;

  bool sampled() const noexcept { return (flags & 1U) != 0; }
  bool operator==(const TraceParent&) const = default;
};

/// Reads a `traceparent`, for example
/// "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01".
///
/// Nothing for anything the recommendation refuses: upper-case digits, all-zero ids,
/// version ff, a version 00 of another length.  A bad parent would silently attach our
/// spans to someone else's trace.  Of a version to come the first 55 characters are
/// read, if the next is a dash (W3C Trace Context level 2, section 4).
std::optional<TraceParent> parse_traceparent(std::string_view text) noexcept;

inline constexpr std::size_t kTraceparentBytes = 55;  // 2 + 1 + 32 + 1 + 16 + 1 + 2.

/// Version 00, without an allocation.
std::array<char, kTraceparentBytes> traceparent_text(const TraceParent& parent) noexcept;

/// Appends version 00 with the 55 characters it has.
void append_traceparent(std::string& out, const TraceParent& parent);

}  // namespace sonde::trace_context
