#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>

#include "base/random.h"

namespace sonde {

/// How long to wait before the next try: twice as long each time, up to a limit, and
/// never quite as long as others wait, so that a peer that comes back is not met by all
/// at once.  Threads.  One owner.
class Backoff {
 public:
  struct Options {
    std::chrono::milliseconds first{500};
    std::chrono::milliseconds max{30'000};
  };

  explicit Backoff(Options options) : options_(options) {}

  /// Between half of the current wait and all of it.
  std::chrono::nanoseconds next(Random& random) noexcept {
    const std::chrono::nanoseconds full = wait_;
    wait_ = std::min(wait_ * 2, std::chrono::nanoseconds(options_.max));
    const auto half = static_cast<std::uint64_t>(full.count()) / 2;
    return std::chrono::nanoseconds(static_cast<std::int64_t>(half + random.next() % (half + 1)));
  }

  /// After a success.
  void reset() noexcept { wait_ = options_.first; }

 private:
  Options options_;
  std::chrono::nanoseconds wait_ = options_.first;
};

}  // namespace sonde
