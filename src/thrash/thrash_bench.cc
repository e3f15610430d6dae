// What a call costs the recorder's thread, in time and memory; and how well it is judged.
#include <malloc.h>
#include <time.h>

#include <algorithm>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "thrash/labelled_sessions_for_test.h"
#include "thrash/recorded_sessions_for_test.h"

namespace sonde::thrash {
namespace {

/// Calls of `sessions` agents in turn; of each, every `repeated`-th is one it has made before.
std::vector<CallRecord> stream_of(int sessions, int calls_each, int repeated) {
  std::vector<CallRecord> calls;
  for (int session = 0; session < sessions; ++session) {
    Agent agent("b7b2e9c4-6c1e-4b0e-8a52-" + std::to_string(100'000'000'000 + session),
                static_cast<std::uint64_t>(session), std::chrono::seconds(1'795'176'000));
    for (int i = 0; i < calls_each; ++i) {
      const int file = i % repeated == 0 ? 0 : i;
      agent.ok("read_text_file", work::path(file), "text " + std::to_string(i));
      agent.pause(2);
    }
    for (CallRecord& call : agent.take()) calls.push_back(std::move(call));
  }
  std::ranges::sort(
      calls, {}, [](const CallRecord& call) { return std::pair(call.ended_at, call.session_id); });
  return calls;
}

std::chrono::nanoseconds cpu_time() {
  timespec time{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

/// Arguments: sessions, and how many calls each makes.  An iteration is a call; the record comes
/// from the cache, as it does from the scrubber that has just made it.
void take(benchmark::State& state) {
  constexpr std::size_t kBatch = 64;
  const auto calls =
      stream_of(static_cast<int>(state.range(0)), static_cast<int>(state.range(1)), 4);
  Stats stats;
  std::vector<Event> events;
  Detector detector(ThrashConfig{}, Context{}, Limits{}, stats);
  std::vector<CallRecord> hot(kBatch);
  std::size_t next = 0;
  while (state.KeepRunningBatch(kBatch)) {
    for (CallRecord& call : hot) call = calls[next++ % calls.size()];
    const auto began = cpu_time();
    for (const CallRecord& call : hot) {
      detector.take(call, {.wall = call.ended_at, .monotonic = call.ended_at}, events);
    }
    const std::chrono::duration<double> took = cpu_time() - began;
    state.SetIterationTime(took.count());
    events.clear();
  }
}
BENCHMARK(take)
    ->Args({1, 100})
    ->Args({1, 1000})
    ->Args({100, 100})
    ->Args({4000, 20})
    ->UseManualTime();

/// By the allocator's own books, everything included.
std::size_t allocated() { return mallinfo2().uordblks + mallinfo2().hblkhd; }

void memory(benchmark::State& state) {
  const auto calls = stream_of(static_cast<int>(state.range(0)), static_cast<int>(state.range(1)),
                               static_cast<int>(state.range(1)));
  double bytes = 0;
  for (auto _ : state) {
    Stats stats;
    std::vector<Event> events;
    const std::size_t before = allocated();
    Detector detector(ThrashConfig{}, Context{}, Limits{}, stats);
    for (const CallRecord& call : calls) {
      detector.take(call, {.wall = call.ended_at, .monotonic = call.ended_at}, events);
    }
    events = {};
    bytes = static_cast<double>(allocated() - before) / static_cast<double>(calls.size());
  }
  state.counters["bytes_per_call"] = bytes;
}
BENCHMARK(memory)->Args({1, 128})->Args({1000, 20})->Args({1000, 100})->Iterations(1);

void report(benchmark::State& state, const Quality& quality) {
  state.counters["sessions"] = static_cast<double>(quality.sessions);
  state.counters["precision"] = quality.precision();
  state.counters["recall"] = quality.recall();
  state.counters["polls"] = quality.polls;
  state.counters["polls_told"] = quality.polls_told;
}

void labelled(benchmark::State& state) {
  std::vector<Sample> samples = labelled_sessions(static_cast<std::uint64_t>(state.range(0)));
  if (state.range(0) == 1) {  // And those that were recorded.
    for (Sample& sample : recorded_sessions(SONDE_THRASH_DATA))
      samples.push_back(std::move(sample));
  }
  Quality quality;
  for (auto _ : state) quality = measure(samples);
  report(state, quality);
}
BENCHMARK(labelled)->DenseRange(1, 10)->Iterations(1);

}  // namespace
}  // namespace sonde::thrash
