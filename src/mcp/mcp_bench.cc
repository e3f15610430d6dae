#include <string>

#include <benchmark/benchmark.h>

#include "base/clock.h"
#include "jsonrpc/scanner.h"
#include "mcp/call_tracker.h"

namespace sonde::mcp {
namespace {

struct Discard final : CallListener {
  void on_call(ObservedCall&& call) override { benchmark::DoNotOptimize(call); }
  void on_event(Event&& event) override { benchmark::DoNotOptimize(event); }
};

/// A request as Claude Code writes it, and a server's answer with `result_bytes` of text.
std::string request_line(bool modern) {
  std::string meta =
      R"("_meta":{"claudecode/toolUseId":"toolu_01A2B3C4D5E6F7G8H9","progressToken":17)";
  if (modern) {
    meta +=
        R"(,"io.modelcontextprotocol/protocolVersion":"2026-07-28",)"
        R"("io.modelcontextprotocol/clientInfo":{"name":"claude-code","version":"2.0.1"},)"
        R"("io.modelcontextprotocol/clientCapabilities":{"elicitation":{"form":{}},"roots":{}})";
  }
  return R"({"method":"tools/call","params":{"name":"read_text_file","arguments":{"path":)"
         R"("/home/user/project/src/main.cc","head":100},)" +
         meta +
         R"(}},"jsonrpc":"2.0","id":17})"
         "\n";
}

std::string response_line(std::size_t result_bytes) {
  return R"({"result":{"content":[{"type":"text","text":")" + std::string(result_bytes, 'x') +
         R"("}]},"jsonrpc":"2.0","id":17})"
         "\n";
}

/// Requests and responses through scanner and tracker, or through the tracker alone with the
/// messages of one scan.
class Bench {
 public:
  Bench(bool modern, std::size_t result_bytes)
      : request_(request_line(modern)), response_(response_line(result_bytes)) {}

  void scan_and_track() {
    track(Direction::kToServer, to_server_, request_);
    track(Direction::kToClient, to_client_, response_);
  }

  void scan_only() {
    benchmark::DoNotOptimize(scan(to_server_, request_));
    benchmark::DoNotOptimize(scan(to_client_, response_));
  }

  void prepare() {
    asked_ = *scan(to_server_, request_);
    answered_ = *scan(to_client_, response_);
  }
  void track_only() {
    benchmark::DoNotOptimize(tracker_.observe(Direction::kToServer, asked_, {.read_at = now_}));
    tracker_.observe(Direction::kToClient, answered_, {.read_at = now_});
  }

 private:
  static const jsonrpc::Message* scan(jsonrpc::Scanner& scanner, std::string_view line) {
    scanner.feed(line);
    const jsonrpc::Message* const message = scanner.next();
    return message;
  }
  void track(Direction direction, jsonrpc::Scanner& scanner, std::string_view line) {
    scanner.feed(line);
    while (const jsonrpc::Message* const message = scanner.next()) {
      benchmark::DoNotOptimize(tracker_.observe(direction, *message, {.read_at = now_}));
    }
  }

  std::string request_;
  std::string response_;
  const Moment now_ = SystemClock().now();
  jsonrpc::Scanner to_server_;
  jsonrpc::Scanner to_client_;
  jsonrpc::Message asked_;
  jsonrpc::Message answered_;
  Random random_;
  Stats stats_;
  Discard discard_;
  CallTracker tracker_{{}, {}, random_, stats_, discard_};
};

void track(benchmark::State& state) {
  Bench bench(state.range(0) != 0, static_cast<std::size_t>(state.range(1)));
  bench.prepare();
  for (auto _ : state) bench.track_only();
}
BENCHMARK(track)->Args({0, 200})->Args({1, 200})->Args({0, 16384})->Args({0, 65000});

void scan_and_track(benchmark::State& state) {
  Bench bench(state.range(0) != 0, static_cast<std::size_t>(state.range(1)));
  for (auto _ : state) bench.scan_and_track();
}
BENCHMARK(scan_and_track)->Args({0, 200})->Args({1, 200})->Args({0, 16384});

/// With many calls open, as a flood of requests leaves the table.
void track_among_open_calls(benchmark::State& state) {
  Random random;
  Stats stats;
  Discard discard;
  CallTracker tracker({}, {}, random, stats, discard);
  const Moment now = SystemClock().now();
  jsonrpc::Scanner scanner;
  std::uint64_t id = 0;
  std::string line;
  const auto request = [&] {
    line = R"({"jsonrpc":"2.0","method":"tools/call","params":{"name":"a"},"id":)" +
           std::to_string(id++) + "}\n";
    scanner.feed(line);
    while (const auto* message = scanner.next()) {
      benchmark::DoNotOptimize(tracker.observe(Direction::kToServer, *message, {.read_at = now}));
    }
  };
  while (id < 5000) request();
  for (auto _ : state) request();
}
BENCHMARK(track_among_open_calls);

}  // namespace
}  // namespace sonde::mcp
