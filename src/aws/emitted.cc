#include "aws/emitted.h"

#include <algorithm>

namespace sonde::aws {
namespace {

std::vector<std::string_view> sorted(auto&& names) {
  std::vector<std::string_view> out(names.begin(), names.end());
  std::ranges::sort(out);
  // A name that stands twice in a set is one dimension.
  out.erase(std::ranges::unique(out).begin(), out.end());
  return out;
}

std::string in_brackets(std::span<const std::string_view> names) {
  std::string out = "[";
  for (const std::string_view name : names) {
    if (out.size() > 1) out += ", ";
    out += name;
  }
  return out + "]";
}

}  // namespace

std::vector<std::vector<std::string>> dimension_sets(const Config& config, Metric metric) {
  if (config.emf.mode == EmfConfig::Mode::kOff) return {};
  switch (info(metric).scope) {
    case MetricScope::kCall:
      return config.emf.dimensions;
    case MetricScope::kGauge:
      return {{"ServerName", "Environment"}};
    case MetricScope::kServer:
      return {{"ServerName", "Environment"}, {"Environment"}};
  }
  return {};
}

bool emits(const Config& config, Metric metric, std::span<const std::string_view> names) {
  const std::vector<std::string_view> wanted = sorted(names);
  return std::ranges::any_of(dimension_sets(config, metric),
                             [&](const auto& set) { return sorted(set) == wanted; });
}

Status check_emitted(const Config& config, Metric metric, std::span<const std::string_view> names) {
  if (config.emf.mode == EmfConfig::Mode::kOff) {
    return fail(Errc::kInvalidInput, "emf.mode is off: the taps emit no metrics to watch");
  }
  if (emits(config, metric, names)) return {};
  const std::string set = in_brackets(names);
  return fail(Errc::kInvalidInput, "emf.dimensions has no set " + set + ", so nothing emits " +
                                       std::string(info(metric).name) +
                                       " with it and an alarm on it would never fire; "
                                       "add " +
                                       set + " to emf.dimensions of the taps");
}

}  // namespace sonde::aws
