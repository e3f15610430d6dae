#pragma once

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "alarm/definition.h"

namespace sonde::alarm {

/// What makes a metric a metric: the same name with other dimensions is another one, of
/// which CloudWatch makes no sums.
struct MetricId {
  std::string metric_namespace{};
  std::string name{};
  std::vector<Dimension> dimensions{};  ///< Sorted.
  auto operator<=>(const MetricId&) const = default;
};

inline MetricId metric_id(std::string metric_namespace, std::string name,
                          std::vector<Dimension> dimensions) {
  std::ranges::sort(dimensions);
  return {.metric_namespace = std::move(metric_namespace),
          .name = std::move(name),
          .dimensions = std::move(dimensions)};
}

}  // namespace sonde::alarm
