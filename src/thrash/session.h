#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/stats.h"
#include "model/call_record.h"
#include "model/config.h"
#include "model/event.h"
#include "thrash/cycles.h"
#include "thrash/streak_table.h"
#include "thrash/turns.h"

namespace sonde::thrash {

/// What is told of a pattern, and what of it may be denied.
struct Finding {
  ThrashEvidence evidence;
  std::uint64_t calls = 0;
};

/// What one session has done lately.
///
/// Purpose.  Judges each call by those before it.  A repetition counts as long as nothing has
/// come of it: another result, or news of progress, begins anew.
/// Limits.  `calls_max` different calls (kThrashCallsForgotten).  Threads.  One owner.
class Session {
 public:
  struct Verdict {
    std::optional<Finding> tell;
    /// Calls that go in circles at present, to be denied; and how often they were made.
    std::array<CallKey, Cycles::kPeriodMax> circling{};
    std::size_t circling_count = 0;
    std::uint32_t calls = 0;
  };

  /// `server`: the hash of its name.
  Verdict judge(const CallRecord& record, std::uint64_t server, const ThrashConfig& config,
                std::uint32_t calls_max, Stats& stats);

  /// Adds to the results of the session.  True once: when they first exceed `limit`.
  bool exceeds(std::uint64_t tokens, std::uint64_t limit) noexcept;
  std::uint64_t tokens() const noexcept { return tokens_; }

  std::size_t heap_bytes() const noexcept;

  Turns turns;

  // How to tell of it.
  std::shared_ptr<const TapIdentity> tap;  ///< Of the last call.
  std::string session_id;
  std::string mcp_session_id;
  std::uint64_t hash = 0;              ///< What the detector knows it by.
  std::chrono::nanoseconds last_at{};  ///< By the monotonic clock.

 private:
  struct Step;
  Step step_of(const CallRecord& record, std::uint64_t server) const;
  std::uint32_t weight_of(const Streak& streak, const Step& step, const ThrashConfig& config) const;
  void begin(Streak& streak, const Step& step);
  void repeat(Streak& streak, const Step& step, std::uint32_t weight, const ThrashConfig& config);
  Streak* streak_at(std::uint64_t key, const Step& step, const ThrashConfig& config);
  Streak& new_streak(std::uint64_t key, const Step& step, const ThrashConfig& config,
                     std::uint32_t calls_max, Stats& stats);
  Streak& note_call(const Step& step, const ThrashConfig& config, std::uint32_t calls_max,
                    Stats& stats);
  Streak* note_failure(const Step& step, const ThrashConfig& config, std::uint32_t calls_max,
                       Stats& stats);
  void note_success(const Step& step);
  void note_denied(const Step& step, const ThrashConfig& config, Verdict& verdict);
  bool note_cycle(const Step& step, const ThrashConfig& config, Verdict& verdict);
  bool in_told_cycle(const Step& step, const ThrashConfig& config) const noexcept;
  static void tell_if_due(Streak& streak, ThrashEvidence::Pattern pattern, const Step& step,
                          Verdict& verdict);

  StreakTable calls_;
  Cycles cycles_;
  std::array<std::uint64_t, Cycles::kPeriodMax> told_cycle_{};  ///< Its calls.
  std::chrono::nanoseconds told_cycle_at_{};
  std::uint32_t work_ = 0;     ///< Calls that were new and went well.
  std::uint32_t failing_ = 0;  ///< Streaks of failures that may still go on.
  std::uint64_t tokens_ = 0;
  bool exceeded_ = false;
};

}  // namespace sonde::thrash
