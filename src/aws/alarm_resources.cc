#include <variant>

#include "alarm/statistics.h"
#include "alarm/words.h"
#include "aws/alarm_maker_internal.h"
#include "aws/template_parts_internal.h"
#include "aws/wording.h"

namespace sonde::aws {
namespace {

/// The five that PutMetricAlarm calls Statistic; others are ExtendedStatistic.
bool is_simple(std::string_view stat) {
  const auto read = alarm::parse_statistic(stat);
  return read && read->kind <= alarm::Statistic::Kind::kMaximum;
}

void append_dimensions(JsonWriter& json, const alarm::MetricStat& stat) {
  json.key("Dimensions").begin_array();
  for (const alarm::Dimension& dimension : stat.dimensions) {
    json.begin_object().member("Name", dimension.name);
    append_text(json.key("Value"), dimension.value);
    json.end_object();
  }
  json.end_array();
}

void append_single(JsonWriter& json, const alarm::MetricStat& stat) {
  json.member("Namespace", stat.metric_namespace).member("MetricName", stat.metric_name);
  append_dimensions(json, stat);
  json.member(is_simple(stat.stat) ? "Statistic" : "ExtendedStatistic", stat.stat);
  json.key("Period").number(stat.period.count());
}

void append_query(JsonWriter& json, const alarm::MetricQuery& query) {
  json.begin_object().member("Id", query.id);
  if (const auto* stat = std::get_if<alarm::MetricStat>(&query.source)) {
    json.key("MetricStat").begin_object().key("Metric").begin_object();
    json.member("Namespace", stat->metric_namespace).member("MetricName", stat->metric_name);
    append_dimensions(json, *stat);
    json.end_object().key("Period").number(stat->period.count());
    json.member("Stat", stat->stat).end_object();
  } else {
    json.member("Expression", std::get<std::string>(query.source));
    json.member("Label", query.label);
  }
  json.key("ReturnData").boolean(query.return_data).end_object();
}

void append_actions(JsonWriter& json, std::string_view key,
                    const std::vector<std::string>& actions) {
  json.key(key).begin_array();
  for (const std::string& action : actions) {
    if (action.starts_with("arn:")) {
      json.string(action);
    } else {
      append_ref(json, action);
    }
  }
  json.end_array();
}

Resource alarm_resource(const DefaultAlarm& one) {
  const alarm::MetricAlarm& alarm = one.alarm;
  std::string text;
  JsonWriter json(text);
  json.begin_object().member("Type", "AWS::CloudWatch::Alarm").key("Properties").begin_object();
  append_text(json.key("AlarmName"), alarm.name);
  append_text(json.key("AlarmDescription"), alarm.description);
  const auto* alone = std::get_if<alarm::MetricStat>(&alarm.metrics.front().source);
  if (alarm.metrics.size() == 1 && alone != nullptr) {
    append_single(json, *alone);
  } else {
    json.key("Metrics").begin_array();
    for (const alarm::MetricQuery& query : alarm.metrics) append_query(json, query);
    json.end_array();
  }
  json.member("ComparisonOperator", alarm::to_string(alarm.comparison));
  json.key("Threshold").raw(number_text(alarm.threshold));
  json.key("EvaluationPeriods").number(alarm.evaluation_periods);
  json.key("DatapointsToAlarm")
      .number(alarm.datapoints_to_alarm.value_or(alarm.evaluation_periods));
  json.member("TreatMissingData", alarm::to_string(alarm.missing_data));
  append_actions(json, "AlarmActions", alarm.actions.alarm);
  append_actions(json, "OKActions", alarm.actions.ok);
  json.end_object().end_object();
  return {.id = logical_id(one.kind, one.subject), .json = std::move(text)};
}

/// Refs give the names and make CloudFormation create the children first.
std::string reference(Kind kind, const Subject& subject, const Wording&) {
  return "${" + logical_id(kind, subject) + '}';
}

Resource page_resource(const Inputs& inputs, const DefaultAlarms& alarms) {
  const alarm::CompositeAlarm& page = alarms.page;
  std::string text;
  JsonWriter json(text);
  json.begin_object().member("Type", "AWS::CloudWatch::CompositeAlarm");
  json.key("Properties").begin_object();
  append_text(json.key("AlarmName"), page.name);
  append_text(json.key("AlarmDescription"), page.description);
  append_text(json.key("AlarmRule"), page_rule(inputs, template_wording(), reference));
  append_actions(json, "AlarmActions", page.actions.alarm);
  append_actions(json, "OKActions", page.actions.ok);
  json.end_object().end_object();
  return {.id = logical_id(Kind::kPage, {}), .json = std::move(text)};
}

}  // namespace

Resources alarm_resources(const Inputs& inputs, const DefaultAlarms& alarms) {
  Resources out;
  for (const DefaultAlarm& one : alarms.alarms) out.push_back(alarm_resource(one));
  out.push_back(page_resource(inputs, alarms));
  return out;
}

}  // namespace sonde::aws
