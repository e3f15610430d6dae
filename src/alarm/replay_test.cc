#include "alarm/replay.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <string>
#include <vector>

namespace sonde::alarm {
namespace {

using Catch::Matchers::ContainsSubstring;
using std::chrono::seconds;

constexpr std::int64_t kStart = 1'795'176'000;  // 2026-11-20 12:00:00

/// A tool's calls in one line, `second` after the start.
std::string line(std::int64_t second, int calls, int errors) {
  return R"({"_aws":{"Timestamp":)" + std::to_string((kStart + second) * 1000) +
         R"(,"CloudWatchMetrics":[{"Namespace":"N","Dimensions":[["Environment"]],"Metrics":[)"
         R"({"Name":"calls"},{"Name":"errors"}]}]},"Environment":"production","calls":)" +
         std::to_string(calls) + ",\"errors\":" + std::to_string(errors) + "}";
}

MetricStat sum(const std::string& metric) {
  return {.metric_namespace = "N",
          .metric_name = metric,
          .dimensions = {{"Environment", "production"}},
          .period = seconds(60),
          .stat = "Sum"};
}

MetricAlarm error_rate() {
  return {.name = "rate",
          .metrics = {{.id = "c", .source = sum("calls"), .return_data = false},
                      {.id = "e", .source = sum("errors"), .return_data = false},
                      {.id = "r", .source = "100*e/c"}},
          .threshold = 5,
          .missing_data = MissingData::kNotBreaching};
}

MetricAlarm parsing_errors() {
  MetricStat stat = sum("EMFParsingErrors");
  stat.metric_namespace = "AWS/Logs";
  stat.dimensions = {{"LogGroupName", "group"}};
  return {.name = "emf",
          .metrics = {{.source = stat}},
          .threshold = 0,
          .missing_data = MissingData::kNotBreaching};
}

ReplayReport replay(const std::vector<std::string>& lines, ReplayOptions options = {}) {
  auto made = Replay::make({.metric = {error_rate(), parsing_errors()}}, std::move(options));
  if (!made) FAIL(made.error().message());
  for (const std::string& text : lines) made->feed(text);
  return made->finish();
}

/// "12:01 rate OK"
std::vector<std::string> history(const ReplayReport& report, const std::string& alarm) {
  std::vector<std::string> lines;
  for (const Change& change : report.changes) {
    if (change.alarm != alarm) continue;
    const auto minute = (change.at.count() - kStart) / 60;
    lines.push_back(std::to_string(minute) + (change.after == State::kAlarm ? " ALARM" : " OK"));
  }
  return lines;
}

using History = std::vector<std::string>;

TEST_CASE("an incident is replayed minute by minute", "[alarm][replay]") {
  std::vector<std::string> lines;
  for (int minute = 0; minute < 30; ++minute) {
    lines.push_back(line(minute * 60 + 5, 100, minute >= 10 && minute < 13 ? 20 : 1));
  }

  const ReplayReport report = replay(lines);

  CHECK(history(report, "rate") == History{"1 OK", "11 ALARM", "14 OK"});
  CHECK(report.from == seconds(kStart + 60));
  CHECK(report.until == seconds(kStart + 1800));
  CHECK(report.lines == 30);
  CHECK(report.metric_lines == 30);
  CHECK(report.faults == 0);
}

TEST_CASE("lines may come ten minutes late", "[alarm][replay]") {
  std::vector<std::string> lines;
  for (int minute = 0; minute < 30; ++minute) lines.push_back(line(minute * 60, 100, 0));
  lines.insert(lines.begin() + 12, line(5 * 60, 0, 50));  // Behind minute 11.

  CHECK(history(replay(lines), "rate") == History{"1 OK", "6 ALARM", "7 OK"});
}

TEST_CASE("after the last line the evaluation goes on as long as is asked for", "[alarm][replay]") {
  const std::vector<std::string> lines{line(0, 10, 10)};

  CHECK(history(replay(lines), "rate") == History{"1 ALARM"});
  CHECK(history(replay(lines, {.tail = seconds(180)}), "rate") == History{"1 ALARM", "4 OK"});
}

TEST_CASE("lines with faults are the errors of the log group", "[alarm][replay]") {
  std::vector<std::string> lines{line(0, 10, 0), R"({"_aws":{"Timestamp":"now"}})"};
  for (int minute = 1; minute < 4; ++minute) lines.push_back(line(minute * 60, 10, 0));

  const ReplayReport report = replay(lines);
  // With one evaluation period three are looked at, and silence does not replace a datapoint.
  CHECK(history(report, "emf") == History{"1 ALARM", "4 OK"});
  CHECK(report.faults == 1);
  CHECK_THAT(report.first_fault, ContainsSubstring("line 2: `Timestamp`"));
  CHECK(history(replay(lines, {.log_group = "another"}), "emf") == History{"1 OK"});
}

TEST_CASE("a heartbeat is not missed before the recording began", "[alarm][replay]") {
  MetricAlarm heartbeat = error_rate();
  heartbeat.missing_data = MissingData::kBreaching;
  heartbeat.evaluation_periods = 3;
  heartbeat.datapoints_to_alarm = 2;
  auto made = Replay::make({.metric = {heartbeat}}, {.tail = seconds(600)});
  REQUIRE(made);
  for (int minute = 0; minute < 15; ++minute) made->feed(line(minute * 60, 10, 0));

  // Five periods are looked at: at 19 only one of them has data, so two of three are missing.
  CHECK(history(made->finish(), "rate") == History{"3 OK", "19 ALARM"});
}

TEST_CASE("one wrong clock makes no year of minutes", "[alarm][replay]") {
  const ReplayReport report = replay(
      {line(0, 10, 0), line(300 * 86'400, 10, 10), line(-300 * 86'400, 1, 1), line(60, 10, 0)});

  CHECK(report.out_of_range == 2);
  CHECK(report.until == seconds(kStart + 120));
}

TEST_CASE("nothing is evaluated without metrics", "[alarm][replay]") {
  const ReplayReport report = replay({"plain", R"({"event":"tap.start"})"});

  CHECK(report.changes.empty());
  CHECK(report.lines == 2);
  CHECK(report.from == seconds(0));
}

TEST_CASE("long recordings need the memory of their window only", "[alarm][replay]") {
  ReplayOptions options{.limits = {.series_max = 10, .values_max = 100}};
  std::vector<std::string> lines;
  for (int minute = 0; minute < 1000; ++minute) lines.push_back(line(minute * 60, 100, 0));

  const ReplayReport report = replay(lines, options);

  CHECK(report.dropped.values == 0);
  CHECK(report.until == seconds(kStart + 60'000));
}

}  // namespace
}  // namespace sonde::alarm
