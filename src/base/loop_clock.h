#pragma once

#include <ctime>

#include "base/clock.h"

namespace sonde {

/// The system's time for a loop that asks for it several times per message.
///
/// Purpose.  One system clock is read where SystemClock reads two: the wall clock is taken
/// to run beside the monotonic one, and is looked at anew every kResync.  (A reading costs
/// 20 to 50 ns, and there would be a dozen per call.)
/// Limits.  A jump of the wall clock is seen kResync late.  Threads.  One owner.
class LoopClock final : public Clock {
 public:
  static constexpr std::chrono::nanoseconds kResync = std::chrono::milliseconds(100);

  LoopClock() noexcept { resync(); }

  Moment now() const noexcept override {
    last_ = read(CLOCK_MONOTONIC);
    if (last_ >= resync_at_) resync();
    return {.wall = last_ + wall_ahead_, .monotonic = last_};
  }

  /// The last answer of now(), by the monotonic clock.
  std::chrono::nanoseconds last() const noexcept { return last_; }

 private:
  static std::chrono::nanoseconds read(clockid_t id) noexcept {
    timespec time{};
    clock_gettime(id, &time);
    return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
  }

  void resync() const noexcept {
    const std::chrono::nanoseconds wall = read(CLOCK_REALTIME);
    last_ = read(CLOCK_MONOTONIC);
    wall_ahead_ = wall - last_;
    resync_at_ = last_ + kResync;
  }

  mutable std::chrono::nanoseconds last_{};
  mutable std::chrono::nanoseconds wall_ahead_{};
  mutable std::chrono::nanoseconds resync_at_{};
};

}  // namespace sonde
