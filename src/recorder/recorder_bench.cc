// What a call costs the thread that forwards (record_call, hash_budget), what it costs the
// process in all (to_nowhere, to_a_file), and what the recorder's thread does to a round trip
// on the same CPU (round_trip).
#include <sched.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <ctime>
#include <memory>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>

#include "base/fd.h"
#include "recorder/recorder.h"
#include "recorder/temp_dir.h"
#include "sinks/call_sink.h"
#include "sinks/line_file.h"

namespace sonde::recorder {
namespace {

using namespace std::chrono_literals;

class NullSink final : public sinks::Sink {
 public:
  Status write(std::span<const sinks::Entry>, Moment) override { return {}; }
  Status close(Moment) override { return {}; }
};

const SystemClock kClock;

Outlets outlets_without_sink(Stats& stats) {
  Outlets made;
  made.settings.hash_rate_bytes_max = PrivacyConfig{}.hash_rate_bytes_max;
  TapIdentity tap;
  tap.server_name = "search";
  tap.environment = "production";
  made.tap = std::make_shared<const TapIdentity>(std::move(tap));
  made.scrubber = std::move(*privacy::Scrubber::make({}, {}, privacy::HashKey::ephemeral(), stats));
  return made;
}

Outlets outlets(Stats& stats) {
  Outlets made = outlets_without_sink(stats);
  made.sinks.push_back(std::make_unique<NullSink>());
  return made;
}

/// What a wrap has by default: a log file with metrics.
Outlets outlets_to_file(const std::string& path, Stats& stats) {
  Outlets made = outlets_without_sink(stats);
  sinks::LineFile::Options options;
  options.path = path;
  sinks::CallRoute route;
  route.output = std::make_unique<sinks::LineFile>(std::move(options), stats);
  std::vector<sinks::CallRoute> routes;
  routes.push_back(std::move(route));
  made.sinks = std::move(*sinks::make_call_sinks(std::move(routes), EmfConfig{}, stats));
  return made;
}

/// A finished call as a tap sees it: 160 bytes of arguments, 900 of result.
ObservedCall sample_call() {
  ObservedCall call;
  CallRecord& record = call.record;
  record.request_id = "0195f2c0-7a1b-7c3d-8e4f-0123456789ab";
  record.wire_id = {.type = WireId::Type::kNumber, .text = "4711"};
  record.correlation_id = "0af7651916cd43dd8448eb211c80319c";
  record.session_id = "5f1c2d3e-4b5a-6978-8899-aabbccddeeff";
  record.mcp_session_id = record.session_id;
  record.method = "tools/call";
  record.tool_name = "find_documents";
  record.protocol_version = "2025-11-25";
  record.duration = 3ms;
  call.arguments.bytes =
      R"({"query":"quarterly report of the northern region","limit":20,"filters":{"year":2026,)"
      R"("kind":["pdf","docx"],"owner":"finance"},"page":"eyJvZmZzZXQiOjQwfQ=="})";
  call.arguments.size = call.arguments.bytes.size();
  call.result.bytes = R"({"content":[{"type":"text","text":")" + std::string(860, 'x') + "\"}]}";
  call.result.size = call.result.bytes.size();
  return call;
}

void wait_for_setup(const Recorder& recorder) {
  while (recorder.settings() == nullptr) ::usleep(100);
}

void make_call(benchmark::State& state) {
  const ObservedCall sample = sample_call();
  for (auto _ : state) {
    ObservedCall call = sample;
    benchmark::DoNotOptimize(call);
  }
}
BENCHMARK(make_call);

/// Time on the forwarding thread only, the making of the call left out.  The thread behind
/// keeps up, as it does below some 100,000 calls a second.
void record_call(benchmark::State& state) {
  constexpr int kBatch = 256;
  Recorder recorder(outlets, kClock, {});
  if (!recorder.start()) return;
  wait_for_setup(recorder);
  const ObservedCall sample = sample_call();
  std::vector<ObservedCall> calls;
  while (state.KeepRunningBatch(kBatch)) {
    state.PauseTiming();
    calls.assign(kBatch, sample);
    ::usleep(5000);
    state.ResumeTiming();
    for (ObservedCall& call : calls) recorder.record(std::move(call));
  }
  state.counters["dropped"] = static_cast<double>(recorder.stats().read(Stat::kRecordsDropped));
  recorder.stop(kClock.now().monotonic + 10s);
}
BENCHMARK(record_call)->MinTime(0.2);

void hash_budget(benchmark::State& state) {
  Recorder recorder(outlets, kClock, {});
  if (!recorder.start()) return;
  wait_for_setup(recorder);
  for (auto _ : state) benchmark::DoNotOptimize(recorder.hash_budget(100));
  recorder.stop(kClock.now().monotonic + 10s);
}
BENCHMARK(hash_budget);

std::chrono::nanoseconds cpu_of_process() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return std::chrono::seconds(time.tv_sec) + std::chrono::nanoseconds(time.tv_nsec);
}

/// `cpu_ns` is the CPU time of both threads per call, without making it (see make_call).
void cpu_to_the_end(benchmark::State& state, Recorder::Setup setup) {
  constexpr int kCalls = 500;
  Recorder recorder(std::move(setup), kClock, {});
  if (!recorder.start()) return;
  wait_for_setup(recorder);
  const ObservedCall sample = sample_call();
  std::vector<ObservedCall> calls;
  std::chrono::nanoseconds cpu{};
  while (state.KeepRunningBatch(kCalls)) {
    calls.assign(kCalls, sample);
    cpu -= cpu_of_process();
    for (ObservedCall& call : calls) recorder.record(std::move(call));
    ::usleep(80'000);  // The gather and the drain.
    cpu += cpu_of_process();
  }
  recorder.stop(kClock.now().monotonic + 10s);
  state.counters["cpu_ns"] =
      static_cast<double>(cpu.count()) / static_cast<double>(state.iterations());
  state.counters["dropped"] = static_cast<double>(recorder.stats().read(Stat::kRecordsDropped));
}

void to_nowhere(benchmark::State& state) { cpu_to_the_end(state, outlets); }
BENCHMARK(to_nowhere)->Iterations(10'000);

void to_a_file(benchmark::State& state) {
  const TempDir temp;
  cpu_to_the_end(state, [&](Stats& stats) { return outlets_to_file(temp / "log.jsonl", stats); });
}
BENCHMARK(to_a_file)->Iterations(10'000);

/// A child that sends back every byte that it gets.
class EchoChild {
 public:
  EchoChild() {
    std::array<int, 2> to{};
    std::array<int, 2> from{};
    if (::pipe(to.data()) != 0 || ::pipe(from.data()) != 0) std::abort();
    pid_ = ::fork();
    if (pid_ == 0) {
      ::close(to[1]);
      char byte = 0;
      while (::read(to[0], &byte, 1) == 1 && ::write(from[1], &byte, 1) == 1) {
      }
      ::_exit(0);
    }
    ::close(to[0]);
    ::close(from[1]);
    out_ = Fd(to[1]);
    in_ = Fd(from[0]);
  }
  ~EchoChild() {
    ::close(out_.release());
    ::waitpid(pid_, nullptr, 0);
  }
  EchoChild(const EchoChild&) = delete;
  EchoChild& operator=(const EchoChild&) = delete;

  void round_trip() {
    char byte = 'x';
    if (::write(out_.get(), &byte, 1) != 1 || ::read(in_.get(), &byte, 1) != 1) std::abort();
  }

 private:
  Fd out_;
  Fd in_;
  pid_t pid_ = 0;
};

/// Round trips through two pipes on one CPU; range(0) says whether each is recorded.
void round_trip(benchmark::State& state) {
  cpu_set_t before;
  cpu_set_t one;
  sched_getaffinity(0, sizeof before, &before);
  CPU_ZERO(&one);
  CPU_SET(0, &one);
  sched_setaffinity(0, sizeof one, &one);
  EchoChild child;
  const ObservedCall sample = sample_call();
  const TempDir temp;
  Recorder recorder([&](Stats& stats) { return outlets_to_file(temp / "log.jsonl", stats); },
                    kClock, {});
  const bool recorded = state.range(0) == 1;
  if (recorded && recorder.start()) wait_for_setup(recorder);

  std::vector<std::chrono::nanoseconds> took;
  took.reserve(1'000'000);
  const std::chrono::nanoseconds cpu_before = cpu_of_process();
  for (auto _ : state) {
    ObservedCall call = sample;
    const std::chrono::nanoseconds start = kClock.now().monotonic;
    child.round_trip();
    if (recorded) recorder.record(std::move(call));
    took.push_back(kClock.now().monotonic - start);
  }
  const double cpu = static_cast<double>((cpu_of_process() - cpu_before).count());
  std::ranges::sort(took);
  const auto at = [&took](double share) {
    const auto rank = static_cast<std::size_t>(share * static_cast<double>(took.size() - 1));
    return static_cast<double>(took[rank].count());
  };
  state.counters["p50_ns"] = at(0.5);
  state.counters["p99_ns"] = at(0.99);
  state.counters["p999_ns"] = at(0.999);
  state.counters["cpu_ns"] = cpu / static_cast<double>(took.size());
  recorder.stop(kClock.now().monotonic + 10s);
  state.counters["dropped"] = static_cast<double>(recorder.stats().read(Stat::kRecordsDropped));
  sched_setaffinity(0, sizeof before, &before);
}
BENCHMARK(round_trip)->Arg(0)->Arg(1)->Iterations(300'000)->Repetitions(3);

}  // namespace
}  // namespace sonde::recorder
