#pragma once

#include <cstdint>
#include <string_view>

#include "model/call_record.h"

namespace sonde::sinks {

/// The metrics of a tool call.  The names are known to dashboards and alarms elsewhere.
inline constexpr std::string_view kToolDuration = "ToolDuration";
inline constexpr std::string_view kCallCount = "tool_call_count";
inline constexpr std::string_view kErrorCount = "tool_error_count";
inline constexpr std::string_view kToolDenied = "ToolDenied";
inline constexpr std::string_view kResultSize = "ResultSize";
inline constexpr std::string_view kResultTokens = "ResultTokens";
inline constexpr std::string_view kEmptyResults = "EmptyResults";

/// Those of kGauges, per upstream.
inline constexpr std::string_view kActiveSseSessions = "ActiveSseSessions";
inline constexpr std::string_view kActiveUsers = "ActiveUsers";
inline constexpr std::string_view kMcpSessions = "McpSessions";
inline constexpr std::string_view kIdleMcpSessions = "IdleMcpSessions";

inline constexpr std::string_view kMilliseconds = "Milliseconds";
inline constexpr std::string_view kCount = "Count";
inline constexpr std::string_view kBytes = "Bytes";

/// Error, timeout and aborted are errors: the caller got no answer it could use.  A denial
/// has its own metric, and a cancellation is the caller's wish.
inline bool counts_as_error(CallStatus status) noexcept {
  return status == CallStatus::kError || status == CallStatus::kTimeout ||
         status == CallStatus::kAborted;
}

/// Only a call with a result has the three result metrics: zeros of calls that were never
/// answered would pull sizes and percentiles down.
inline bool has_result(const CallRecord& record) noexcept { return record.result_size_bytes > 0; }

inline bool has_empty_result(const CallRecord& record) noexcept {
  return has_result(record) && record.result_count == 0;
}

}  // namespace sonde::sinks
