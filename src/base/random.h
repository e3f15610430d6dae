#pragma once

#include <cstdint>

namespace sonde {

/// Where ids get their bits from.  Not for secrets: an id is unguessable enough
/// to be unique, no more.  Threads.  One owner.
class Random {
 public:
  /// Seeded from the kernel.
  Random();
  /// The same numbers every time, for tests.
  explicit Random(std::uint64_t seed) noexcept;

  std::uint64_t next() noexcept;

 private:
  std::uint64_t state_[4];
};

}  // namespace sonde
