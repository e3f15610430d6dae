#pragma once

#include <chrono>
#include <ctime>

namespace sonde {

/// A moment on both clocks: the wall clock says when, the monotonic clock how long.
struct Moment {
  std::chrono::nanoseconds wall{};       ///< Since the Unix epoch; may jump.
  std::chrono::nanoseconds monotonic{};  ///< Since some fixed start; never jumps back.
};

/// Where the program gets the time from, so that a test can say what time it is.
class Clock {
 public:
  virtual ~Clock() = default;
  virtual Moment now() const noexcept = 0;
};

/// CLOCK_REALTIME and CLOCK_MONOTONIC.  Threads.  Any.
class SystemClock final : public Clock {
 public:
  Moment now() const noexcept override {
    return {.wall = read(CLOCK_REALTIME), .monotonic = read(CLOCK_MONOTONIC)};
  }

 private:
  static std::chrono::nanoseconds read(clockid_t id) noexcept {
    timespec time{};
    clock_gettime(id, &time);
    return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
  }
};

/// A clock that stands still until it is told to move.
class ManualClock final : public Clock {
 public:
  Moment now() const noexcept override { return now_; }
  void advance(std::chrono::nanoseconds by) noexcept {
    now_.wall += by;
    now_.monotonic += by;
  }
  /// Moves the wall clock only, as an administrator or NTP does.
  void jump_wall(std::chrono::nanoseconds by) noexcept { now_.wall += by; }

 private:
  Moment now_{.wall = std::chrono::seconds(1'795'176'000), .monotonic = std::chrono::seconds(1000)};
};

}  // namespace sonde
