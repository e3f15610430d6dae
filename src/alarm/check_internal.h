#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "alarm/definition.h"

namespace sonde::alarm {

/// The faults of one alarm, each begun by its name.
class Refusals {
 public:
  Refusals(std::string_view kind, std::string_view name, std::vector<std::string>& reasons);

  void add(std::string_view reason);

 private:
  std::string prefix_;
  std::vector<std::string>& reasons_;
};

/// Code points.
std::size_t characters(std::string_view text) noexcept;
bool has_control_characters(std::string_view text) noexcept;
/// "`x`; did you mean `y`?"
std::string with_nearest(std::string_view name, const std::vector<std::string_view>& candidates);

/// What metric and composite alarms have in common.
void check_name(std::string_view name, Refusals& refusals);
void check_description(std::string_view description, Refusals& refusals);
void check_actions(const Actions& actions, Refusals& refusals);

/// The entries of a metric alarm's `metrics`.
void check_metrics(const MetricAlarm& alarm, Refusals& refusals);

}  // namespace sonde::alarm
