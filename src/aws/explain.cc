#include "aws/explain.h"

#include <variant>

namespace sonde::aws {
namespace {

std::string first_line(const std::string& text) { return text.substr(0, text.find('\n')); }

std::string row(const std::string& name, const alarm::MetricStat& stat) {
  std::string out =
      name + '\t' + stat.metric_namespace + '\t' + stat.metric_name + '\t' + stat.stat + '\t';
  for (const alarm::Dimension& dimension : stat.dimensions) {
    if (!out.ends_with('\t')) out += ',';
    out += dimension.name + '=' + dimension.value;
  }
  return out + '\n';
}

}  // namespace

std::string explain(const DefaultAlarms& alarms) {
  std::string out = std::to_string(alarms.alarms.size()) + " alarms, and one that pages:\n";
  for (const DefaultAlarm& one : alarms.alarms) {
    out += "  " + one.alarm.name + "\n      " + first_line(one.alarm.description) + '\n';
  }
  out += "  " + alarms.page.name + "\n      " + alarms.page.rule + '\n';
  if (!alarms.off.empty()) out += "\nOff:\n";
  for (const AlarmOff& one : alarms.off) {
    out += "  " + std::string(info(one.kind).name) +
           (one.server.empty() ? "" : " of " + one.server) + "\n      " + one.reason + '\n';
  }
  return out;
}

std::string matrix(const DefaultAlarms& alarms) {
  std::string out;
  for (const DefaultAlarm& one : alarms.alarms) {
    for (const alarm::MetricQuery& query : one.alarm.metrics) {
      if (const auto* stat = std::get_if<alarm::MetricStat>(&query.source)) {
        out += row(one.alarm.name, *stat);
      }
    }
  }
  return out + alarms.page.name + '\t' + alarms.page.rule + '\n';
}

}  // namespace sonde::aws
