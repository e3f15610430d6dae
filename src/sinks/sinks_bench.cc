#include <benchmark/benchmark.h>

#include <string>
#include <vector>

#include "sinks/call_sink.h"
#include "sinks/emf.h"
#include "sinks/line_file.h"
#include "sinks/log_line.h"
#include "sinks/sample_records.h"
#include "sinks/temp_dir.h"

namespace sonde::sinks {
namespace {

EmfConfig config(EmfConfig::Mode mode) {
  EmfConfig config;
  config.mode = mode;
  config.inline_rate_max = 1e12;
  return config;
}

void log_line(benchmark::State& state) {
  const CallRecord call = sample_call();
  std::string out;
  for (auto _ : state) {
    out.clear();
    append_call_line(out, call);
    benchmark::DoNotOptimize(out.data());
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(out.size()));
}
BENCHMARK(log_line);

void inline_metric_line(benchmark::State& state) {
  Stats stats;
  Emf emf = std::move(*Emf::make(config(EmfConfig::Mode::kInline), stats));
  const CallRecord call = sample_call();
  const Moment now = ManualClock().now();
  std::string out;
  for (auto _ : state) {
    out.clear();
    const auto series = emf.note(call, now);
    begin_call_line(out, call, {});
    emf.append_metrics(out, call, *series, "");
    out.push_back('}');
    benchmark::DoNotOptimize(out.data());
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(out.size()));
}
BENCHMARK(inline_metric_line);

/// What a call costs that is gathered, with its share of the lines that come of it.
void gathered_call(benchmark::State& state) {
  Stats stats;
  Emf emf = std::move(*Emf::make(config(EmfConfig::Mode::kAggregate), stats));
  std::vector<CallRecord> calls;
  for (int i = 0; i < 20; ++i) calls.push_back(sample_call("tool" + std::to_string(i)));
  const Moment now = ManualClock().now();
  std::string out;
  std::size_t call = 0;
  for (auto _ : state) {
    if (emf.full()) {
      out.clear();
      emf.append_gathered(out, "");
      emf.clear_gathered();
    }
    benchmark::DoNotOptimize(emf.note(calls[call++ % calls.size()], now));
  }
}
BENCHMARK(gathered_call);

/// A batch of lines through everything to a file.
void call_to_file(benchmark::State& state) {
  const TempDir dir;
  Stats stats;
  LineFile::Options options;
  options.path = dir / "log.jsonl";
  std::vector<CallRoute> routes;
  routes.push_back(
      {.output = std::make_unique<LineFile>(options, stats), .shows = {}, .envelope = ""});
  auto sinks = make_call_sinks(std::move(routes), config(EmfConfig::Mode::kInline), stats);
  const std::vector<Entry> batch(static_cast<std::size_t>(state.range(0)), sample_call());
  const Moment now = ManualClock().now();
  for (auto _ : state) benchmark::DoNotOptimize((*sinks)[0]->write(batch, now));
  state.SetItemsProcessed(state.iterations() * state.range(0));
}
BENCHMARK(call_to_file)->Arg(1)->Arg(64);

}  // namespace
}  // namespace sonde::sinks
