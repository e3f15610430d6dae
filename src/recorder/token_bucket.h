#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

namespace sonde::recorder {

/// Lets so many units through per second, and a second's worth at once.
/// Threads.  One owner.
class TokenBucket {
 public:
  TokenBucket(std::uint64_t rate, std::chrono::nanoseconds now) noexcept
      : rate_(static_cast<double>(rate)), tokens_(rate_), at_(now) {}

  /// Takes `units` if they are there.  `now` is by the monotonic clock.
  bool take(std::uint64_t units, std::chrono::nanoseconds now) noexcept {
    const std::chrono::duration<double> passed = now - at_;
    at_ = now;
    tokens_ = std::min(rate_, tokens_ + passed.count() * rate_);
    const auto wanted = static_cast<double>(units);
    if (wanted > tokens_) return false;
    tokens_ -= wanted;
    return true;
  }

 private:
  double rate_;
  double tokens_;
  std::chrono::nanoseconds at_;
};

}  // namespace sonde::recorder
