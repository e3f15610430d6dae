#pragma once

#include <sys/types.h>

#include <chrono>
#include <string>
#include <string_view>

#include "base/result.h"

namespace sonde::recorder {

/// `<control_dir>/<pid>.json`: whole at any moment, and gone when its tap is.
///
/// Limits.  At most one write per kInterval, so a burst costs no more than a trickle.
/// Threads.  One owner.
class StatsFile {
 public:
  static constexpr std::chrono::seconds kInterval{1};

  StatsFile(const std::string& dir, pid_t pid);
  /// Removes the file.
  ~StatsFile();
  StatsFile(const StatsFile&) = delete;
  StatsFile& operator=(const StatsFile&) = delete;

  /// What it says is no longer true.
  void touch() noexcept { stale_ = true; }
  /// When write() is due, by the monotonic clock; max() while it is up to date.
  std::chrono::nanoseconds deadline() const noexcept {
    return stale_ ? written_at_ + kInterval : std::chrono::nanoseconds::max();
  }
  /// Replaces the file (write beside it, rename).  A failure is not repeated before
  /// kInterval has passed.
  Status write(std::string_view document, std::chrono::nanoseconds now_monotonic);

 private:
  const std::string path_;
  const std::string temporary_;
  std::chrono::nanoseconds written_at_ = -kInterval;
  bool stale_ = true;
};

}  // namespace sonde::recorder
