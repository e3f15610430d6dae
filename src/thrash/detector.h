#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <unordered_map>
#include <vector>

#include "base/clock.h"
#include "base/stats.h"
#include "model/call_record.h"
#include "model/config.h"
#include "model/event.h"
#include "thrash/deny_table.h"
#include "thrash/session.h"

namespace sonde::thrash {

/// How much is remembered.
struct Limits {
  std::uint32_t sessions_max = 4096;
  std::uint32_t calls_max = 128;  ///< Different calls of each; a power of two, at least 8.
};

/// What a model can be given, and how much of it the results of one session may fill.
struct Context {
  std::uint64_t limit_tokens = AlarmsConfig{}.context_limit_tokens;
  double share = AlarmsConfig{}.session_share;  ///< Percent.
};

/// Finds agents that go in circles, in the stream of finished tool calls (design section 9).
///
/// Purpose.  Four patterns: the same call with the same result (`repeat`; `poll` if the agent
/// waits in between), calls in turn (`cycle`), a tool that fails again and again (`failure`).
/// Another result, or progress, is no thrash; tasks/get and the like are not looked at.  An event
/// kThrash when a pattern begins, and again when it has doubled.  Beside that, because it knows
/// the sessions: turns (kTurnEnd, with the iterations of each), and once per session that its
/// results fill much of a model's context (kContextHigh).
///
/// What belongs to no session is judged by MCP session; what has neither is not judged, because
/// it may come from anybody.
///
/// Limits.  Of `limits`, all counted (kThrashSessionsForgotten, kThrashCallsForgotten); of the
/// sessions the one that was silent for longest makes room.
/// Lifetime.  `stats` and `denials` must outlive it.  Threads.  One owner.  Blocking.  Never.
/// Failure.  None.  Privacy.  Takes records that have passed privacy; compares hashes only.
class Detector {
 public:
  /// `denials`: where calls go that are to be denied; null: nowhere.
  Detector(const ThrashConfig& config, const Context& context, const Limits& limits, Stats& stats,
           DenyTable* denials = nullptr);

  /// Appends to `out` what a finished call shows.
  void take(const CallRecord& record, Moment now, std::vector<Event>& out);

  /// When tick() wants to be called, by the monotonic clock; max() for never.
  std::chrono::nanoseconds next_due() const;
  /// Ends turns after which nothing has come for long enough.
  void tick(Moment now, std::vector<Event>& out);
  /// Nothing more will come: ends all turns.
  void end(Moment now, std::vector<Event>& out);

  std::size_t sessions() const noexcept { return by_key_.size(); }
  std::size_t bytes_held() const noexcept;

 private:
  /// Sessions in the order of their last call; a list for each way in which a turn ends.
  enum Rest : std::uint8_t { kUnnamedTurn, kNamedTurn, kNoTurn, kRests };
  using Sessions = std::list<Session>;

  static std::uint64_t own_key(const CallRecord& record, std::uint64_t server) noexcept;
  std::uint64_t server_hash(const CallRecord& record);
  Session& session_of(const CallRecord& record, std::uint64_t key, Moment now,
                      std::vector<Event>& out);
  void make_room(Moment now, std::vector<Event>& out);
  std::chrono::nanoseconds gap_of(Rest rest) const noexcept;
  void judge(Session& session, const CallRecord& record, std::uint64_t server, Moment now,
             std::vector<Event>& out);
  void tell_turn(Session& session, Moment now, std::vector<Event>& out) const;
  void tell_context(const Session& session, const CallRecord& record,
                    std::vector<Event>& out) const;
  void tell(Finding&& finding, const CallRecord& record, std::vector<Event>& out);
  void deny(const Session::Verdict& verdict, const CallRecord& record, Moment now);

  const ThrashConfig config_;
  const Context context_;
  const Limits limits_;
  Stats& stats_;
  DenyTable* const denials_;
  std::array<Sessions, kRests> by_rest_;
  struct Place {
    Rest rest = kNoTurn;
    Sessions::iterator at;
  };
  std::unordered_map<std::uint64_t, Place> by_key_;
  std::shared_ptr<const TapIdentity> tap_;  ///< Whose name was hashed last.
  std::uint64_t tap_hash_ = 0;
};

}  // namespace sonde::thrash
