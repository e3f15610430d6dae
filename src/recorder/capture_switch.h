#pragma once

#include <chrono>

#include "base/clock.h"
#include "privacy/scrubber.h"

namespace sonde::recorder {

/// Whether content is kept just now, and until when.  Threads.  One owner.
class CaptureSwitch {
 public:
  void turn_on(std::chrono::seconds duration, bool errors_only, Moment now) noexcept {
    state_ = {.on = true, .errors_only = errors_only};
    until_ = {.wall = now.wall + duration, .monotonic = now.monotonic + duration};
  }
  void turn_off() noexcept { state_ = {}; }

  privacy::Capture state() const noexcept { return state_; }
  Moment until() const noexcept { return until_; }

  /// When expired() will be true by the monotonic clock; max() while off.
  std::chrono::nanoseconds deadline() const noexcept {
    return state_.on ? until_.monotonic : std::chrono::nanoseconds::max();
  }
  /// Of two clocks the earlier counts: one stands still while the machine sleeps, the
  /// other may be set back.
  bool expired(Moment now) const noexcept {
    return state_.on && (now.monotonic >= until_.monotonic || now.wall >= until_.wall);
  }

 private:
  privacy::Capture state_;
  Moment until_;
};

}  // namespace sonde::recorder
