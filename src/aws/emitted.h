#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/config.h"
#include "model/metrics.h"

namespace sonde::aws {

/// The dimension sets of the series that taps with this configuration make of a metric.
/// Empty if they make none: emf.mode is off.
std::vector<std::vector<std::string>> dimension_sets(const Config& config, Metric metric);

/// Whether one of them is of exactly these names, in any order.
bool emits(const Config& config, Metric metric, std::span<const std::string_view> names);

/// Fails with what to change if the taps do not.
Status check_emitted(const Config& config, Metric metric, std::span<const std::string_view> names);

}  // namespace sonde::aws
