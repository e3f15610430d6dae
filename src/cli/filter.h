#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cli/log_entry.h"

namespace sonde::cli {

/// Which entries are wanted.
struct Filter {
  std::string server;                 ///< A name or a pattern with `*` and `?`; empty: every one.
  std::string tool;                   ///< Likewise.
  std::vector<std::string> statuses;  ///< Empty: every one.
  std::chrono::nanoseconds since{0};  ///< Since the Unix epoch.

  /// What is no call matches only where neither tool nor status is asked for.
  bool matches(const LogEntry& entry) const;
};

/// "error", "error,timeout"; fails with the nearest name that there is.
Result<std::vector<std::string>> parse_statuses(std::string_view text);

/// "10m" before now, or "2026-11-20T12:00:00Z".
Result<std::chrono::nanoseconds> parse_since(std::string_view text, std::chrono::nanoseconds now);

/// "90s", "15m", "2h", "7d"
Result<std::chrono::milliseconds> parse_duration(std::string_view text);

/// Whether `name` is what a pattern with `*` and `?` means.
bool pattern_matches(const std::string& pattern, const std::string& name);

}  // namespace sonde::cli
