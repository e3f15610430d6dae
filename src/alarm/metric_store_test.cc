#include "alarm/metric_store.h"

#include <catch2/catch_test_macros.hpp>

#include <optional>
#include <vector>

namespace sonde::alarm {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr seconds kStart{1'795'176'000};

const MetricId kCalls{.metric_namespace = "MCP/ToolServer", .name = "tool_call_count"};

void add(MetricStore& store, std::int64_t second, std::vector<double> values,
         const MetricId& metric = kCalls) {
  store.add(metric, kStart + seconds(second), values);
}

using Values = std::vector<std::optional<double>>;

Values sums(const MetricStore& store, std::int64_t end, std::size_t periods = 3,
            seconds period = seconds(60)) {
  Values values;
  for (const Datapoint& point : store.aggregate(kCalls, {.kind = Statistic::Kind::kSum}, period,
                                                periods, kStart + seconds(end))) {
    values.push_back(point.value);
  }
  return values;
}

TEST_CASE("a period has what lies from its start to before its end", "[alarm][store]") {
  MetricStore store;
  add(store, 0, {1});
  store.add(kCalls, kStart + milliseconds(59'999), std::vector<double>{2});
  add(store, 60, {4, 8});

  CHECK(sums(store, 180) == Values{3, 12, {}});
  CHECK(sums(store, 60) == Values{{}, {}, 3});
}

TEST_CASE("periods slide with the evaluation, and are not aligned to the clock", "[alarm][store]") {
  MetricStore store;
  for (std::int64_t minute = 0; minute < 10; ++minute) add(store, minute * 60, {1});

  CHECK(sums(store, 420, 2, seconds(300)) == Values{2, 5});
  CHECK(sums(store, 480, 2, seconds(300)) == Values{3, 5});
  CHECK(sums(store, 130, 2, seconds(10)) == Values{{}, 1});
}

TEST_CASE("a datapoint knows its start and its samples", "[alarm][store]") {
  MetricStore store;
  add(store, 5, {1, 2});

  const auto range = store.aggregate(kCalls, {.kind = Statistic::Kind::kAverage}, seconds(60), 2,
                                     kStart + seconds(60));

  CHECK(range[0].start == kStart - seconds(60));
  CHECK(range[0].samples == 0);
  CHECK(range[1].start == kStart);
  CHECK(range[1].samples == 2);
  CHECK(range[1].value == 1.5);
}

TEST_CASE("lines may come in any order", "[alarm][store]") {
  MetricStore store;
  add(store, 130, {1});
  add(store, 10, {2});
  add(store, 70, {4});
  add(store, 15, {8});

  CHECK(sums(store, 180) == Values{10, 4, 1});
}

TEST_CASE("metrics with other dimensions are other metrics", "[alarm][store]") {
  MetricStore store;
  add(store, 0, {1});
  add(store, 0, {2},
      metric_id("MCP/ToolServer", "tool_call_count", {{"Environment", "production"}}));

  CHECK(sums(store, 60, 1) == Values{1});
  CHECK(store.series() == 2);
}

TEST_CASE("what was forgotten is gone, and counted when it comes late", "[alarm][store]") {
  MetricStore store;
  add(store, 0, {1});
  add(store, 60, {2, 3});
  store.forget(kStart + seconds(60));
  add(store, 50, {4});

  CHECK(sums(store, 120, 2) == Values{{}, 5});
  CHECK(store.values() == 2);
  CHECK(store.dropped().late == 1);
  store.forget(kStart + seconds(600));
  CHECK(store.series() == 0);
  CHECK(store.values() == 0);
}

TEST_CASE("beyond its limits the store drops and counts", "[alarm][store]") {
  MetricStore store({.series_max = 1, .values_max = 3});
  add(store, 0, {1, 2});
  add(store, 0, {1}, {.metric_namespace = "N", .name = "other"});
  add(store, 0, {4, 8});
  add(store, 0, {16});

  CHECK(sums(store, 60, 1) == Values{19});
  CHECK(store.dropped().series == 1);
  CHECK(store.dropped().values == 2);
}

}  // namespace
}  // namespace sonde::alarm
