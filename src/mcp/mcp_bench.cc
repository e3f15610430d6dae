#include <memory>
#include <string>
#include <utility>

#include <benchmark/benchmark.h>

#include "base/clock.h"
#include "jsonrpc/scanner.h"
#include "mcp/call_tracker.h"
#include "mcp/http_sessions.h"

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

/// What telling of a message costs the thread that forwards it.
void keep_message(benchmark::State& state) {
  const std::string line = request_line(true);
  jsonrpc::Scanner scanner;
  scanner.feed(line);
  const jsonrpc::Message* const message = scanner.next();
  for (auto _ : state) {
    jsonrpc::KeptMessage kept(*message);
    benchmark::DoNotOptimize(kept);
  }
}
BENCHMARK(keep_message);

/// One POST and its JSON answer, told in one report: range(0) says whether in an MCP session,
/// range(1) how many of these there are.
class HttpBench {
 public:
  HttpBench(bool in_session, std::uint64_t sessions) : in_session_(in_session), count_(sessions) {
    request_ = scan(asking_, asked_);
    response_ = scan(answering_, answered_);
    if (in_session_) {
      for (std::uint64_t i = 0; i < count_; ++i) exchange();
    }
  }

  void exchange() {
    Report report{.exchange = ++exchange_, .upstream = 0, .news = {}};
    report.news.reserve(5);
    ExchangeBegan began;
    began.at = now_;
    began.method = HttpMethod::kPost;
    began.path = "/mcp";
    began.subject = "ann";
    if (in_session_) began.session_id = "1868a90c-5b1e-" + std::to_string(exchange_ % count_);
    report.news.emplace_back(std::move(began));
    report.news.emplace_back(message(Direction::kToServer, request_, true));
    report.news.emplace_back(ExchangeResponded{
        .at = now_, .status = 200, .body = ExchangeResponded::Body::kJson, .session_id = {}});
    report.news.emplace_back(message(Direction::kToClient, response_, false));
    report.news.emplace_back(ExchangeEnded{.at = now_, .how = ExchangeEnded::How::kComplete});
    sessions_.take(std::move(report));
  }

 private:
  static const jsonrpc::Message* scan(jsonrpc::Scanner& scanner, std::string_view line) {
    scanner.feed(line);
    return scanner.next();
  }
  ExchangeMessage message(Direction direction, const jsonrpc::Message* text, bool stamped) const {
    ExchangeMessage made;
    made.direction = direction;
    made.message = jsonrpc::KeptMessage(*text);
    made.sighting.read_at = now_;
    if (!stamped) return made;
    auto stamp = std::make_unique<Stamp>();
    stamp->request_id = "0195f2c0-7a1b-7c3d-8e4f-0123456789ab";
    stamp->correlation_id = "0af7651916cd43dd8448eb211c80319c";
    made.stamp = std::move(stamp);
    return made;
  }

  const bool in_session_;
  const std::uint64_t count_;
  std::uint64_t exchange_ = 0;
  const std::string asked_ = request_line(false);
  const std::string answered_ = response_line(200);
  jsonrpc::Scanner asking_;
  jsonrpc::Scanner answering_;
  const jsonrpc::Message* request_ = nullptr;
  const jsonrpc::Message* response_ = nullptr;
  const Moment now_ = SystemClock().now();
  Random random_;
  Stats stats_;
  Discard discard_;
  HttpSessions sessions_{{}, {{}}, privacy::HashKey::ephemeral(), random_, stats_, discard_};
};

void http_exchange(benchmark::State& state) {
  HttpBench bench(state.range(0) != 0, static_cast<std::uint64_t>(state.range(1)));
  for (auto _ : state) bench.exchange();
}
BENCHMARK(http_exchange)->Args({0, 1})->Args({1, 1})->Args({1, 5000});

}  // namespace
}  // namespace sonde::mcp
