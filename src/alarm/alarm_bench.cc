#include <string>

#include <benchmark/benchmark.h>

#include "alarm/emf_points.h"
#include "alarm/engine.h"
#include "base/check.h"

namespace sonde::alarm {
namespace {

using std::chrono::seconds;

constexpr int kRules = 10'000;
constexpr int kTools = 1'000;
constexpr seconds kNow{1'795'176'000};

MetricStat metric(int tool, std::string name, std::string stat) {
  return {
      .metric_namespace = "MCP/ToolServer",
      .metric_name = std::move(name),
      .dimensions = {{"Environment", "production"}, {"ToolName", "tool-" + std::to_string(tool)}},
      .period = seconds(300),
      .stat = std::move(stat)};
}

MetricAlarm error_rate(int rule) {
  return {
      .name = "rate-" + std::to_string(rule),
      .metrics =
          {{.id = "calls", .source = metric(rule % kTools, "calls", "Sum"), .return_data = false},
           {.id = "errors", .source = metric(rule % kTools, "errors", "Sum"), .return_data = false},
           {.id = "rate", .source = "IF(calls>=20,100*errors/calls,0)"}},
      .threshold = 5,
      .missing_data = MissingData::kNotBreaching};
}

MetricAlarm latency(int rule) {
  return {.name = "p99-" + std::to_string(rule),
          .metrics = {{.source = metric(rule % kTools, "ToolDuration", "p99")}},
          .threshold = 2000,
          .evaluation_periods = 2,
          .missing_data = MissingData::kNotBreaching};
}

/// A quarter of an hour in which each tool is called once in ten seconds.
MetricStore filled() {
  MetricStore store;
  for (int tool = 0; tool < kTools; ++tool) {
    for (const std::string name : {"calls", "errors", "ToolDuration"}) {
      const MetricStat stat = metric(tool, name, "Sum");
      const MetricId id = metric_id(stat.metric_namespace, stat.metric_name, stat.dimensions);
      for (seconds at = kNow - seconds(1500); at < kNow; at += seconds(10)) {
        store.add(id, at, std::vector{name == "calls" ? 1.0 : 0.0});
      }
    }
  }
  return store;
}

/// One minute's evaluation of ten thousand rules of which none changes its state.
void evaluate_rules(benchmark::State& state, MetricAlarm (*make)(int)) {
  const MetricStore store = filled();
  AlarmSet alarms;
  for (int rule = 0; rule < kRules; ++rule) alarms.metric.push_back(make(rule));
  auto engine = Engine::make(std::move(alarms), {});
  SONDE_CHECK(engine.has_value());
  benchmark::DoNotOptimize(engine->evaluate(store, kNow));
  for (auto _ : state) benchmark::DoNotOptimize(engine->evaluate(store, kNow));
  state.SetItemsProcessed(state.iterations() * kRules);
}
BENCHMARK_CAPTURE(evaluate_rules, error_rate, error_rate)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(evaluate_rules, p99, latency)->Unit(benchmark::kMillisecond);

constexpr std::string_view kLine =
    R"({"timestamp":"2026-11-20T12:00:00.000Z","level":"info","event":"tool.success","_aws":{)"
    R"("Timestamp":1795176000000,"CloudWatchMetrics":[{"Namespace":"MCP/ToolServer","Dimensions":[)"
    R"(["ServerName","ToolName","Environment"],["ToolName","Environment"],["Environment"]],"Metrics":[)"
    R"({"Name":"ToolDuration","Unit":"Milliseconds"},{"Name":"tool_call_count","Unit":"Count"},)"
    R"({"Name":"tool_error_count","Unit":"Count"},{"Name":"ToolDenied","Unit":"Count"}]}]},)"
    R"("ServerName":"files","ToolName":"find","Environment":"production","ToolDuration":12.5,)"
    R"("tool_call_count":1,"tool_error_count":0,"ToolDenied":0})";

void store_line(benchmark::State& state) {
  MetricStore store;
  for (auto _ : state) {
    read_emf(kLine,
             [&](const EmfPoints& points) { store.add(points.metric, points.at, points.values); });
    if (store.values() > 1'000'000) store = MetricStore();
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(kLine.size()));
}
BENCHMARK(store_line);

}  // namespace
}  // namespace sonde::alarm
