#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>

namespace sonde {

/// Appends a moment since the Unix epoch as "2026-11-21T08:00:00.123Z" (RFC 3339 5.6).
/// Milliseconds are cut, not rounded, so that no text lies in the future.
void append_rfc3339(std::string& out, std::chrono::nanoseconds wall);

/// Reads such a text, with any number of decimals (or none) and an offset such as
/// "+02:00" in place of Z; nothing for anything else, or a year before 1970.
std::optional<std::chrono::nanoseconds> parse_rfc3339(std::string_view text) noexcept;

}  // namespace sonde
