#pragma once

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdint>
#include <numeric>

namespace sonde::sinks {

/// On while calls come faster than a rate, with hysteresis.
///
/// Purpose.  Decides between a metric line per call and one per interval.
/// Limits.  Looks at the last kWindow seconds; on above `rate_max` calls per second, off
/// again below half of it, so that a rate near the limit does not flicker.
class RateSwitch {
 public:
  static constexpr std::int64_t kWindow = 5;

  explicit RateSwitch(double rate_max) : calls_max_(rate_max * kWindow) {}

  /// Counts one call, and says whether the switch is on, by the monotonic clock.
  bool count(std::chrono::nanoseconds monotonic) noexcept {
    advance(std::chrono::floor<std::chrono::seconds>(monotonic).count());
    ++calls_[slot(second_)];
    const auto calls =
        static_cast<double>(std::accumulate(calls_.begin(), calls_.end(), std::uint64_t{0}));
    on_ = on_ ? calls >= calls_max_ / 2 : calls > calls_max_;
    return on_;
  }

 private:
  static std::size_t slot(std::int64_t second) noexcept {
    return static_cast<std::size_t>(second % kWindow);
  }

  void advance(std::int64_t second) noexcept {
    const std::int64_t passed = std::clamp<std::int64_t>(second - second_, 0, kWindow);
    for (std::int64_t i = 1; i <= passed; ++i) calls_[slot(second - passed + i)] = 0;
    second_ = std::max(second, second_);
  }

  const double calls_max_;
  std::array<std::uint64_t, kWindow> calls_{};
  std::int64_t second_ = 0;
  bool on_ = false;
};

}  // namespace sonde::sinks
