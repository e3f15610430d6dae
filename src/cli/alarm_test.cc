#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <string>

#include "cli/fake_world.h"

namespace sonde::cli {
namespace {

using Catch::Matchers::ContainsSubstring;

constexpr std::string_view kTemplate = R"json({
  "Parameters": {"Suffix": {"Type": "String", "Default": ""}},
  "Resources": {"Failures": {"Type": "AWS::CloudWatch::Alarm", "Properties": {
    "AlarmName": {"Fn::Sub": "Failures${Suffix}"}, "Namespace": "N", "MetricName": "errors",
    "Statistic": "Sum", "Period": 60, "EvaluationPeriods": 1, "Threshold": 5,
    "ComparisonOperator": "GreaterThanThreshold", "TreatMissingData": "notBreaching",
    "AlarmActions": ["arn:topic"]}}}})json";

/// Errors of a minute from 2026-11-20 12:00 on.
std::string line(int minute, int errors) {
  return R"({"_aws":{"Timestamp":)" + std::to_string(1'795'176'000'000 + minute * 60'000) +
         R"(,"CloudWatchMetrics":[{"Namespace":"N","Dimensions":[[]],"Metrics":[{"Name":"errors"}]}]},"errors":)" +
         std::to_string(errors) + "}\n";
}

/// A template and a recording in which the errors of the third minute are too many.
struct Recorded : FakeWorld {
  Recorded() {
    write("t.json", kTemplate);
    std::string lines = "plain text\n";
    for (int minute = 0; minute < 6; ++minute) lines += line(minute, minute == 2 ? 9 : 0);
    lines.pop_back();  // The last line of a file may lack its newline.
    write("log.jsonl", lines);
  }
  std::string path(const std::string& name) const { return home() + "/" + name; }
  int replay(const std::string& options) {
    return run("alarm replay --template " + path("t.json") + " " + options);
  }
};

TEST_CASE("a replay says which alarm fired, and when it recovered", "[cli][alarm]") {
  Recorded world;
  CHECK(world.replay(world.path("log.jsonl")) == kDone);
  CHECK(world.err.empty());
  CHECK(
      world.out ==
      "2026-11-20T12:03:00.000Z  Failures  ALARM              Threshold Crossed: 1 datapoint [9.0 "
      "(20/11/26 12:02:00)] was greater than the threshold (5.0).\n"
      "2026-11-20T12:04:00.000Z  Failures  OK                 Threshold Crossed: 1 datapoint [0.0 "
      "(20/11/26 12:03:00)] was not greater than the threshold (5.0).\n"
      "1 of 1 alarms fired from 2026-11-20T12:01:00.000Z to 2026-11-20T12:06:00.000Z, over 6 "
      "metric lines\n");
}

TEST_CASE("as JSON a replay has changes, notifications and a summary", "[cli][alarm]") {
  Recorded world;
  CHECK(world.replay("--json --parameter Suffix=-x " + world.path("log.jsonl")) == kDone);
  CHECK_THAT(world.out,
             ContainsSubstring(R"({"at":"2026-11-20T12:03:00.000Z","alarm":"Failures-x",)"
                               R"("composite":false,"before":"OK","after":"ALARM",)"));
  CHECK_THAT(world.out,
             ContainsSubstring(R"({"at":"2026-11-20T12:03:00.000Z","notified":"Failures-x",)"
                               R"("state":"ALARM","actions":["arn:topic"]})"));
  CHECK_THAT(world.out, ContainsSubstring(R"("lines":7,"metric_lines":6,"faults":0)"));
  CHECK_THAT(world.out, ContainsSubstring(R"("states":{"Failures-x":"OK"})"));
}

TEST_CASE("the evaluation can go on behind the last line", "[cli][alarm]") {
  Recorded world;
  world.write("one.jsonl", line(0, 9));
  CHECK(world.replay(world.path("one.jsonl")) == kDone);
  CHECK_THAT(world.out, !ContainsSubstring("  OK "));
  CHECK(world.replay("--tail 5m " + world.path("one.jsonl")) == kDone);
  CHECK_THAT(world.out, ContainsSubstring("  OK "));
}

TEST_CASE("what cannot be replayed is said", "[cli][alarm]") {
  Recorded world;
  CHECK(world.run("alarm replay x.jsonl") == kUsage);
  CHECK_THAT(world.err, ContainsSubstring("needs --template"));
  CHECK(world.replay("--parameter x " + world.path("log.jsonl")) == kUsage);
  CHECK_THAT(world.err, ContainsSubstring("`x` is not NAME=VALUE"));
  CHECK(world.replay("--parameter Sufix=x " + world.path("log.jsonl")) == kProblem);
  CHECK_THAT(world.err, ContainsSubstring("did you mean `Suffix`?"));
  CHECK(world.replay("--tail 15d " + world.path("log.jsonl")) == kUsage);
  CHECK(world.replay(world.path("none.jsonl")) == kProblem);
  CHECK_THAT(world.err, ContainsSubstring("No such file"));
  world.write("t.json", "{");
  CHECK(world.replay(world.path("log.jsonl")) == kProblem);
  CHECK_THAT(world.err, ContainsSubstring("not one JSON object"));
}

TEST_CASE("a recording without metrics is no quiet day", "[cli][alarm]") {
  Recorded world;
  world.write("plain.jsonl", "a\nb\n");
  CHECK(world.replay(world.path("plain.jsonl")) == kDone);
  CHECK(world.out == "no metrics in 2 lines; nothing was evaluated\n");
}

}  // namespace
}  // namespace sonde::cli
