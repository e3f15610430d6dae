#include "thrash/session.h"

#include <algorithm>
#include <utility>

#include "thrash/deny_table.h"
#include "thrash/weights.h"

namespace sonde::thrash {
namespace {

using Pattern = ThrashEvidence::Pattern;

/// What a streak of failures is kept under, beside the calls.
constexpr std::uint64_t kFailures = 0xF4116D;

bool failed(CallStatus status) noexcept {
  return status == CallStatus::kError || status == CallStatus::kTimeout ||
         status == CallStatus::kDenied;
}

/// What came of a call, so that two can be compared; nothing if that was not seen whole.
/// A failure is known by its template: ids and times in it are no news.
std::optional<std::uint64_t> outcome_of(const CallRecord& record) {
  if (failed(record.status)) {
    return mix(hash_of(record.error_type), hash_of(record.error_message));
  }
  if (record.result_hash.empty() && record.result_size_bytes > 0) return std::nullopt;
  return hash_of(record.result_hash);
}

}  // namespace

/// A call, as far as it is compared with others.
struct Session::Step {
  const CallRecord& record;
  CallKey key;
  std::uint64_t outcome = 0;
  bool comparable = false;
  bool failed = false;
};

Session::Step Session::step_of(const CallRecord& record, std::uint64_t server) const {
  const auto outcome = outcome_of(record);
  // Arguments too large to be hashed may be the same or not.
  const bool known = !record.args_hash.empty() || record.args_size_bytes == 0;
  return {.record = record,
          .key = call_key(server, record.tool_name, record.args_hash),
          .outcome = outcome.value_or(0),
          .comparable = outcome && known && record.progress_count == 0,
          .failed = failed(record.status)};
}

Session::Verdict Session::judge(const CallRecord& record, std::uint64_t server,
                                const ThrashConfig& config, std::uint32_t calls_max, Stats& stats) {
  Verdict verdict;
  // Who cancelled a call has not seen what came of it.
  if (record.status == CallStatus::kCancelled || record.status == CallStatus::kAborted) {
    return verdict;
  }
  const Step step = step_of(record, server);
  if (record.status == CallStatus::kDenied && record.error_type == kDeniedType) {
    note_denied(step, config, verdict);
    return verdict;
  }
  const Streak& call = note_call(step, config, calls_max, stats);
  const Pattern pattern = 2 * call.waits >= call.calls ? Pattern::kPoll : Pattern::kRepeat;
  const bool circles = note_cycle(step, config, verdict);
  const bool repeats = call.weight > config.repeats * kWhole;
  // The call may have gone to another place by then.
  Streak* const failure = step.failed ? note_failure(step, config, calls_max, stats) : nullptr;
  if (!step.failed) note_success(step);
  const bool fails = failure != nullptr && failure->weight > config.failures * kWhole;
  if (!circles && !repeats && !fails) return verdict;
  if (!circles) {
    verdict.circling[0] = step.key;
    verdict.circling_count = 1;
  }
  if (circles || in_told_cycle(step, config)) return verdict;
  if (fails) {
    tell_if_due(*failure, Pattern::kFailure, step, verdict);
  } else if (Streak* const again = calls_.find(step.key.call)) {
    tell_if_due(*again, pattern, step, verdict);
  }
  return verdict;
}

/// Whether the same call, or failure, was met within the window.
Streak* Session::streak_at(std::uint64_t key, const Step& step, const ThrashConfig& config) {
  Streak* const found = calls_.find(key);
  if (found == nullptr || step.record.started_at - found->ended > config.window) return nullptr;
  return found;
}

Streak& Session::new_streak(std::uint64_t key, const Step& step, const ThrashConfig& config,
                            std::uint32_t calls_max, Stats& stats) {
  Streak* streak = calls_.find(key);
  if (streak == nullptr) {
    const auto room = calls_.insert(key, step.record.started_at - config.window, calls_max);
    if (room.forgot) stats.add(Stat::kThrashCallsForgotten);
    streak = room.streak;
  }
  begin(*streak, step);
  return *streak;
}

void Session::begin(Streak& streak, const Step& step) {
  streak.outcome = step.outcome;
  streak.began = step.record.started_at;
  streak.ended = step.record.ended_at;
  streak.calls = 1;
  streak.weight = kWhole;
  streak.waits = 0;
  streak.tell_at = 0;
  streak.work = work_;
  streak.first_request_id.assign(step.record.request_id);
}

std::uint32_t Session::weight_of(const Streak& streak, const Step& step,
                                 const ThrashConfig& config) const {
  if (streak.work != work_) return kAfterWork;
  const auto pause = step.record.started_at - streak.ended;
  const bool at_once = pause < std::chrono::nanoseconds{};
  return at_once || pause >= config.poll_interval ? kAfterWait : kWhole;
}

void Session::repeat(Streak& streak, const Step& step, std::uint32_t weight,
                     const ThrashConfig& config) {
  if (step.record.started_at - streak.ended >= config.poll_interval) ++streak.waits;
  streak.weight += weight;
  ++streak.calls;
  streak.outcome = step.outcome;
  streak.ended = std::max(streak.ended, step.record.ended_at);
  streak.work = work_;
}

Streak& Session::note_call(const Step& step, const ThrashConfig& config, std::uint32_t calls_max,
                           Stats& stats) {
  Streak* const known = streak_at(step.key.call, step, config);
  if (known == nullptr) {
    // What a session has not asked before, and got an answer to, is work.
    if (!step.failed) ++work_;
    Streak& streak = new_streak(step.key.call, step, config, calls_max, stats);
    if (!step.comparable) streak.weight = 0;
    return streak;
  }
  if (!step.comparable || known->weight == 0 || known->outcome != step.outcome) {
    if (!step.failed) ++work_;  // So is another answer.
    begin(*known, step);
    if (!step.comparable) known->weight = 0;
    return *known;
  }
  repeat(*known, step, weight_of(*known, step, config), config);
  return *known;
}

Streak* Session::note_failure(const Step& step, const ThrashConfig& config, std::uint32_t calls_max,
                              Stats& stats) {
  const std::uint64_t key = mix(step.key.tool, kFailures);
  Streak* const known = streak_at(key, step, config);
  if (known == nullptr || known->calls == 0) {
    ++failing_;
    return &new_streak(key, step, config, calls_max, stats);
  }
  std::uint32_t weight = weight_of(*known, step, config);
  // Another fault each time is how an agent finds out what is wanted of it.
  if (known->outcome != step.outcome) weight = std::min(weight, kOtherFault);
  repeat(*known, step, weight, config);
  return known;
}

void Session::note_success(const Step& step) {
  if (failing_ == 0) return;
  Streak* const failure = calls_.find(mix(step.key.tool, kFailures));
  if (failure == nullptr || failure->calls == 0) return;
  failure->calls = 0;
  failure->weight = 0;
  --failing_;
}

// The server was not asked: nothing new is known, but that the agent goes on.
void Session::note_denied(const Step& step, const ThrashConfig& config, Verdict& verdict) {
  verdict.circling[0] = step.key;
  verdict.circling_count = 1;
  for (const std::uint64_t key : {mix(step.key.tool, kFailures), step.key.call}) {
    Streak* const known = streak_at(key, step, config);
    if (known == nullptr || known->tell_at == 0) continue;
    repeat(*known, {.record = step.record, .key = step.key, .outcome = known->outcome}, kWhole,
           config);
    const bool failure = key != step.key.call;
    tell_if_due(*known, failure ? Pattern::kFailure : Pattern::kRepeat, step, verdict);
  }
  if (const Streak* const known = calls_.find(step.key.call)) verdict.calls = known->calls;
}

bool Session::note_cycle(const Step& step, const ThrashConfig& config, Verdict& verdict) {
  const CallRecord& record = step.record;
  const Cycles::Found found = cycles_.add(
      {.key = step.key,
       .outcome = step.outcome,
       .comparable = step.comparable,
       .started = record.started_at,
       .ended = record.ended_at,
       .tool = record.tool_name,
       .request_id = record.request_id},
      {.rounds = config.cycles, .window = config.window, .poll_interval = config.poll_interval});
  if (found.period == 0) return false;
  told_cycle_ = {};
  told_cycle_at_ = record.ended_at;
  cycles_.each_key(found, [&](const CallKey& key) {
    told_cycle_[verdict.circling_count] = key.call;
    verdict.circling[verdict.circling_count++] = key;
  });
  verdict.calls = static_cast<std::uint32_t>(found.calls / found.period);
  if (!found.tell) return true;
  verdict.tell = Finding{.evidence = {.pattern = Pattern::kCycle,
                                      .tools = cycles_.tools(found),
                                      .span = record.ended_at - found.began,
                                      .args_hash = record.args_hash,
                                      .first_request_id = std::string(found.first_request_id),
                                      .error_message = record.error_message},
                         .calls = found.calls};
  return true;
}

/// What has been told as a cycle is not told again as repetitions.
bool Session::in_told_cycle(const Step& step, const ThrashConfig& config) const noexcept {
  return std::ranges::find(told_cycle_, step.key.call) != told_cycle_.end() &&
         step.record.started_at - told_cycle_at_ <= config.window;
}

void Session::tell_if_due(Streak& streak, Pattern pattern, const Step& step, Verdict& verdict) {
  verdict.calls = streak.calls;
  if (streak.tell_at != 0 && streak.calls < streak.tell_at) return;
  streak.tell_at = 2 * streak.calls;
  const CallRecord& record = step.record;
  verdict.tell = Finding{.evidence = {.pattern = pattern,
                                      .tools = {record.tool_name},
                                      .span = streak.ended - streak.began,
                                      .args_hash = record.args_hash,
                                      .first_request_id = streak.first_request_id,
                                      .error_message = record.error_message},
                         .calls = streak.calls};
}

bool Session::exceeds(std::uint64_t tokens, std::uint64_t limit) noexcept {
  tokens_ += tokens;
  return tokens_ > limit && !std::exchange(exceeded_, true);
}

std::size_t Session::heap_bytes() const noexcept {
  return calls_.bytes_held() + cycles_.heap_bytes() + turns.heap_bytes() +
         thrash::heap_bytes(session_id) + thrash::heap_bytes(mcp_session_id);
}

}  // namespace sonde::thrash
