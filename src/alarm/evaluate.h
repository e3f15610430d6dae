#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <span>
#include <string>

#include "alarm/definition.h"

namespace sonde::alarm {

/// One period of an evaluation range.
struct Datapoint {
  std::chrono::seconds start{};                ///< Since the Unix epoch.
  std::optional<double> value = std::nullopt;  ///< Nothing: no data.
  std::uint64_t samples = 0;                   ///< Of one statistic; 0 of metric math.
};

/// How many periods an evaluation looks at.  CloudWatch fetches more than the evaluation
/// periods and does not publish how many; its one example (3 periods, 5 fetched) is N + 2.
constexpr std::size_t evaluation_range(std::uint32_t evaluation_periods) noexcept {
  return std::size_t{evaluation_periods} + 2;
}

/// How often CloudWatch evaluates an alarm: each 10 s with a period below a minute, each
/// hour with a window of more than a day, else each minute.
std::chrono::seconds evaluation_interval(std::chrono::seconds period,
                                         std::uint32_t evaluation_periods) noexcept;

/// What a period says about the threshold.
enum class Mark : std::uint8_t { kMissing, kOk, kBreaching };

/// When an alarm alarms.
struct Criteria {
  std::uint32_t evaluation_periods = 1;   ///< N
  std::uint32_t datapoints_to_alarm = 1;  ///< M
  MissingData missing_data{};
};

/// The state that follows from `marks` (of the evaluation range, oldest first): CloudWatch's
/// rules for missing data.  While as many periods have data as are evaluated, the newest of
/// those decide, and the treatment of missing data is not asked.
State decide(const Criteria& criteria, std::span<const Mark> marks, State before);

bool breaches(Comparison comparison, double value, double threshold) noexcept;

/// The least samples with which a percentile means something (10/(1-p) from p50 on, 10/p
/// below); 0 for other statistics.
double samples_needed(const MetricStat& stat);

/// A state, why, and (as JSON) by which data.  In CloudWatch's words: alarm/reason.cc.
struct Judgement {
  State state{};
  std::string reason{};
  std::string reason_data{};
};

/// Evaluates an alarm over its evaluation range, oldest first.  Nothing if the state stays
/// as it was; no text is made then.
/// `now` is the time of the evaluation.
std::optional<Judgement> evaluate(const MetricAlarm& alarm, std::span<const Datapoint> range,
                                  State before, std::chrono::seconds now);

}  // namespace sonde::alarm
