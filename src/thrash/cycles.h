#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "thrash/call_key.h"

namespace sonde::thrash {

/// Sees calls that are made in turn, as A B A B or A B C A B C.
///
/// Purpose.  Compares each call with the one two, three and four places before it: a cycle goes
/// on while call and outcome are the same as one round ago.  The rounds are counted as Session
/// counts repetitions: who waits between them is polling.
/// Limits.  Rounds of kPeriodMin to kPeriodMax calls.  Threads.  One owner.
class Cycles {
 public:
  static constexpr std::size_t kPeriodMin = 2;
  static constexpr std::size_t kPeriodMax = 4;

  struct Call {
    CallKey key;
    std::uint64_t outcome = 0;
    bool comparable = false;  ///< Neither progress nor anything unknown is in it.
    std::chrono::nanoseconds started{};
    std::chrono::nanoseconds ended{};
    std::string_view tool;
    std::string_view request_id;
  };

  struct Rules {
    std::uint32_t rounds = 0;  ///< That may be made.
    std::chrono::nanoseconds window{};
    std::chrono::nanoseconds poll_interval{};
  };

  /// A cycle that has gone on for too long, `call` included.
  struct Found {
    std::size_t period = 0;
    std::uint64_t calls = 0;
    bool tell = false;  ///< It is the first time, or there are twice as many calls.
    std::chrono::nanoseconds began{};
    std::string_view first_request_id;  ///< Until the next add().
  };
  /// period is 0 if there is none.
  Found add(const Call& call, const Rules& rules);

  /// The last round.  REQUIRES: `found` is what add() has returned last.
  std::vector<std::string> tools(const Found& found) const;
  /// Calls f(CallKey) for each call of the last round.
  template <class F>
  void each_key(const Found& found, F&& f) const {
    for (std::size_t back = found.period; back > 0; --back) f(last(back).key);
  }

  std::size_t heap_bytes() const noexcept;

 private:
  struct Entry {
    CallKey key;
    std::uint64_t outcome = 0;
    bool comparable = false;
    std::chrono::nanoseconds started{};
    std::chrono::nanoseconds ended{};
    std::string tool;
    std::string request_id;
  };
  struct Run {
    std::uint32_t steps = 0;  ///< Calls that were as the one a round ago.
    std::uint32_t weight = 0;
    std::uint64_t tell_at = 0;
    std::chrono::nanoseconds began{};
    std::string first_request_id;
  };

  /// The call `back` places back, from 1.
  const Entry& last(std::size_t back) const noexcept {
    return ring_[(next_ + ring_.size() - back) % ring_.size()];
  }
  void compare(const Call& call, std::size_t period, const Rules& rules);
  void keep(const Call& call);
  bool differ(std::size_t period) const noexcept;

  std::array<Entry, kPeriodMax> ring_;
  std::size_t next_ = 0;
  std::array<Run, kPeriodMax - kPeriodMin + 1> runs_;
};

}  // namespace sonde::thrash
