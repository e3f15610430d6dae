#include "alarm/template_reader.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "alarm/intrinsics_internal.h"
#include "alarm/properties_internal.h"
#include "alarm/words.h"
#include "base/json_reader.h"

namespace sonde::alarm {
namespace {

using Reader = std::function<Status(std::string_view)>;

constexpr std::string_view kNoUnit =
    "leave the unit out; with one that no metric has, an alarm never gets data";

std::unexpected<Error> invalid(std::string problem) {
  return fail(Errc::kInvalidInput, std::move(problem));
}

/// What `read` makes of each element, appended to `into`.
template <class Value>
Reader each(Result<Value> (*read)(std::string_view), std::vector<Value>& into) {
  return [read, &into](std::string_view raw) -> Status {
    JsonElements elements(raw);
    while (elements.next()) {
      auto value = read(elements.value());
      if (!value) {
        return fail(std::move(value).error().within("entry " + std::to_string(into.size() + 1)));
      }
      into.push_back(std::move(*value));
    }
    if (!elements.ok()) return invalid("expected an array");
    return {};
  };
}

/// A word of an enumeration.
template <class Enum>
Reader word(std::optional<Enum> (*parse)(std::string_view) noexcept, std::string choices,
            Enum& into) {
  return [parse, choices = std::move(choices), &into](std::string_view raw) -> Status {
    const auto text = text_property(raw);
    if (!text) return fail(text.error());
    const auto value = parse(*text);
    if (!value) return invalid("`" + *text + "` is none of " + choices);
    into = *value;
    return {};
  };
}

Result<std::chrono::seconds> seconds_property(std::string_view raw) {
  const auto count = count_property(raw);
  if (!count) return fail(count.error());
  return std::chrono::seconds(*count);
}

Result<Dimension> dimension_property(std::string_view raw) {
  Dimension dimension;
  SONDE_RETURN_IF_ERROR(read_properties(raw, {{"Name", stored(text_property, dimension.name)},
                                              {"Value", stored(text_property, dimension.value)}}));
  return dimension;
}

Status read_metric(std::string_view raw, MetricStat& stat) {
  return read_properties(raw, {{"Namespace", stored(text_property, stat.metric_namespace)},
                               {"MetricName", stored(text_property, stat.metric_name)},
                               {"Dimensions", each(dimension_property, stat.dimensions)}});
}

Status read_stat(std::string_view raw, MetricStat& stat) {
  return read_properties(
      raw, {{"Metric", [&](std::string_view metric) { return read_metric(metric, stat); }},
            {"Period", stored(seconds_property, stat.period)},
            {"Stat", stored(text_property, stat.stat)},
            {"Unit", unsupported(std::string(kNoUnit))}});
}

Result<MetricQuery> query_property(std::string_view raw) {
  MetricQuery query;
  std::optional<MetricStat> stat;
  std::optional<std::string> expression;
  SONDE_RETURN_IF_ERROR(read_properties(
      raw,
      {{"Id", stored(text_property, query.id)},
       {"Label", stored(text_property, query.label)},
       {"ReturnData", stored(truth_property, query.return_data)},
       {"Expression", stored(text_property, expression)},
       {"MetricStat", [&](std::string_view value) { return read_stat(value, stat.emplace()); }},
       {"Period", unsupported("the period of an expression is that of its metrics")},
       {"AccountId", unsupported("metrics of other accounts")}}));
  if (stat.has_value() == expression.has_value()) {
    return invalid("`" + query.id + "` needs either MetricStat or Expression");
  }
  if (stat) {
    query.source = std::move(*stat);
  } else {
    query.source = std::move(*expression);
  }
  return query;
}

/// One MetricAlarm from its properties; the single-metric form becomes one entry of metrics.
class MetricAlarmReader {
 public:
  Result<MetricAlarm> read(std::string_view properties) {
    PropertyReaders readers = common();
    for (auto& [name, reader] : metric()) readers.emplace(name, std::move(reader));
    for (auto& [name, reader] : never()) readers.emplace(name, std::move(reader));
    SONDE_RETURN_IF_ERROR(read_properties(properties, readers));
    SONDE_RETURN_IF_ERROR(finish());
    return std::move(alarm_);
  }

 private:
  PropertyReaders common() {
    return {
        {"AlarmName", stored(text_property, alarm_.name)},
        {"AlarmDescription", stored(text_property, alarm_.description)},
        {"ActionsEnabled", stored(truth_property, enabled_)},
        {"AlarmActions", stored(texts_property, alarm_.actions.alarm)},
        {"OKActions", stored(texts_property, alarm_.actions.ok)},
        {"InsufficientDataActions", stored(texts_property, alarm_.actions.insufficient_data)},
        {"EvaluationPeriods", stored(count_property, evaluation_periods_)},
        {"DatapointsToAlarm", stored(count_property, alarm_.datapoints_to_alarm)},
        {"Threshold", stored(number_property, threshold_)},
        {"ComparisonOperator", [this](std::string_view raw) { return comparison(raw); }},
        {"TreatMissingData",
         word(parse_missing_data, "missing, ignore, breaching, notBreaching", alarm_.missing_data)},
        {"EvaluateLowSampleCountPercentile",
         [this](std::string_view raw) { return low_samples(raw); }},
        {"Metrics", each(query_property, alarm_.metrics)},
        {"Tags", ignored()}};
  }

  PropertyReaders metric() {
    return {{"Namespace", single(stored(text_property, stat_.metric_namespace))},
            {"MetricName", single(stored(text_property, stat_.metric_name))},
            {"Dimensions", single(each(dimension_property, stat_.dimensions))},
            {"Period", single(stored(seconds_property, stat_.period))},
            {"Statistic", single(stored(text_property, statistic_))},
            {"ExtendedStatistic", single(stored(text_property, extended_))},
            {"Unit", unsupported(std::string(kNoUnit))}};
  }

  static PropertyReaders never() {
    return {{"ThresholdMetricId", unsupported("anomaly detection")},
            {"EvaluationCriteria", unsupported("PromQL")},
            {"EvaluationInterval", unsupported("PromQL")},
            {"EvaluationWindow", unsupported("windows other than sliding ones")},
            {"WarmUpConfiguration", unsupported("warming up")},
            {"ActionConfiguration", ignored()}};
  }

  /// Notes that a property of the single-metric form is there.
  Reader single(Reader reader) {
    return [this, reader = std::move(reader)](std::string_view raw) {
      single_ = true;
      return reader(raw);
    };
  }

  Status comparison(std::string_view raw) {
    const auto text = text_property(raw);
    if (!text) return fail(text.error());
    comparison_ = parse_comparison(*text);
    if (comparison_) return {};
    return invalid("`" + *text +
                   "` is none of GreaterThanThreshold, GreaterThanOrEqualToThreshold, "
                   "LessThanThreshold, LessThanOrEqualToThreshold");
  }

  Status low_samples(std::string_view raw) {
    const auto text = text_property(raw);
    if (!text) return fail(text.error());
    if (*text != "evaluate" && *text != "ignore") {
      return invalid("`" + *text + "` is neither evaluate nor ignore");
    }
    alarm_.ignore_low_samples = *text == "ignore";
    return {};
  }

  Status finish() {
    if (!comparison_) return invalid("needs a ComparisonOperator");
    if (!evaluation_periods_) return invalid("needs EvaluationPeriods");
    if (!threshold_) return invalid("needs a Threshold");
    alarm_.comparison = *comparison_;
    alarm_.evaluation_periods = *evaluation_periods_;
    alarm_.threshold = *threshold_;
    if (!enabled_) alarm_.actions = {};
    if (!single_) return {};  // Without any metric too: that is for check() to say.
    if (!alarm_.metrics.empty()) {
      return invalid("has Metrics and a metric of its own; one of the two");
    }
    if (statistic_.has_value() == extended_.has_value()) {
      return invalid("needs either Statistic or ExtendedStatistic");
    }
    stat_.stat = statistic_ ? *statistic_ : *extended_;
    alarm_.metrics.push_back({.source = std::move(stat_)});
    return {};
  }

  MetricAlarm alarm_;
  MetricStat stat_;
  std::optional<std::string> statistic_;
  std::optional<std::string> extended_;
  std::optional<Comparison> comparison_;
  std::optional<std::uint32_t> evaluation_periods_;
  std::optional<double> threshold_;
  bool enabled_ = true;
  bool single_ = false;
};

}  // namespace

Result<MetricAlarm> read_metric_alarm(std::string_view json) {
  return MetricAlarmReader().read(json);
}

Result<CompositeAlarm> read_composite_alarm(std::string_view json) {
  CompositeAlarm alarm;
  bool enabled = true;
  SONDE_RETURN_IF_ERROR(read_properties(
      json,
      {{"AlarmName", stored(text_property, alarm.name)},
       {"AlarmDescription", stored(text_property, alarm.description)},
       {"AlarmRule", stored(text_property, alarm.rule)},
       {"ActionsEnabled", stored(truth_property, enabled)},
       {"AlarmActions", stored(texts_property, alarm.actions.alarm)},
       {"OKActions", stored(texts_property, alarm.actions.ok)},
       {"InsufficientDataActions", stored(texts_property, alarm.actions.insufficient_data)},
       {"ActionsSuppressor", stored(text_property, alarm.suppressor)},
       {"ActionsSuppressorWaitPeriod", stored(seconds_property, alarm.suppressor_wait)},
       {"ActionsSuppressorExtensionPeriod", stored(seconds_property, alarm.suppressor_extension)},
       {"Tags", ignored()}}));
  if (!enabled) alarm.actions = {};
  return alarm;
}

Result<AlarmSet> read_template(std::string_view json, const TemplateParameters& parameters) {
  auto intrinsics = Intrinsics::make(json, parameters);
  if (!intrinsics) return fail(std::move(intrinsics).error());
  AlarmSet alarms;
  for (const auto& [name, resource] : intrinsics->resources()) {
    const bool metric = resource.type == "AWS::CloudWatch::Alarm";
    if (!metric && resource.type != "AWS::CloudWatch::CompositeAlarm") continue;
    const std::string where = "resource `" + name + "`";
    if (resource.condition) {
      const auto holds = intrinsics->condition(*resource.condition);
      if (!holds) return fail(Error(holds.error()).within(where));
      if (!*holds) continue;
    }
    const auto properties =
        intrinsics->resolve(resource.properties.empty() ? "{}" : resource.properties);
    if (!properties) return fail(Error(properties.error()).within(where));
    if (metric) {
      auto alarm = read_metric_alarm(*properties);
      if (!alarm) return fail(std::move(alarm).error().within(where));
      if (alarm->name.empty()) alarm->name = name;
      alarms.metric.push_back(std::move(*alarm));
    } else {
      auto alarm = read_composite_alarm(*properties);
      if (!alarm) return fail(std::move(alarm).error().within(where));
      if (alarm->name.empty()) alarm->name = name;
      alarms.composite.push_back(std::move(*alarm));
    }
  }
  return alarms;
}

}  // namespace sonde::alarm
