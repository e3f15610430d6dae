#include "alarm/evaluate.h"

#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <array>
#include <string>
#include <vector>

#include "alarm/vectors_for_test.h"
#include "alarm/words.h"

namespace sonde::alarm {
namespace {

using Catch::Matchers::ContainsSubstring;
using std::chrono::seconds;

constexpr std::array kStates{State::kInsufficientData, State::kOk, State::kAlarm};
constexpr std::array kTreatments{MissingData::kMissing, MissingData::kIgnore,
                                 MissingData::kBreaching, MissingData::kNotBreaching};
constexpr seconds kStart{1'667'875'200};  // 2022-11-08 02:40:00

/// "O-X": oldest first.
std::vector<Mark> marks_of(std::string_view points) {
  std::vector<Mark> marks;
  for (const char c : points) {
    marks.push_back(c == 'X' ? Mark::kBreaching : c == 'O' ? Mark::kOk : Mark::kMissing);
  }
  return marks;
}

/// The four treatments' states: "ALARM keep ALARM OK".
void check_row(std::uint32_t periods, std::uint32_t datapoints, std::string_view points,
               const std::array<std::string, 4>& expected) {
  for (const State before : kStates) {
    for (std::size_t i = 0; i < kTreatments.size(); ++i) {
      CAPTURE(points, periods, datapoints, to_string(before), to_string(kTreatments[i]));
      const Criteria criteria{.evaluation_periods = periods,
                              .datapoints_to_alarm = datapoints,
                              .missing_data = kTreatments[i]};
      const bool keep = expected[i] == "RETAIN";
      CHECK(to_string(decide(criteria, marks_of(points), before)) ==
            (keep ? to_string(before) : expected[i]));
    }
  }
}

TEST_CASE("every row of the guide's tables of missing data holds", "[alarm][evaluate]") {
  const std::string text = test_data("aws/alarm_missing_data.json");
  const auto rows = elements(member(text, "rows"));
  REQUIRE(rows.size() == 10);
  for (const std::string_view row : rows) {
    const std::string_view expected = member(row, "expected");
    const std::string points = text_member(row, "points");
    const auto periods = static_cast<std::uint32_t>(integer_member(row, "evaluation_periods"));
    CHECK(evaluation_range(periods) == points.size());
    check_row(periods, static_cast<std::uint32_t>(integer_member(row, "datapoints_to_alarm")),
              points,
              {text_member(expected, "missing"), text_member(expected, "ignore"),
               text_member(expected, "breaching"), text_member(expected, "notBreaching")});
  }
}

TEST_CASE("rows that follow from the guide's text", "[alarm][evaluate]") {
  check_row(1, 1, "X--", {"ALARM", "ALARM", "ALARM", "ALARM"});
  check_row(1, 1, "---", {"INSUFFICIENT_DATA", "RETAIN", "ALARM", "OK"});
  check_row(3, 3, "----X", {"OK", "OK", "ALARM", "OK"});
  check_row(3, 3, "---X-", {"OK", "OK", "ALARM", "OK"});
  check_row(3, 3, "-X---", {"ALARM", "RETAIN", "ALARM", "OK"});
  check_row(3, 3, "X----", {"ALARM", "RETAIN", "ALARM", "OK"});
  check_row(3, 3, "XX---", {"ALARM", "RETAIN", "ALARM", "OK"});
  check_row(3, 3, "XXX--", {"ALARM", "ALARM", "ALARM", "ALARM"});
  check_row(3, 2, "---XX", {"ALARM", "ALARM", "ALARM", "ALARM"});
  check_row(3, 2, "-X-O-", {"OK", "OK", "ALARM", "OK"});
  check_row(3, 2, "O-X--", {"OK", "OK", "ALARM", "OK"});
  check_row(3, 1, "XOOOO", {"OK", "OK", "OK", "OK"});  // Only the newest three count.
}

MetricAlarm latency(std::uint32_t periods, std::optional<std::uint32_t> datapoints,
                    MissingData missing_data = MissingData::kMissing) {
  return {.name = "MCP-HighP99Latency",
          .metrics = {{.source = MetricStat{.period = seconds(60), .stat = "p99"}}},
          .threshold = 10,
          .evaluation_periods = periods,
          .datapoints_to_alarm = datapoints,
          .missing_data = missing_data};
}

using Values = std::vector<std::optional<double>>;

/// One minute each, from kStart on.
std::vector<Datapoint> range_of(const Values& values, std::uint64_t samples = 1) {
  std::vector<Datapoint> range;
  for (std::size_t i = 0; i < values.size(); ++i) {
    range.push_back({.start = kStart + seconds(60) * i,
                     .value = values[i],
                     .samples = values[i] ? samples : 0});
  }
  return range;
}

std::string reason(const MetricAlarm& alarm, const Values& values, State before) {
  const auto judgement = evaluate(alarm, range_of(values), before, kStart + seconds(600));
  return judgement ? judgement->reason : "unchanged";
}

TEST_CASE("reasons are worded as CloudWatch words them", "[alarm][evaluate]") {
  CHECK(reason(latency(1, {}), {3, 4, 30}, State::kOk) ==
        "Threshold Crossed: 1 datapoint [30.0 (08/11/22 02:42:00)] was greater than the threshold "
        "(10.0).");
  CHECK(reason(latency(4, 2), {1, 1, 10.7, 3, 10.75, 2}, State::kOk) ==
        "Threshold Crossed: 2 out of the last 4 datapoints [10.75 (08/11/22 02:44:00), 10.7 "
        "(08/11/22 02:42:00)] were greater than the threshold (10.0) (minimum 2 datapoints for OK "
        "-> ALARM transition).");
  CHECK(reason(latency(1, 1), {30, 30, 3}, State::kAlarm) ==
        "Threshold Crossed: 1 out of the last 1 datapoints [3.0 (08/11/22 02:42:00)] was not "
        "greater than the threshold (10.0) (minimum 1 datapoint for ALARM -> OK transition).");
  CHECK(reason(latency(2, {}, MissingData::kBreaching), {{}, {}, {}, {}}, State::kOk) ==
        "Threshold Crossed: no datapoints were received for 2 periods and 2 missing datapoints "
        "were treated as [Breaching].");
  CHECK(reason(latency(1, {}, MissingData::kNotBreaching), {{}, {}, {}}, State::kAlarm) ==
        "Threshold Crossed: no datapoints were received for 1 period and 1 missing datapoint was "
        "treated as [NonBreaching].");
  CHECK(reason(latency(8, {}, MissingData::kBreaching), {{}, {}, {}, {}, {}, {}, {}, {}, {}, 2},
               State::kAlarm) ==
        "Threshold Crossed: 1 datapoint [2.0 (08/11/22 02:49:00)] was not greater than the "
        "threshold (10.0) and 7 missing datapoints were treated as [Breaching].");
  CHECK(reason(latency(3, 1, MissingData::kNotBreaching), {{}, {}, {}, 613, {}}, State::kOk) ==
        "Threshold Crossed: 1 out of the last 3 datapoints [613.0 (08/11/22 02:43:00)] was greater "
        "than the threshold (10.0) and 2 missing datapoints were treated as [NonBreaching] "
        "(minimum 1 datapoint for OK -> ALARM transition).");
  CHECK(reason(latency(1, {}), {{}, {}, {}}, State::kOk) ==
        "Insufficient Data: 1 datapoint was unknown.");
  CHECK(reason(latency(3, {}), {{}, {}, {}, {}, {}}, State::kOk) ==
        "Insufficient Data: 3 datapoints were unknown.");
}

TEST_CASE("a state that stays has no reason", "[alarm][evaluate]") {
  CHECK(reason(latency(1, {}), {3, 4, 5}, State::kOk) == "unchanged");
  CHECK(reason(latency(1, {}), {3, 4, 50}, State::kAlarm) == "unchanged");
}

TEST_CASE("a reason and its data keep CloudWatch's limits", "[alarm][evaluate]") {
  const Values values(302, 123456.789);
  const auto judgement =
      evaluate(latency(300, 300), range_of(values), State::kOk, kStart + seconds(60 * 302));

  REQUIRE(judgement);
  CHECK(judgement->reason.size() <= 1023);
  CHECK_THAT(judgement->reason, ContainsSubstring(", ...] were greater than"));
  CHECK(judgement->reason_data.size() <= 4000);
}

TEST_CASE("the reason data are the evaluated datapoints", "[alarm][evaluate]") {
  const auto judgement =
      evaluate(latency(2, {}), range_of({1, 2, 30, 40}, 7), State::kOk, kStart + seconds(240));

  REQUIRE(judgement);
  CHECK(judgement->reason_data ==
        R"({"version":"1.0","queryDate":"2022-11-08T02:44:00.000+0000",)"
        R"("startDate":"2022-11-08T02:42:00.000+0000","statistic":"p99","period":60,)"
        R"("recentDatapoints":[30.0,40.0],"threshold":10.0,"evaluatedDatapoints":[)"
        R"({"timestamp":"2022-11-08T02:43:00.000+0000","sampleCount":7.0,"value":40.0},)"
        R"({"timestamp":"2022-11-08T02:42:00.000+0000","sampleCount":7.0,"value":30.0}]})");
}

TEST_CASE("each comparison compares", "[alarm][evaluate]") {
  CHECK_FALSE(breaches(Comparison::kGreater, 5, 5));
  CHECK(breaches(Comparison::kGreaterOrEqual, 5, 5));
  CHECK_FALSE(breaches(Comparison::kLess, 5, 5));
  CHECK(breaches(Comparison::kLessOrEqual, 5, 5));
  CHECK(breaches(Comparison::kGreater, 6, 5));
  CHECK(breaches(Comparison::kLess, 4, 5));
  CHECK_FALSE(breaches(Comparison::kLessOrEqual, 6, 5));
  CHECK_FALSE(breaches(Comparison::kGreaterOrEqual, 4, 5));
}

TEST_CASE("a percentile of few samples keeps the state if it is to be ignored",
          "[alarm][evaluate]") {
  MetricAlarm alarm = latency(1, {});
  alarm.ignore_low_samples = true;

  CHECK_FALSE(evaluate(alarm, range_of({1, 1, 30}, 999), State::kOk, kStart));
  CHECK(evaluate(alarm, range_of({1, 1, 30}, 1000), State::kOk, kStart));
  alarm.ignore_low_samples = false;
  CHECK(evaluate(alarm, range_of({1, 1, 30}, 1), State::kOk, kStart));
}

TEST_CASE("the samples that a percentile needs", "[alarm][evaluate]") {
  const auto needed = [](const std::string& stat) { return samples_needed({.stat = stat}); };
  CHECK(needed("p50") == Catch::Approx(20));
  CHECK(needed("p90") == Catch::Approx(100));
  CHECK(needed("p99.9") == Catch::Approx(10'000));
  CHECK(needed("p10") == Catch::Approx(100));
  CHECK(needed("p100") == 0);
  CHECK(needed("Sum") == 0);
}

TEST_CASE("short periods are evaluated often, and long windows seldom", "[alarm][evaluate]") {
  CHECK(evaluation_interval(seconds(10), 3) == seconds(10));
  CHECK(evaluation_interval(seconds(300), 288) == seconds(60));
  CHECK(evaluation_interval(seconds(3600), 24) == seconds(60));
  CHECK(evaluation_interval(seconds(3600), 25) == seconds(3600));
}

}  // namespace
}  // namespace sonde::alarm
