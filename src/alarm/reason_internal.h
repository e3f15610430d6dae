#pragma once

#include <chrono>
#include <span>
#include <string>

#include "alarm/evaluate.h"

namespace sonde::alarm {

/// What an alarm was judged by.  Views of what evaluate() was given.
struct Evidence {
  const MetricAlarm& alarm;
  std::span<const Datapoint> range;  ///< Oldest first.
  std::span<const Mark> marks;       ///< Of each.
  std::chrono::seconds now{};
};

inline constexpr std::size_t kReasonMax = 1023;
inline constexpr std::size_t kReasonDataMax = 4000;

/// StateReason: which datapoints were, or were not, beyond the threshold.
std::string reason_text(const Evidence& evidence, State state);

/// StateReasonData, a JSON object.
std::string reason_data(const Evidence& evidence);

}  // namespace sonde::alarm
