#pragma once

#include <cstdint>

#include "model/call_record.h"
#include "model/metrics.h"

namespace sonde::sinks {

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
