#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace sonde::thrash {

/// The same call, made again and again.
struct Streak {
  std::uint64_t outcome = 0;  ///< Of the last call.
  std::chrono::nanoseconds began{};
  std::chrono::nanoseconds ended{};  ///< The last call.
  std::uint32_t calls = 0;
  std::uint32_t weight = 0;
  std::uint32_t waits = 0;    ///< How many of the calls came after a pause.
  std::uint32_t tell_at = 0;  ///< At so many calls it is told again; 0: not told yet.
  std::uint32_t work = 0;     ///< Session::work when it was made last.
  std::string first_request_id;
};

/// The calls that a session has made lately.
///
/// Purpose.  A lookup and an insertion in a fixed number of steps: buckets of kWays slots, which
/// split while there may be more.
/// Limits.  `slots_max` slots; in a full bucket the call that was made longest ago makes room.
/// Lifetime.  A Streak stays until the next insert().  Threads.  One owner.
class StreakTable {
 public:
  static constexpr std::size_t kWays = 8;

  /// Null if there is none.
  Streak* find(std::uint64_t key) noexcept;

  struct Room {
    Streak* streak;       ///< As it was left by whoever had the place before.
    bool forgot = false;  ///< A call that was not over its time made room.
  };
  /// REQUIRES: find() was null; `key` is not 0.  What ended before `expired` may go.
  Room insert(std::uint64_t key, std::chrono::nanoseconds expired, std::size_t slots_max);

  std::size_t bytes_held() const noexcept;

 private:
  std::size_t bucket_of(std::uint64_t key) const noexcept {
    return (key >> 7U) % (slots_.size() / kWays) * kWays;
  }
  std::size_t index_of(std::size_t bucket, std::uint64_t key) const noexcept;
  void grow();

  std::vector<std::uint64_t> keys_;  ///< Apart, so that a bucket's fill one cache line; 0: free.
  std::vector<Streak> slots_;
};

/// What a text holds beside itself.
std::size_t heap_bytes(const std::string& text) noexcept;

}  // namespace sonde::thrash
