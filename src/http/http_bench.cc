#include <string>

#include <benchmark/benchmark.h>

#include "http/body_reader.h"
#include "http/head_reader.h"
#include "http/head_writer.h"

namespace sonde::http {
namespace {

/// A call as an MCP client's fetch() sends it.
constexpr std::string_view kRequest =
    "POST /mcp HTTP/1.1\r\nHost: 127.0.0.1:8931\r\nConnection: keep-alive\r\n"
    "accept: application/json, text/event-stream\r\ncontent-type: application/json\r\n"
    "authorization: Bearer "
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N\r\n"
    "mcp-protocol-version: 2025-11-25\r\nmcp-session-id: 1868a90c-1f3b-4f0e-9b1d-3c2a7f0e5d41\r\n"
    "accept-language: *\r\nsec-fetch-mode: cors\r\nuser-agent: node\r\n"
    "accept-encoding: gzip, deflate\r\ncontent-length: 426\r\n\r\n";

void read_head(benchmark::State& state) {
  HeadReader reader(Side::kRequest);
  for (auto _ : state) {
    reader.reset();
    benchmark::DoNotOptimize(reader.feed(kRequest));
    benchmark::DoNotOptimize(reader.head().content_length);
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(kRequest.size()));
}
BENCHMARK(read_head);

void write_head(benchmark::State& state) {
  HeadReader reader(Side::kRequest);
  reader.feed(kRequest);
  std::string out;
  for (auto _ : state) {
    out.clear();
    benchmark::DoNotOptimize(append_head(out, reader.head(), {.drop_expect = true}));
    benchmark::DoNotOptimize(out.data());
  }
  state.SetBytesProcessed(state.iterations() * static_cast<std::int64_t>(kRequest.size()));
}
BENCHMARK(write_head);

/// Chunks of as many bytes, as a server writes its events.
void read_chunks(benchmark::State& state) {
  const auto bytes = static_cast<std::size_t>(state.range(0));
  std::string body;
  for (std::size_t i = 0; i < 64; ++i) {
    constexpr std::string_view kDigits = "0123456789abcdef";
    std::string size;
    for (std::size_t n = bytes; n != 0; n /= 16) size.insert(size.begin(), kDigits[n % 16]);
    body.append(size).append("\r\n").append(bytes, 'x').append("\r\n");
  }
  body += "0\r\n\r\n";
  Head head;
  head.framing = Framing::kChunked;
  BodyReader reader;
  for (auto _ : state) {
    reader.begin(head);
    std::string_view rest = body;
    while (reader.state() == State::kReading) rest.remove_prefix(reader.next(rest).consumed);
    benchmark::DoNotOptimize(rest);
  }
  state.SetItemsProcessed(state.iterations() * 64);
}
BENCHMARK(read_chunks)->Arg(64)->Arg(1024);

}  // namespace
}  // namespace sonde::http
