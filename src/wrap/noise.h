#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "model/event.h"

namespace sonde::wrap {

/// Lines on a server's stdout that are no JSON-RPC, told in one event a minute.
///
/// Limits.  The first kLinesNamed of a report are named by their number.
class Noise {
 public:
  static constexpr std::size_t kLinesNamed = 5;
  static constexpr std::chrono::nanoseconds kInterval = std::chrono::minutes(1);
  /// The first report waits so long for more of the same: a banner has several lines.
  static constexpr std::chrono::nanoseconds kGather = std::chrono::seconds(1);

  void take(std::uint64_t line, Moment now);

  /// When a report is due, by the monotonic clock; max() for never.
  std::chrono::nanoseconds next_due() const noexcept;
  /// What has not been reported yet; nothing if there is nothing.
  std::optional<Event> report(Moment now);

 private:
  std::vector<std::uint64_t> lines_;
  std::uint64_t count_ = 0;
  std::chrono::nanoseconds due_{};         ///< Of what is counted now.
  std::chrono::nanoseconds not_before_{};  ///< Of the next report.
};

}  // namespace sonde::wrap
