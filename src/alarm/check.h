#pragma once

#include <chrono>
#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "alarm/definition.h"
#include "base/result.h"

namespace sonde::alarm {

/// What CloudWatch would refuse (PutMetricAlarm, PutCompositeAlarm), or accept and then
/// never evaluate, found before it is asked.
///
/// Texts count in characters (UTF-8 code points), as CloudWatch does.  Placeholders of a
/// template ("${Suffix}") are text like any other: what they become is checked when the
/// template is read with its parameters.  Each reason begins with the alarm's name and says
/// what to do.

inline constexpr std::size_t kNameMax = 255;
inline constexpr std::size_t kDescriptionMax = 1024;
inline constexpr std::size_t kActionsMax = 5;  ///< For each of the three states.
inline constexpr std::size_t kActionBytesMax = 1024;
inline constexpr std::size_t kQueriesMax = 10;  ///< Entries of `Metrics`.
inline constexpr std::size_t kDimensionsMax = 30;
inline constexpr std::size_t kDimensionValueMax = 1024;
inline constexpr std::size_t kExpressionMax = 2048;
inline constexpr std::size_t kSuppressorMax = 1600;
inline constexpr std::size_t kParentsMax = 150;  ///< Composites that one alarm may feed.
/// Of period times evaluation periods: below a period of an hour, and from there on.
inline constexpr std::chrono::seconds kWindowMax{86'400};
inline constexpr std::chrono::seconds kLongWindowMax{604'800};

/// Every reason why CloudWatch would refuse this alarm; empty if there is none.
std::vector<std::string> refusals(const MetricAlarm& alarm);

/// Every reason why it would refuse these composites beside metric alarms of these names:
/// a rule's grammar and limits, names that nobody has or that two have, an alarm in its own
/// rule, cycles.  A suppressor is no child: it may well depend on what it suppresses.
std::vector<std::string> refusals(std::span<const CompositeAlarm> alarms,
                                  std::span<const std::string> metric_alarm_names);

/// The same as one failure (kInvalidInput), the reasons joined by "; ".
Status check(const MetricAlarm& alarm);
Status check(std::span<const CompositeAlarm> alarms,
             std::span<const std::string> metric_alarm_names);

}  // namespace sonde::alarm
