#include "alarm/template_reader.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <string>

#include "alarm/check.h"

namespace sonde::alarm {
namespace {

using Catch::Matchers::ContainsSubstring;
using std::chrono::seconds;

constexpr std::string_view kTemplate = R"json({
  "AWSTemplateFormatVersion": "2010-09-09",
  "Parameters": {
    "Suffix": {"Type": "String", "Default": ""},
    "Environment": {"Type": "String", "Default": "production"},
    "Email": {"Type": "String"},
    "P99": {"Type": "Number", "Default": 2000},
    "Topics": {"Type": "CommaDelimitedList", "Default": "arn:a, arn:b"}
  },
  "Conditions": {
    "Production": {"Fn::Equals": [{"Ref": "Environment"}, "production"]},
    "Staging": {"Fn::Not": [{"Condition": "Production"}]},
    "Either": {"Fn::Or": [{"Condition": "Production"}, {"Condition": "Staging"}]}
  },
  "Resources": {
    "AlertTopic": {"Type": "AWS::SNS::Topic", "Properties": {"TopicName": {"Fn::Sub": "mcp-alerts${Suffix}"}}},
    "Group": {"Type": "AWS::Logs::LogGroup", "Properties": {"LogGroupName": {"Fn::Join": ["/", ["", "mcp", {"Ref": "Environment"}]]}}},
    "ErrorRate": {
      "Type": "AWS::CloudWatch::Alarm",
      "Properties": {
        "AlarmName": {"Fn::Sub": "MCP-HighToolErrorRate${Suffix}"},
        "AlarmDescription": {"Fn::Sub": ["Look at ${Where}, literally ${!Where}", {"Where": {"Ref": "AWS::Region"}}]},
        "Metrics": [
          {"Id": "errors", "MetricStat": {"Metric": {"Namespace": "MCP/ToolServer", "MetricName": "tool_error_count",
            "Dimensions": [{"Name": "Environment", "Value": {"Ref": "Environment"}}]}, "Period": 300, "Stat": "Sum"}, "ReturnData": false},
          {"Id": "calls", "MetricStat": {"Metric": {"Namespace": "MCP/ToolServer", "MetricName": "tool_call_count",
            "Dimensions": [{"Name": "Environment", "Value": {"Ref": "Environment"}}]}, "Period": 300, "Stat": "Sum"}, "ReturnData": false},
          {"Id": "rate", "Expression": "IF(calls >= 20, 100 * errors / calls, 0)", "Label": "Error rate"}
        ],
        "ComparisonOperator": "GreaterThanThreshold", "Threshold": 5, "EvaluationPeriods": 1,
        "TreatMissingData": "notBreaching",
        "AlarmActions": [{"Ref": "AlertTopic"}], "OKActions": [{"Fn::GetAtt": ["AlertTopic", "TopicArn"]}],
        "Tags": [{"Key": "a", "Value": "b"}]
      }
    },
    "Latency": {
      "Type": "AWS::CloudWatch::Alarm", "Condition": "Either",
      "Properties": {
        "Namespace": "MCP/ToolServer", "MetricName": "ToolDuration", "ExtendedStatistic": "p99", "Period": "300",
        "EvaluationPeriods": 2, "DatapointsToAlarm": 2, "Threshold": {"Ref": "P99"},
        "ComparisonOperator": "GreaterThanThreshold", "EvaluateLowSampleCountPercentile": "ignore",
        "AlarmActions": {"Ref": "Topics"},
        "OKActions": {"Fn::If": ["Staging", ["arn:c"], {"Ref": "AWS::NoValue"}]}
      }
    },
    "Parsing": {
      "Type": "AWS::CloudWatch::Alarm", "Condition": "Staging",
      "Properties": {
        "Namespace": "AWS/Logs", "MetricName": "EMFParsingErrors", "Statistic": "Sum", "Period": 60,
        "Dimensions": [{"Name": "LogGroupName", "Value": {"Ref": "Group"}}],
        "EvaluationPeriods": 1, "Threshold": 0, "ComparisonOperator": "GreaterThanThreshold"
      }
    },
    "Page": {
      "Type": "AWS::CloudWatch::CompositeAlarm",
      "Properties": {
        "AlarmName": "MCP-Page", "AlarmRule": {"Fn::Sub": "ALARM(\"${ErrorRate}\") AND ALARM(\"${Latency}\")"},
        "ActionsSuppressor": {"Fn::GetAtt": "Latency.Arn"},
        "ActionsSuppressorWaitPeriod": 60, "ActionsSuppressorExtensionPeriod": "120"
      }
    }
  }
})json";

AlarmSet read(const TemplateParameters& parameters = {}) {
  auto alarms = read_template(kTemplate, parameters);
  if (!alarms) FAIL(alarms.error().message());
  return std::move(*alarms);
}

TEST_CASE("a template's alarms are read as CloudFormation would make them", "[alarm][template]") {
  const AlarmSet alarms = read();
  REQUIRE(alarms.metric.size() == 2);
  const MetricAlarm& rate = alarms.metric[0];
  CHECK(rate.name == "MCP-HighToolErrorRate");
  CHECK(rate.description == "Look at us-east-1, literally ${Where}");
  CHECK(rate.threshold == 5);
  CHECK(rate.missing_data == MissingData::kNotBreaching);
  CHECK(rate.actions.alarm ==
        std::vector<std::string>{"arn:aws:sns:us-east-1:123456789012:mcp-alerts"});
  CHECK(rate.actions.ok == rate.actions.alarm);
  REQUIRE(rate.metrics.size() == 3);
  CHECK(rate.metrics[0] ==
        MetricQuery{.id = "errors",
                    .source = MetricStat{.metric_namespace = "MCP/ToolServer",
                                         .metric_name = "tool_error_count",
                                         .dimensions = {{"Environment", "production"}},
                                         .period = seconds(300),
                                         .stat = "Sum"},
                    .return_data = false});
  CHECK(rate.metrics[2] == MetricQuery{.id = "rate",
                                       .source = "IF(calls >= 20, 100 * errors / calls, 0)",
                                       .label = "Error rate"});
  CHECK(check(rate));
}

TEST_CASE("a single metric becomes one entry", "[alarm][template]") {
  const MetricAlarm latency = read().metric.at(1);

  CHECK(latency.name == "Latency");  // As its resource.
  CHECK(latency.threshold == 2000);
  CHECK(latency.evaluation_periods == 2);
  CHECK(latency.datapoints_to_alarm == 2);
  CHECK(latency.ignore_low_samples);
  CHECK(latency.actions.alarm == std::vector<std::string>{"arn:a", "arn:b"});
  CHECK(latency.actions.ok.empty());
  REQUIRE(latency.metrics.size() == 1);
  CHECK(std::get<MetricStat>(latency.metrics[0].source).stat == "p99");
  CHECK(std::get<MetricStat>(latency.metrics[0].source).period == seconds(300));
  CHECK(check(latency));
}

TEST_CASE("a composite refers to alarms by their names", "[alarm][template]") {
  const AlarmSet alarms = read({{"Suffix", "-blue"}});
  REQUIRE(alarms.composite.size() == 1);
  const CompositeAlarm& page = alarms.composite[0];

  CHECK(page.rule == R"(ALARM("MCP-HighToolErrorRate-blue") AND ALARM("Latency"))");
  CHECK(page.suppressor == "arn:aws:cloudwatch:us-east-1:123456789012:alarm:Latency");
  CHECK(page.suppressor_wait == seconds(60));
  CHECK(page.suppressor_extension == seconds(120));
  const std::vector<std::string> names{alarms.metric[0].name, alarms.metric[1].name};
  CHECK(check(alarms.composite, names));
}

TEST_CASE("conditions and parameters decide", "[alarm][template]") {
  const AlarmSet alarms =
      read({{"Environment", "staging"}, {"AWS::Region", "eu-west-1"}, {"P99", "7"}});

  REQUIRE(alarms.metric.size() == 3);
  CHECK(alarms.metric[1].actions.ok == std::vector<std::string>{"arn:c"});
  CHECK(alarms.metric[1].threshold == 7);
  const auto& stat = std::get<MetricStat>(alarms.metric[2].metrics.at(0).source);
  CHECK(stat.dimensions == std::vector<Dimension>{{"LogGroupName", "/mcp/staging"}});
  CHECK(alarms.metric[0].actions.alarm.at(0) == "arn:aws:sns:eu-west-1:123456789012:mcp-alerts");
}

std::string refusal(const std::string& resources, const std::string& sections = "",
                    const TemplateParameters& parameters = {}) {
  const auto alarms =
      read_template("{" + sections + "\"Resources\":{" + resources + "}}", parameters);
  return alarms ? "taken" : alarms.error().message();
}

std::string alarm_resource(const std::string& properties) {
  return R"("X":{"Type":"AWS::CloudWatch::Alarm","Properties":{)" + properties +
         R"(,"ComparisonOperator":"GreaterThanThreshold","Threshold":1,"EvaluationPeriods":1}})";
}

TEST_CASE("what cannot be read is refused with the resource and the reason", "[alarm][template]") {
  const auto [properties, reason] = GENERATE(table<std::string, std::string>({
      {R"("Treshold":5)", "resource `X`: unknown property `Treshold`; did you mean `Threshold`?"},
      {R"("Period":{"Ref":"Perido"})", "neither parameter nor resource: `Perido`"},
      {R"("Period":"soon","MetricName":"m")", "property `Period`: expected a whole number"},
      {R"("Unit":"Count")", "leave the unit out"},
      {R"("EvaluationCriteria":{})", "PromQL"},
      {R"("ThresholdMetricId":"x")", "anomaly detection"},
      {R"("MetricName":"m")", "either Statistic or ExtendedStatistic"},
      {R"("MetricName":"m","Statistic":"Sum","ExtendedStatistic":"p9")", "either Statistic"},
      {R"("MetricName":"m","Statistic":"Sum","Metrics":[{"Id":"a","Expression":"1"}])",
       "one of the two"},
      {R"("Metrics":[{"Id":"a"}])", "entry 1: `a` needs either MetricStat or Expression"},
      {R"("Metrics":[{"Id":"a","MetricStat":{"Statistic":"Sum"}}])",
       "property `MetricStat`: unknown property `Statistic`"},
      {R"("TreatMissingData":"Breaching")", "`Breaching` is none of missing, ignore"},
      {R"("EvaluateLowSampleCountPercentile":"no")", "neither evaluate nor ignore"},
      {R"("AlarmActions":"arn:x")", "expected an array"},
      {R"("AlarmName":["x"])", "expected a text"},
      {R"("ActionsEnabled":5)", "expected true or false"},
      {R"("AlarmName":{"Fn::ImportValue":"x"})", "Fn::ImportValue is not supported"},
      {R"("AlarmName":{"Fn::Sub":"${A"})", "without its }"},
      {R"("AlarmName":{"Fn::Sub":"${X}"})", "`X` needs its own name"},
      {R"("AlarmName":{"Fn::If":["No","a","b"]})", "no condition `No`"},
      {R"("AlarmName":{"Fn::Select":[2,["a","b"]]})", "finds no element 2"},
      {R"("AlarmName":{"Ref":"X","y":1})", "stands alone"},
      {R"("AlarmName":{"Fn::GetAtt":["Y","Arn"]})", "no resource `Y`"},
  }));
  CAPTURE(properties);

  CHECK_THAT(refusal(alarm_resource(properties)), ContainsSubstring(reason));
}

TEST_CASE("an alarm needs its operator, periods and threshold", "[alarm][template]") {
  CHECK_THAT(read_metric_alarm("{}").error().message(), ContainsSubstring("ComparisonOperator"));
  CHECK_THAT(read_metric_alarm(R"({"ComparisonOperator":"LessThanThreshold"})").error().message(),
             ContainsSubstring("EvaluationPeriods"));
  CHECK_THAT(
      read_metric_alarm(R"({"ComparisonOperator":"LessThanThreshold","EvaluationPeriods":1})")
          .error()
          .message(),
      ContainsSubstring("Threshold"));
  CHECK_THAT(read_metric_alarm("[]").error().message(), ContainsSubstring("an object"));
}

TEST_CASE("parameters that nobody has, or that nobody gave, are refused", "[alarm][template]") {
  const std::string sections = R"("Parameters":{"Suffix":{"Type":"String"}},)";
  const std::string alarm = alarm_resource(R"("AlarmName":{"Ref":"Suffix"})");
  CHECK_THAT(refusal(alarm, sections), ContainsSubstring("parameter `Suffix` needs a value"));
  CHECK(refusal(alarm, sections, {{"Suffix", "s"}}) == "taken");
  CHECK_THAT(refusal(alarm, sections, {{"Sufix", "s"}}),
             ContainsSubstring("did you mean `Suffix`?"));
  CHECK(refusal("\"Y\":{\"Type\":\"AWS::SNS::Topic\"}", sections) == "taken");  // Not needed.
}

TEST_CASE("conditions that need each other are refused", "[alarm][template]") {
  const std::string sections =
      R"("Conditions":{"A":{"Fn::Not":[{"Condition":"B"}]},"B":{"Fn::Not":[{"Condition":"A"}]}},)";

  CHECK_THAT(refusal(R"("X":{"Type":"AWS::CloudWatch::Alarm","Condition":"A"})", sections),
             ContainsSubstring("condition `A` needs itself"));
}

TEST_CASE("a template cannot make the work double with each step", "[alarm][template]") {
  std::string resources;
  std::string conditions = R"("Conditions":{"c0":{"Fn::Equals":["a","a"]})";
  for (int i = 1; i <= 40; ++i) {
    const std::string before = std::to_string(i - 1);
    resources += R"("r)" + std::to_string(i) +
                 R"(":{"Type":"AWS::Logs::LogGroup","Properties":{"LogGroupName":{"Fn::Sub":"${r)" +
                 before + "}${r" + before + R"(}"}}},)";
    conditions += R"(,"c)" + std::to_string(i) + R"(":{"Fn::And":[{"Condition":"c)" + before +
                  R"("},{"Condition":"c)" + before + R"("}]})";
  }
  resources += R"("r0":{"Type":"AWS::Logs::LogGroup","Properties":{"LogGroupName":"ab"}},)";
  const std::string alarm =
      R"("X":{"Type":"AWS::CloudWatch::Alarm","Condition":"c20","Properties":{)";
  const std::string rest =
      R"(,"ComparisonOperator":"GreaterThanThreshold","Threshold":1,"EvaluationPeriods":1}})";

  CHECK(refusal(resources + alarm + R"("AlarmName":{"Ref":"r8"})" + rest, conditions + "},") ==
        "taken");
  CHECK_THAT(refusal(resources + alarm + R"("AlarmName":{"Ref":"r20"})" + rest, conditions + "},"),
             ContainsSubstring("64 KiB"));
}

TEST_CASE("what is no template is refused", "[alarm][template]") {
  CHECK_THAT(read_template("Resources: {}", {}).error().message(),
             ContainsSubstring("not one JSON object"));
  CHECK_THAT(read_template("{}", {}).error().message(),
             ContainsSubstring("`Resources` is no object"));
  CHECK_FALSE(read_template(R"({"Resources":{"X":5}})", {}));
  CHECK_FALSE(read_template(std::string(kTemplateBytesMax + 1, ' '), {}));
  CHECK(read_template(R"({"Resources":{}})", {})->metric.empty());
}

TEST_CASE("a request of the AWS CLI is read likewise", "[alarm][template]") {
  const auto alarm = read_metric_alarm(
      R"({"AlarmName":"a","MetricName":"m","Namespace":"N","Statistic":"Sum","Period":60,)"
      R"("EvaluationPeriods":1,"Threshold":1.5,"ComparisonOperator":"LessThanThreshold",)"
      R"("ActionsEnabled":false,"AlarmActions":["arn:x"]})");
  REQUIRE(alarm);
  CHECK(alarm->comparison == Comparison::kLess);
  CHECK(alarm->actions.alarm.empty());  // They would not run.

  const auto page = read_composite_alarm(R"json({"AlarmName":"p","AlarmRule":"ALARM(a)"})json");
  REQUIRE(page);
  CHECK(page->rule == "ALARM(a)");
  CHECK_FALSE(read_composite_alarm(R"json({"AlarmRules":"ALARM(a)"})json"));
}

}  // namespace
}  // namespace sonde::alarm
