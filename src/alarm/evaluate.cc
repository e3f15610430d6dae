#include "alarm/evaluate.h"

#include <algorithm>
#include <vector>

#include "alarm/reason_internal.h"
#include "alarm/statistics.h"

namespace sonde::alarm {
namespace {

using std::chrono::seconds;

Criteria criteria_of(const MetricAlarm& alarm) {
  return {.evaluation_periods = alarm.evaluation_periods,
          .datapoints_to_alarm = alarm.datapoints_to_alarm.value_or(alarm.evaluation_periods),
          .missing_data = alarm.missing_data};
}

State alarm_if(bool condition) { return condition ? State::kAlarm : State::kOk; }

/// Of fewer real points than are evaluated, with missing data left missing.
State decide_without_fill(const Criteria& criteria, std::span<const Mark> marks,
                          std::size_t breaching, State before) {
  const bool ignore = criteria.missing_data == MissingData::kIgnore;
  const bool any_ok = std::ranges::find(marks, Mark::kOk) != marks.end();
  if (!any_ok && breaching == 0) return ignore ? before : State::kInsufficientData;
  if (breaching >= criteria.datapoints_to_alarm) return State::kAlarm;
  if (any_ok) return State::kOk;
  // Nothing but breaching points, and fewer than alarm: one that is old enough would have
  // been enough of them by now.  A younger one may be the first of a series, and the next
  // ones late.
  const auto oldest = std::ranges::find(marks, Mark::kBreaching);
  const auto age = static_cast<std::size_t>(marks.end() - oldest);
  if (age < criteria.datapoints_to_alarm) return State::kOk;
  return ignore ? before : State::kAlarm;
}

bool too_few_samples(const MetricAlarm& alarm, std::span<const Datapoint> range) {
  if (!alarm.ignore_low_samples || alarm.metrics.size() != 1) return false;
  const auto* stat = std::get_if<MetricStat>(&alarm.metrics.front().source);
  if (stat == nullptr) return false;
  const double needed = samples_needed(*stat);
  return std::ranges::any_of(range, [&](const Datapoint& point) {
    return point.value && static_cast<double>(point.samples) < needed;
  });
}

}  // namespace

seconds evaluation_interval(seconds period, std::uint32_t evaluation_periods) noexcept {
  if (period < seconds(60)) return seconds(10);
  const bool days = evaluation_periods > seconds(86'400) / period;
  return days ? seconds(3600) : seconds(60);
}

State decide(const Criteria& criteria, std::span<const Mark> marks, State before) {
  const std::size_t periods = criteria.evaluation_periods;
  const std::size_t needed = criteria.datapoints_to_alarm;
  std::size_t real = 0;
  std::size_t breaching = 0;
  for (std::size_t i = marks.size(); i > 0 && real < periods; --i) {
    if (marks[i - 1] == Mark::kMissing) continue;
    ++real;
    if (marks[i - 1] == Mark::kBreaching) ++breaching;
  }
  if (real == periods) return alarm_if(breaching >= needed);
  switch (criteria.missing_data) {
    case MissingData::kBreaching:
      return alarm_if(breaching + (periods - real) >= needed);
    case MissingData::kNotBreaching:
      return alarm_if(breaching >= needed);
    default:
      return decide_without_fill(criteria, marks, breaching, before);
  }
}

bool breaches(Comparison comparison, double value, double threshold) noexcept {
  switch (comparison) {
    case Comparison::kGreater:
      return value > threshold;
    case Comparison::kGreaterOrEqual:
      return value >= threshold;
    case Comparison::kLess:
      return value < threshold;
    case Comparison::kLessOrEqual:
      return value <= threshold;
  }
  return false;
}

double samples_needed(const MetricStat& stat) {
  const auto statistic = parse_statistic(stat.stat);
  if (!statistic || statistic->kind != Statistic::Kind::kPercentile) return 0;
  const double percent = statistic->upper.value_or(100);
  // p0 and p100 are the extremes, which any sample shows; the formulas know no limit there.
  if (percent <= 0 || percent >= 100) return 0;
  // In percent, and with a margin for what binary makes of 99.9.
  const double needed = percent >= 50 ? 1000 / (100 - percent) : 1000 / percent;
  return needed - 1e-6;
}

std::optional<Judgement> evaluate(const MetricAlarm& alarm, std::span<const Datapoint> range,
                                  State before, seconds now) {
  std::vector<Mark> marks;
  marks.reserve(range.size());
  for (const Datapoint& point : range) {
    marks.push_back(!point.value                                                ? Mark::kMissing
                    : breaches(alarm.comparison, *point.value, alarm.threshold) ? Mark::kBreaching
                                                                                : Mark::kOk);
  }
  if (too_few_samples(alarm, range)) return {};
  const State state = decide(criteria_of(alarm), marks, before);
  if (state == before) return {};
  const Evidence evidence{.alarm = alarm, .range = range, .marks = marks, .now = now};
  return Judgement{
      .state = state, .reason = reason_text(evidence, state), .reason_data = reason_data(evidence)};
}

}  // namespace sonde::alarm
