#include "alarm/engine.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <string>
#include <vector>

#include "alarm/words.h"

namespace sonde::alarm {
namespace {

using Catch::Matchers::ContainsSubstring;
using std::chrono::minutes;
using std::chrono::seconds;

constexpr seconds kStart{1'795'176'000};  // 2026-11-20 12:00:00

MetricAlarm watch(const std::string& name, const std::string& metric) {
  return {.name = name,
          .metrics = {{.source = MetricStat{.metric_namespace = "N",
                                            .metric_name = metric,
                                            .period = seconds(60),
                                            .stat = "Maximum"}}},
          .threshold = 10,
          .missing_data = MissingData::kNotBreaching,
          .actions = {.alarm = {"topic"}, .ok = {"topic"}}};
}

CompositeAlarm page(const std::string& name, const std::string& rule) {
  return {.name = name, .rule = rule, .actions = {.alarm = {"pager"}}};
}

/// A set of alarms over the metrics a and b, and its history in short.
class World {
 public:
  explicit World(AlarmSet alarms) : engine_(make(std::move(alarms))) {}

  /// The values of a minute, and the evaluation at its end: "A OK, page ALARM!pager".
  std::string minute(double a, double b = 0) {
    store_.add({.metric_namespace = "N", .name = "a"}, now_, std::vector{a});
    store_.add({.metric_namespace = "N", .name = "b"}, now_, std::vector{b});
    now_ += minutes(1);
    last_ = engine_.evaluate(store_, now_);
    std::string text;
    for (const Change& change : last_.changes) {
      text +=
          (text.empty() ? "" : ", ") + change.alarm + " " + std::string(to_string(change.after));
    }
    for (const Notification& one : last_.notifications) {
      if (one.actions != std::vector<std::string>{"pager"}) continue;
      text += " !" + one.alarm + " " + std::string(to_string(one.state));
    }
    return text;
  }

  const Round& last() const { return last_; }
  State state(std::string_view name) const { return engine_.state(name).value(); }

 private:
  static Engine make(AlarmSet alarms) {
    auto engine = Engine::make(std::move(alarms), {});
    if (!engine) FAIL(engine.error().message());
    return std::move(*engine);
  }

  Engine engine_;
  MetricStore store_;
  seconds now_ = kStart;
  Round last_;
};

TEST_CASE("a new alarm has no data until it is evaluated", "[alarm][engine]") {
  World world({.metric = {watch("A", "a")}});
  CHECK(world.state("A") == State::kInsufficientData);
  CHECK(world.minute(1) == "A OK");
  CHECK(world.minute(1).empty());
  CHECK(world.minute(11) == "A ALARM");
  CHECK(world.minute(12).empty());
  CHECK(world.minute(1) == "A OK");
}

TEST_CASE("a composite follows its children in the same evaluation", "[alarm][engine]") {
  World world({.metric = {watch("A", "a"), watch("B", "b")},
               .composite = {page("top", "ALARM(both)"), page("both", "ALARM(A) AND ALARM(B)")}});
  CHECK(world.minute(1, 1) == "A OK, B OK, both OK, top OK");
  CHECK(world.minute(11, 1) == "A ALARM");
  CHECK(world.minute(11, 11) == "B ALARM, both ALARM, top ALARM !both ALARM !top ALARM");
  CHECK(world.minute(1, 11) == "A OK, both OK, top OK");
}

TEST_CASE("a composite says which child changed it", "[alarm][engine]") {
  World world({.metric = {watch("A", "a")}, .composite = {page("page", "ALARM(A)")}});
  world.minute(1);
  const std::string prefix = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:";
  CHECK(world.last().changes.at(1).reason ==
        prefix + "page was created and its alarm rule evaluates to OK");

  world.minute(11);
  const Change& change = world.last().changes.at(1);
  CHECK(change.composite);
  CHECK(change.reason ==
        prefix + "A transitioned to ALARM at Friday 20 November, 2026 12:02:00 UTC");
  CHECK(change.reason_data == R"({"triggeringAlarms":[{"arn":")" + prefix +
                                  R"(A","state":{"value":"ALARM","timestamp":)"
                                  R"("2026-11-20T12:02:00.000+0000"}}]})");
}

TEST_CASE("a suppressor holds the actions back, not the state", "[alarm][engine]") {
  CompositeAlarm composite = page("page", "ALARM(A)");
  composite.suppressor = "B";
  composite.suppressor_wait = minutes(2);
  composite.suppressor_extension = minutes(3);
  World world({.metric = {watch("A", "a"), watch("B", "b")}, .composite = {composite}});
  world.minute(1, 1);

  CHECK(world.minute(11, 1) == "A ALARM, page ALARM");
  CHECK(world.minute(11, 11) == "B ALARM");
  CHECK(world.minute(11, 11).empty());
  CHECK(world.minute(11, 1) == "B OK");
  CHECK(world.minute(11, 1).empty());
  CHECK(world.minute(11, 1).empty());
  CHECK(world.minute(11, 1) == " !page ALARM");
}

TEST_CASE("an action runs on a change only", "[alarm][engine]") {
  World world({.metric = {watch("A", "a")}});
  world.minute(11);
  REQUIRE(world.last().notifications.size() == 1);
  CHECK(world.last().notifications[0].state == State::kAlarm);
  world.minute(11);
  CHECK(world.last().notifications.empty());
  world.minute(1);
  REQUIRE(world.last().notifications.size() == 1);
  CHECK(world.last().notifications[0].state == State::kOk);
}

TEST_CASE("metric math is evaluated over the same periods", "[alarm][engine]") {
  MetricAlarm alarm = watch("rate", "a");
  alarm.metrics[0].id = "errors";
  alarm.metrics[0].return_data = false;
  alarm.metrics.push_back({.id = "calls", .source = alarm.metrics[0].source, .return_data = false});
  std::get<MetricStat>(alarm.metrics[1].source).metric_name = "b";
  alarm.metrics.push_back({.id = "rate", .source = "IF(calls >= 20, 100 * errors / calls, 0)"});
  World world({.metric = {alarm}});

  CHECK(world.minute(1, 20) == "rate OK");
  CHECK(world.minute(19, 19).empty());
  CHECK(world.minute(3, 20) == "rate ALARM");
  CHECK_THAT(world.last().changes.at(0).reason, ContainsSubstring("[15.0 ("));
}

TEST_CASE("an alarm with a short period wants ten seconds, the others stay at a minute",
          "[alarm][engine]") {
  MetricAlarm fast = watch("fast", "a");
  std::get<MetricStat>(fast.metrics[0].source).period = seconds(10);
  auto engine = Engine::make({.metric = {fast, watch("slow", "a")}}, {});
  REQUIRE(engine);
  CHECK(engine->interval() == seconds(10));
  MetricStore store;
  store.add({.metric_namespace = "N", .name = "a"}, kStart, std::vector{11.0});

  const Round round = engine->evaluate(store, kStart + seconds(10));

  REQUIRE(round.changes.size() == 1);
  CHECK(round.changes[0].alarm == "fast");
  CHECK(engine->evaluate(store, kStart + seconds(60)).changes.size() == 2);
}

TEST_CASE("alarms that CloudWatch would refuse make no engine", "[alarm][engine]") {
  CHECK_FALSE(Engine::make({.metric = {watch("", "a")}}, {}));
  CHECK_FALSE(Engine::make({.composite = {page("page", "ALARM(A)")}}, {}));
  CHECK_FALSE(Engine::make({.metric = {watch("A", "a"), watch("A", "a")}}, {}));
}

TEST_CASE("a deep tower of composites is evaluated in one round", "[alarm][engine]") {
  AlarmSet alarms{.metric = {watch("A", "a")}};
  for (int i = 0; i < 2000; ++i) {
    const std::string child = i == 0 ? "A" : "c" + std::to_string(i - 1);
    alarms.composite.push_back({.name = "c" + std::to_string(i), .rule = "ALARM(" + child + ")"});
  }
  std::ranges::reverse(alarms.composite);
  World world(std::move(alarms));
  world.minute(1);
  world.minute(11);
  CHECK(world.state("c1999") == State::kAlarm);
}

}  // namespace
}  // namespace sonde::alarm
