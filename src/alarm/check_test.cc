#include "alarm/check.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <functional>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace sonde::alarm {
namespace {

using Catch::Matchers::ContainsSubstring;
using std::chrono::seconds;

MetricStat calls() {
  return {.metric_namespace = "MCP/ToolServer",
          .metric_name = "tool_call_count",
          .dimensions = {{"Environment", "production"}},
          .period = seconds(300),
          .stat = "Sum"};
}

/// An error rate with a guard against few calls.
MetricAlarm error_rate() {
  MetricStat errors = calls();
  errors.metric_name = "tool_error_count";
  return {.name = "MCP-HighToolErrorRate",
          .description = "What to do",
          .metrics = {{.id = "calls", .source = calls(), .return_data = false},
                      {.id = "errors", .source = std::move(errors), .return_data = false},
                      {.id = "rate", .source = "IF(calls>=20, 100*errors/calls, 0)"}},
          .threshold = 5,
          .actions = {.alarm = {"arn:aws:sns:us-east-1:123456789012:mcp-alerts"}}};
}

MetricAlarm single() {
  return {.name = "MCP-ServerDown", .metrics = {{.source = calls()}}, .threshold = 1};
}

MetricStat& stat(MetricAlarm& alarm, std::size_t index = 0) {
  return std::get<MetricStat>(alarm.metrics.at(index).source);
}

CompositeAlarm page(std::string rule) { return {.name = "MCP-Page", .rule = std::move(rule)}; }

std::vector<std::string> refused(const std::vector<CompositeAlarm>& alarms) {
  const std::vector<std::string> names{"MCP-HighP99Latency", "MCP-ServerDown"};
  return refusals(alarms, names);
}

TEST_CASE("an alarm that CloudWatch takes has no refusals", "[alarm][check]") {
  CHECK(refusals(error_rate()).empty());
  CHECK(refusals(single()).empty());
  CHECK(check(error_rate()));
}

struct Mutant {
  std::function<void(MetricAlarm&)> change;
  std::string reason;
};

TEST_CASE("each thing that CloudWatch refuses is refused, with its reason", "[alarm][check]") {
  const auto mutant = GENERATE(values<Mutant>({
      {[](MetricAlarm& a) { a.name.clear(); }, "needs a name"},
      {[](MetricAlarm& a) { a.name.assign(256, 'a'); }, "256 characters; at most 255"},
      {[](MetricAlarm& a) { a.name = "a\nb"; }, "control character"},
      {[](MetricAlarm& a) { a.description.assign(1025, 'd'); }, "1025 characters; at most 1024"},
      {[](MetricAlarm& a) { a.actions.alarm.assign(6, "arn:x"); }, "6 AlarmActions"},
      {[](MetricAlarm& a) { a.actions.ok.assign(6, "arn:x"); }, "6 OKActions"},
      {[](MetricAlarm& a) { a.actions.insufficient_data.assign(6, "arn:x"); },
       "6 InsufficientDataActions"},
      {[](MetricAlarm& a) { a.actions.ok = {""}; }, "not an ARN"},
      {[](MetricAlarm& a) { a.threshold = std::numeric_limits<double>::infinity(); }, "not finite"},
      {[](MetricAlarm& a) { a.evaluation_periods = 0; }, "at least 1 evaluation period"},
      {[](MetricAlarm& a) { a.datapoints_to_alarm = 0; }, "at least 1 datapoint to alarm"},
      {[](MetricAlarm& a) { a.datapoints_to_alarm = 2; }, "2 datapoints to alarm of 1"},
      {[](MetricAlarm& a) { a.evaluation_periods = 289; }, "together at most 86400 s"},
      {[](MetricAlarm& a) { stat(a).period = seconds(60); }, "60 s and 300 s"},
      {[](MetricAlarm& a) { stat(a).period = seconds(45); }, "period of 45 s"},
      {[](MetricAlarm& a) { stat(a).period = seconds(0); }, "period of 0 s"},
      {[](MetricAlarm& a) { stat(a).period = seconds::max(); }, "together at most 604800 s"},
      {[](MetricAlarm& a) { stat(a).stat = "P99"; }, "statistic `P99`"},
      {[](MetricAlarm& a) { stat(a).stat = "p101"; }, "0 to 100"},
      {[](MetricAlarm& a) { stat(a).metric_namespace = ":x"; }, "namespace `:x`"},
      {[](MetricAlarm& a) { stat(a).metric_name.clear(); }, "metric name ``"},
      {[](MetricAlarm& a) { stat(a).dimensions.assign(31, {"a", "b"}); }, "31 dimensions"},
      {[](MetricAlarm& a) { stat(a).dimensions.assign(2, {"a", "b"}); }, "`a` twice"},
      {[](MetricAlarm& a) { stat(a).dimensions = {{"a", " "}}; }, "blank"},
      {[](MetricAlarm& a) { stat(a).dimensions = {{"a", "ä"}}; }, "ASCII"},
      {[](MetricAlarm& a) { stat(a).dimensions = {{"", "b"}}; }, "dimension name ``"},
      {[](MetricAlarm& a) { a.metrics[0].id = "Calls"; }, "id `Calls`"},
      {[](MetricAlarm& a) { a.metrics[0].id = "errors"; }, "two metrics with the id `errors`"},
      {[](MetricAlarm& a) { a.metrics[0].return_data = true; }, "2 metrics or expressions"},
      {[](MetricAlarm& a) { a.metrics[2].return_data = false; }, "0 metrics or expressions"},
      {[](MetricAlarm& a) { a.metrics[2].source = ""; }, "1 to 2048"},
      {[](MetricAlarm& a) { a.metrics[2].source = std::string(2049, '1'); }, "1 to 2048"},
      {[](MetricAlarm& a) { a.metrics[2].source = "100*error/calls"; }, "did you mean `errors`?"},
      {[](MetricAlarm& a) { a.metrics[2].source = "SUM(calls)"; }, "gives a number"},
      {[](MetricAlarm& a) { a.metrics.erase(a.metrics.begin(), a.metrics.begin() + 2); },
       "has no metric"},
      {[](MetricAlarm& a) {
         for (int i = 0; i < 8; ++i) {
           a.metrics.push_back(a.metrics[0]);
           a.metrics.back().id = "m" + std::to_string(i);
         }
       },
       "11 metrics and expressions"},
  }));
  MetricAlarm alarm = error_rate();
  mutant.change(alarm);

  const Status status = check(alarm);

  REQUIRE_FALSE(status);
  CHECK_THAT(status.error().message(), ContainsSubstring(mutant.reason));
  CHECK_THAT(status.error().message(), ContainsSubstring("alarm `" + alarm.name + "` "));
}

TEST_CASE("the limits themselves are within the limits", "[alarm][check]") {
  MetricAlarm alarm = error_rate();
  alarm.name.assign(255, 'a');
  alarm.description.clear();
  for (int i = 0; i < 1024; ++i) alarm.description += "ß";  // Characters, not bytes.
  alarm.actions.alarm.assign(5, "arn:x");
  alarm.evaluation_periods = 288;
  alarm.datapoints_to_alarm = 288;
  CHECK(refusals(alarm).empty());

  alarm = single();
  stat(alarm).period = seconds(GENERATE(10, 20, 30, 60, 3600));
  alarm.evaluation_periods = 24;
  CHECK(refusals(alarm).empty());
  stat(alarm).period = seconds(86'400);
  alarm.evaluation_periods = 7;
  CHECK(refusals(alarm).empty());
}

TEST_CASE("all faults of an alarm are told at once", "[alarm][check]") {
  MetricAlarm alarm = single();
  alarm.name = "a\tb";
  alarm.evaluation_periods = 0;
  stat(alarm).stat = "Mean";

  CHECK(refusals(alarm).size() == 3);
}

TEST_CASE("a composite over known alarms has no refusals", "[alarm][check]") {
  CompositeAlarm alarm = page(R"(ALARM("MCP-HighP99Latency") OR
      ALARM(arn:aws:cloudwatch:us-east-1:123456789012:alarm:MCP-ServerDown))");
  alarm.suppressor = "MCP-ServerDown";
  alarm.suppressor_wait = seconds(60);
  alarm.suppressor_extension = seconds(60);

  CHECK(refused({alarm}) == std::vector<std::string>{});
}

TEST_CASE("a composite over an unknown alarm names the nearest", "[alarm][check]") {
  const auto reasons = refused({page("ALARM(MCP-HighP95Latency)")});

  REQUIRE(reasons.size() == 1);
  CHECK(reasons[0] ==
        "composite alarm `MCP-Page` has a rule over an unknown alarm `MCP-HighP95Latency`; did you "
        "mean `MCP-HighP99Latency`?");
}

TEST_CASE("an alarm in its own rule is refused", "[alarm][check]") {
  const auto reasons = refused({page("ALARM(MCP-Page)")});

  REQUIRE(reasons.size() == 1);
  CHECK_THAT(reasons[0], ContainsSubstring("has itself in its rule"));
}

TEST_CASE("a cycle across composites is refused with its path", "[alarm][check]") {
  CompositeAlarm a = page("ALARM(B) OR ALARM(MCP-ServerDown)");
  a.name = "A";
  CompositeAlarm b = page("ALARM(C)");
  b.name = "B";
  CompositeAlarm c = page("NOT ALARM(A)");
  c.name = "C";

  const auto reasons = refused({a, b, c});

  REQUIRE(reasons.size() == 1);
  CHECK_THAT(reasons[0], ContainsSubstring("`A` -> `B` -> `C` -> `A`"));
}

TEST_CASE("a diamond and a suppressor that depends on its alarm are no cycles", "[alarm][check]") {
  CompositeAlarm top = page("ALARM(Left) AND ALARM(Right)");
  CompositeAlarm left = page("ALARM(MCP-ServerDown)");
  left.name = "Left";
  left.suppressor = "MCP-Page";
  left.suppressor_wait = left.suppressor_extension = seconds(60);
  CompositeAlarm right = page("ALARM(MCP-ServerDown)");
  right.name = "Right";

  CHECK(refused({top, left, right}) == std::vector<std::string>{});
}

TEST_CASE("a suppressor needs both periods, and periods a suppressor", "[alarm][check]") {
  CompositeAlarm alarm = page("ALARM(MCP-ServerDown)");
  alarm.suppressor_wait = seconds(60);
  CHECK_THAT(refused({alarm}).at(0), ContainsSubstring("no suppressor"));

  alarm.suppressor = "MCP-ServerDwon";
  CHECK_THAT(refused({alarm}).at(0), ContainsSubstring("ActionsSuppressorExtensionPeriod"));
  CHECK_THAT(refused({alarm}).at(1), ContainsSubstring("did you mean `MCP-ServerDown`?"));

  alarm.suppressor = "MCP-Page";
  alarm.suppressor_extension = seconds(60);
  CHECK_THAT(refused({alarm}).at(0), ContainsSubstring("own suppressor"));
}

TEST_CASE("metric and composite alarms share their names", "[alarm][check]") {
  CompositeAlarm alarm = page("ALARM(MCP-HighP99Latency)");
  alarm.name = "MCP-ServerDown";

  CHECK_THAT(refused({alarm}).at(0), ContainsSubstring("`MCP-ServerDown` exists twice"));
}

TEST_CASE("an alarm feeds at most 150 composites", "[alarm][check]") {
  std::vector<CompositeAlarm> alarms(150, page("ALARM(MCP-ServerDown)"));
  for (std::size_t i = 0; i < alarms.size(); ++i) alarms[i].name = "page-" + std::to_string(i);
  CHECK(refused(alarms).empty());

  alarms.push_back(page("ALARM(MCP-ServerDown)"));
  CHECK_THAT(refused(alarms).at(0), ContainsSubstring("151 composite alarms"));
}

TEST_CASE("a chain of ten thousand composites is checked without recursion", "[alarm][check]") {
  std::vector<CompositeAlarm> alarms;
  for (int i = 0; i < 10'000; ++i) {
    alarms.push_back({.name = "c" + std::to_string(i),
                      .rule = "ALARM(c" + std::to_string((i + 1) % 10'000) + ")"});
  }

  CHECK(refused(alarms).size() == 1);
}

}  // namespace
}  // namespace sonde::alarm
