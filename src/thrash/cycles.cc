#include "thrash/cycles.h"

#include "thrash/streak_table.h"
#include "thrash/weights.h"

namespace sonde::thrash {

Cycles::Found Cycles::add(const Call& call, const Rules& rules) {
  for (std::size_t period = kPeriodMin; period <= kPeriodMax; ++period) {
    compare(call, period, rules);
  }
  keep(call);
  for (std::size_t period = kPeriodMin; period <= kPeriodMax; ++period) {
    Run& run = runs_[period - kPeriodMin];
    if (run.steps < period || !differ(period)) continue;
    // Shorter rounds explain the longer ones that they make up.
    const auto needed = static_cast<std::uint64_t>(rules.rounds) * period;
    if (run.weight < needed * kWhole) return {};
    Found found{.period = period,
                .calls = run.steps + period,
                .began = run.began,
                .first_request_id = run.first_request_id};
    found.tell = run.tell_at == 0 || found.calls >= run.tell_at;
    if (found.tell) run.tell_at = 2 * found.calls;
    return found;
  }
  return {};
}

void Cycles::compare(const Call& call, std::size_t period, const Rules& rules) {
  Run& run = runs_[period - kPeriodMin];
  const Entry& before = last(period);
  const bool same = call.comparable && before.comparable && call.key == before.key &&
                    call.outcome == before.outcome && call.started - before.ended <= rules.window;
  if (!same) {
    run.steps = 0;
    return;
  }
  if (run.steps == 0) {
    run.weight = 0;
    run.tell_at = 0;
    run.began = before.started;
    run.first_request_id = before.request_id;
  }
  ++run.steps;
  const auto pause = call.started - before.ended;
  const bool waited = pause >= rules.poll_interval * static_cast<int>(period);
  const bool at_once = call.started < before.ended;
  run.weight += waited || at_once ? kAfterWait : kWhole;
}

void Cycles::keep(const Call& call) {
  Entry& entry = ring_[next_];
  next_ = (next_ + 1) % ring_.size();
  entry.key = call.key;
  entry.outcome = call.outcome;
  entry.comparable = call.comparable;
  entry.started = call.started;
  entry.ended = call.ended;
  entry.tool.assign(call.tool);
  entry.request_id.assign(call.request_id);
}

bool Cycles::differ(std::size_t period) const noexcept {
  for (std::size_t back = 2; back <= period; ++back) {
    if (last(back).key != last(1).key) return true;
  }
  return false;
}

std::vector<std::string> Cycles::tools(const Found& found) const {
  std::vector<std::string> names;
  for (std::size_t back = found.period; back > 0; --back) names.push_back(last(back).tool);
  return names;
}

std::size_t Cycles::heap_bytes() const noexcept {
  std::size_t bytes = 0;
  for (const Entry& entry : ring_) {
    bytes += thrash::heap_bytes(entry.tool) + thrash::heap_bytes(entry.request_id);
  }
  for (const Run& run : runs_) bytes += thrash::heap_bytes(run.first_request_id);
  return bytes;
}

}  // namespace sonde::thrash
