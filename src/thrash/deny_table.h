#pragma once

#include <array>
#include <atomic>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string_view>

#include "thrash/call_key.h"

namespace sonde::thrash {

/// CallRecord::error_type of a call that was denied here.
inline constexpr std::string_view kDeniedType = "thrash";

/// The calls that are denied at present, for the data path to look up.
///
/// Purpose.  Written where thrash is found, read by every thread that forwards.  A reader makes
/// one relaxed load while nothing is denied.
/// Limits.  kSlots calls; the one that would be denied for the shortest time makes room.
/// Threads.  One writes; any number read, and none of them waits.  What is read while its slot
/// is written counts as not denied.
class DenyTable {
 public:
  static constexpr std::size_t kSlots = 64;
  using Time = std::chrono::nanoseconds;  ///< Of the monotonic clock.

  struct Denial {
    std::uint32_t calls = 0;  ///< How often it was made in vain.
    Time until{};
  };

  /// Denies a call of a session until then, or for longer.  False: another denial made room.
  bool deny(std::uint64_t session, const CallKey& key, const Denial& denial, Time now) noexcept;

  /// Whether any call is denied.
  bool any(Time now) const noexcept {
    return now.count() < last_until_.load(std::memory_order_relaxed);
  }
  /// Whether a call of that tool is denied to anybody.
  bool lists(std::string_view server, std::string_view tool, Time now) const noexcept;
  /// REQUIRES: `args_hash` is made with the key of the records.
  struct Call {
    std::uint64_t session = 0;  ///< session_key() of what the record will have.
    std::string_view server;
    std::string_view tool;
    std::string_view args_hash;
  };
  std::optional<Denial> find(const Call& call, Time now) const noexcept;

 private:
  struct Slot {
    std::atomic<std::uint64_t> call = 0;  ///< With the session; 0 while it is written.
    std::atomic<std::uint64_t> tool = 0;
    std::atomic<std::int64_t> until = 0;
    std::atomic<std::uint32_t> calls = 0;
  };

  Slot& slot_for(std::uint64_t call) noexcept;

  std::array<Slot, kSlots> slots_;
  std::atomic<std::int64_t> last_until_ = 0;
};

}  // namespace sonde::thrash
