#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "cli/line_reader.h"
#include "cli/log_entry.h"

namespace sonde::cli {

struct LogFile {
  std::string path;
  int fd = -1;     ///< If not negative, read this instead of opening the path.
  off_t end = -1;  ///< If not negative, read no further.
};

/// A log and what was rotated away from it.
struct LogSeries {
  std::vector<LogFile> newest_first;
};

/// The logs in a folder: `x.jsonl`, `x.jsonl.1`, … are one series.
///
/// Limits.  kLogNamesMax names of the folder are looked at.  Failure.  A folder that cannot
/// be read has no logs.
std::vector<LogSeries> find_logs(const std::string& folder);
inline constexpr std::size_t kLogNamesMax = 10'000;

/// The log at `path` and what was rotated away from it.
LogSeries log_series(const std::string& path);

/// What could not be shown, to be told at the end.
struct Skipped {
  std::uint64_t lines = 0;         ///< Torn, foreign or too long.
  std::vector<std::string> files;  ///< "PATH: why"
  std::uint64_t rows = 0;          ///< More than may be held.
};

enum class Order : std::uint8_t { kOldestFirst, kNewestFirst };

/// Walks the entries of one series, over all its files.
///
/// Limits.  One line and one block of one file are in memory; one file is open.
class LogCursor {
 public:
  /// Entries much older than `since` are left out for speed, not reliably.
  LogCursor(LogSeries series, Order order, std::chrono::nanoseconds since, Skipped& skipped);

  /// Loads the next entry; false at the end.
  bool next();
  const LogEntry& entry() const noexcept { return entry_; }
  /// The line it was read from; valid until next().
  std::string_view line() const noexcept { return line_; }

 private:
  std::optional<std::string_view> next_line();
  bool open_next();
  bool take(std::string_view line);
  void close_file();

  std::vector<LogFile> files_;  ///< The next one is the last.
  Order order_;
  std::chrono::nanoseconds since_;
  Skipped& skipped_;
  std::variant<std::monostate, ForwardLines, BackwardLines> lines_;
  LogEntry entry_;
  std::string_view line_;
};

/// Shows the entries of all series by time to `use`, until it returns false.
void merge_logs(std::vector<LogSeries> series, Order order, std::chrono::nanoseconds since,
                Skipped& skipped,
                const std::function<bool(const LogEntry& entry, std::string_view line)>& use);

/// Where the last complete line of an open file ends, within its first `size` bytes.
off_t complete_end(int fd, off_t size);

}  // namespace sonde::cli
