#pragma once

#include <chrono>
#include <string>

namespace sonde {

/// Appends a moment since the Unix epoch as "2026-11-21T08:00:00.123Z" (RFC 3339 5.6).
/// Milliseconds are cut, not rounded, so that no text lies in the future.
void append_rfc3339(std::string& out, std::chrono::nanoseconds wall);

}  // namespace sonde
