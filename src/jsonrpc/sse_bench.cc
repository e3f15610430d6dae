#include <benchmark/benchmark.h>

#include <string>
#include <string_view>

#include "jsonrpc/sse_scanner.h"

namespace sonde::jsonrpc {
namespace {

constexpr std::size_t kMebibyte = 1024 * 1024;

std::string event(std::string_view data) {
  return "event: message\nid: 4f0e_17\ndata: " + std::string(data) + "\n\n";
}

/// A result of `bytes` of prose in one line of data.
std::string large_result(std::size_t bytes) {
  std::string text;
  while (text.size() < bytes) {
    text += R"(The quick brown fox jumps over the lazy dog, and \"why not\" asks nobody at all.\n)";
  }
  return event(R"({"result":{"content":[{"type":"text","text":")" + text +
               R"("}]},"jsonrpc":"2.0","id":17})");
}

std::string large() { return large_result(kMebibyte); }

/// Progress of a call, with a comment to keep the stream alive now and then.
std::string small() {
  std::string stream;
  for (int i = 0; stream.size() < kMebibyte; ++i) {
    stream += event(R"({"method":"notifications/progress","params":{"progressToken":17,)"
                    R"("progress":)" +
                    std::to_string(i) + R"(,"message":"still at it"},"jsonrpc":"2.0"})");
    if (i % 16 == 0) stream += ": keepalive\n\n";
  }
  return stream;
}

/// A pretty-printed result, a line of data for each of its lines.
std::string pretty() {
  std::string stream = "data: {\"jsonrpc\": \"2.0\", \"id\": 17, \"result\": {\ndata:   \"a\": [\n";
  while (stream.size() < kMebibyte) {
    stream += "data:     {\"name\": \"an item among many\", \"price\": 12.95},\n";
  }
  return stream + "data:     null\ndata: ]}}\n\n";
}

using Build = std::string (*)();

/// As chunks of the size that is asked for; 0 is the whole.
template <class Each>
void for_each_chunk(benchmark::State& state, std::string_view stream, Each&& each) {
  const auto asked = static_cast<std::size_t>(state.range(0));
  const std::size_t chunk_bytes = asked == 0 ? stream.size() : asked;
  for (auto _ : state) {
    for (std::size_t at = 0; at < stream.size(); at += chunk_bytes) {
      each(stream.substr(at, chunk_bytes));
    }
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(stream.size()));
}

/// The number of events per second is that of `stream`, for it has no other blank lines.
void count_events(benchmark::State& state, std::uint64_t events) {
  state.counters["events"] =
      benchmark::Counter(static_cast<double>(events), benchmark::Counter::kIsRate);
}

void read_events(benchmark::State& state, Build build) {
  const std::string stream = build();
  SseReader reader;
  std::uint64_t events = 0;
  for_each_chunk(state, stream, [&](std::string_view chunk) {
    reader.feed(chunk);
    for (auto step = reader.next(); step != SseReader::Step::kStarved; step = reader.next()) {
      std::string_view data = reader.data();
      benchmark::DoNotOptimize(data);
      if (step == SseReader::Step::kEnd) ++events;
    }
  });
  count_events(state, events);
}

void scan_events(benchmark::State& state, Build build) {
  const std::string stream = build();
  SseScanner scanner;
  std::uint64_t events = 0;
  for_each_chunk(state, stream, [&](std::string_view chunk) {
    scanner.feed(chunk);
    while (scanner.next() != SseScanner::Step::kNothing) {
      SseEvent about = scanner.event();
      benchmark::DoNotOptimize(about);
      ++events;
    }
  });
  count_events(state, events);
}

#define SONDE_SSE(build)                       \
  BENCHMARK_CAPTURE(read_events, build, build) \
      ->Arg(0)                                 \
      ->Arg(65536)                             \
      ->Arg(4096)                              \
      ->Arg(512)                               \
      ->Arg(1)                                 \
      ->ArgName("chunk");                      \
  BENCHMARK_CAPTURE(scan_events, build, build) \
      ->Arg(0)                                 \
      ->Arg(65536)                             \
      ->Arg(4096)                              \
      ->Arg(512)                               \
      ->Arg(1)                                 \
      ->ArgName("chunk")

SONDE_SSE(large);
SONDE_SSE(small);
SONDE_SSE(pretty);

}  // namespace
}  // namespace sonde::jsonrpc
