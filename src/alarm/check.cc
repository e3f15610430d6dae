#include "alarm/check.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "alarm/check_internal.h"
#include "base/nearest.h"

namespace sonde::alarm {
namespace {

void check_action_list(std::string_view list, const std::vector<std::string>& actions,
                       Refusals& refusals) {
  if (actions.size() > kActionsMax) {
    refusals.add("has " + std::to_string(actions.size()) + " " + std::string(list) +
                 "; CloudWatch takes at most 5: let one SNS topic fan out");
  }
  const auto bad_size = [](const std::string& action) {
    return action.empty() || action.size() > kActionBytesMax;
  };
  if (std::ranges::any_of(actions, bad_size)) {
    refusals.add("has an entry of " + std::string(list) +
                 " that is not an ARN of 1 to 1024 characters");
  }
}

void check_evaluation(const MetricAlarm& alarm, Refusals& refusals) {
  if (!std::isfinite(alarm.threshold)) refusals.add("has a threshold that is not finite");
  if (alarm.evaluation_periods == 0) refusals.add("needs at least 1 evaluation period");
  const std::uint32_t datapoints = alarm.datapoints_to_alarm.value_or(1);
  if (datapoints == 0) refusals.add("needs at least 1 datapoint to alarm");
  if (alarm.evaluation_periods > 0 && datapoints > alarm.evaluation_periods) {
    refusals.add("wants " + std::to_string(datapoints) + " datapoints to alarm of " +
                 std::to_string(alarm.evaluation_periods) +
                 " evaluation periods; at most as many as there are");
  }
}

Status joined(const std::vector<std::string>& reasons) {
  if (reasons.empty()) return {};
  std::string all;
  for (const std::string& reason : reasons) {
    if (!all.empty()) all.append("; ");
    all.append(reason);
  }
  return fail(Errc::kInvalidInput, std::move(all));
}

}  // namespace

Refusals::Refusals(std::string_view kind, std::string_view name, std::vector<std::string>& reasons)
    : prefix_(std::string(kind) + " `" + std::string(name) + "` "), reasons_(reasons) {}

void Refusals::add(std::string_view reason) { reasons_.push_back(prefix_ + std::string(reason)); }

std::size_t characters(std::string_view text) noexcept {
  const auto begins = [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; };
  return static_cast<std::size_t>(std::ranges::count_if(text, begins));
}

bool has_control_characters(std::string_view text) noexcept {
  const auto control = [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; };
  return std::ranges::any_of(text, control);
}

std::string with_nearest(std::string_view name, const std::vector<std::string_view>& candidates) {
  std::string text = "`" + std::string(name) + "`";
  const std::string_view near = nearest(name, candidates);
  if (!near.empty()) text.append("; did you mean `").append(near).append("`?");
  return text;
}

void check_name(std::string_view name, Refusals& refusals) {
  const std::size_t length = characters(name);
  if (length == 0) refusals.add("needs a name");
  if (length > kNameMax) {
    refusals.add("has a name of " + std::to_string(length) + " characters; at most 255");
  }
  if (has_control_characters(name)) refusals.add("has a control character in its name");
}

void check_description(std::string_view description, Refusals& refusals) {
  const std::size_t length = characters(description);
  if (length <= kDescriptionMax) return;
  refusals.add("has a description of " + std::to_string(length) + " characters; at most 1024");
}

void check_actions(const Actions& actions, Refusals& refusals) {
  check_action_list("AlarmActions", actions.alarm, refusals);
  check_action_list("OKActions", actions.ok, refusals);
  check_action_list("InsufficientDataActions", actions.insufficient_data, refusals);
}

std::vector<std::string> refusals(const MetricAlarm& alarm) {
  std::vector<std::string> reasons;
  Refusals refusals("alarm", alarm.name, reasons);
  check_name(alarm.name, refusals);
  check_description(alarm.description, refusals);
  check_actions(alarm.actions, refusals);
  check_evaluation(alarm, refusals);
  check_metrics(alarm, refusals);
  return reasons;
}

Status check(const MetricAlarm& alarm) { return joined(refusals(alarm)); }

Status check(std::span<const CompositeAlarm> alarms,
             std::span<const std::string> metric_alarm_names) {
  return joined(refusals(alarms, metric_alarm_names));
}

}  // namespace sonde::alarm
