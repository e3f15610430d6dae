#pragma once

#include <cstddef>
#include <string_view>

namespace sonde::trace_context {

inline constexpr std::size_t kCorrelationIdBytesMax = 128;

/// Whether `text` can be a correlation id, or any other id that we take from outside:
/// 1 to 128 characters of visible ASCII, so that it can stand in a header, a log line and
/// a metric's property as it is.
bool valid_correlation_id(std::string_view text) noexcept;

}  // namespace sonde::trace_context
