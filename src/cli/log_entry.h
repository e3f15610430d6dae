#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sonde::cli {

/// What `tail` needs to know of one log line.
struct LogEntry {
  std::chrono::nanoseconds at{};
  std::string event;
  std::string level;
  std::string server;
  std::string tool;    ///< Of tools/call; else the method, with the prompt's name.
  std::string status;  ///< Empty: no call, but something that happened.
  double duration_ms = 0;
  std::uint64_t args_bytes = 0;
  std::uint64_t result_bytes = 0;
  bool has_args_size = false;
  bool has_result_size = false;
  std::string args_hash;
  std::string detail;  ///< The error's template; what happened.

  bool is_call() const noexcept { return !status.empty(); }
  /// As metrics count it: error, timeout, aborted.
  bool is_error() const noexcept;
};

/// Reads a line of the log.  Nothing if it is none of ours: torn, foreign, not JSON.
///
/// Texts are as they were in the JSON: whoever shows them makes them printable().
std::optional<LogEntry> parse_log_entry(std::string_view line);

/// Lines that carry metrics only; they are no entry, and nothing is wrong with them.
bool is_metrics_event(std::string_view event) noexcept;

}  // namespace sonde::cli
