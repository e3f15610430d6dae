#include "recorder/http_analyst.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "jsonrpc/scanner.h"
#include "recorder/recorder.h"
#include "sinks/log_line.h"

// From the threads of a proxy to the sinks.

namespace sonde::recorder {
namespace {

using namespace std::chrono_literals;
using mcp::ExchangeBegan;
using mcp::ExchangeEnded;
using mcp::ExchangeMessage;
using mcp::ExchangeResponded;

constexpr std::string_view kHandle = "1868a90c-5b1e-4f4c-9bd8-f6a4e3c7a001";
constexpr std::string_view kSubject = "ann.smith@example.test";

class LineSink final : public sinks::Sink {
 public:
  explicit LineSink(std::vector<std::string>& lines) : lines_(lines) {}
  Status write(std::span<const sinks::Entry> batch, Moment) override {
    for (const sinks::Entry& entry : batch) {
      std::string& line = lines_.emplace_back();
      if (const auto* call = std::get_if<CallRecord>(&entry)) {
        sinks::append_call_line(line, *call);
      } else {
        sinks::append_event_line(line, std::get<Event>(entry));
      }
    }
    return {};
  }
  Status close(Moment) override { return {}; }

 private:
  std::vector<std::string>& lines_;
};

ExchangeMessage message(Direction direction, std::string_view text, Moment at,
                        std::string request_id = {}) {
  const std::string line = std::string(text) + "\n";
  jsonrpc::Scanner scanner;
  scanner.feed(line);
  ExchangeMessage made;
  made.direction = direction;
  made.message = jsonrpc::KeptMessage(*scanner.next());
  made.sighting.read_at = at;
  if (!request_id.empty()) {
    auto stamp = std::make_unique<mcp::Stamp>();
    stamp->span.trace_id.bytes.fill(1);
    stamp->span.span_id.bytes.fill(2);
    stamp->request_id = std::move(request_id);
    stamp->correlation_id = "c";
    made.stamp = std::move(stamp);
  }
  return made;
}

struct Rig {
  Recorder::Setup setup() {
    return [this](Stats& stats) {
      Outlets made;
      TapIdentity tap;
      tap.server_name = "files";
      tap.transport = Transport::kHttp;
      made.tap = std::make_shared<const TapIdentity>(tap);
      made.settings.hash_rate_bytes_max = 1'000'000;
      const privacy::HashKey key = privacy::HashKey::ephemeral();
      made.scrubber = std::move(*privacy::Scrubber::make({}, {}, key, stats));
      made.analyst = std::make_unique<HttpAnalyst>(
          mcp::HttpSessionsOptions(),
          std::vector<mcp::HttpUpstream>{{.http = made.tap, .sse = made.tap}}, key, random, stats);
      made.sinks.push_back(std::make_unique<LineSink>(lines));
      return made;
    };
  }

  const SystemClock clock;
  Random random{7};
  std::vector<std::string> lines;
};

/// One whole exchange, told in two parcels: a call and its answer.  True if there was room.
bool exchange(Producer producer, std::uint64_t number, const Clock& clock) {
  mcp::Report begin{.exchange = number, .upstream = 0, .news = {}};
  ExchangeBegan began;
  began.at = clock.now();
  began.method = mcp::HttpMethod::kPost;
  began.session_id = kHandle;
  began.subject = kSubject;
  begin.news.emplace_back(std::move(began));
  const std::string id = std::to_string(number);
  begin.news.emplace_back(message(Direction::kToServer,
                                  R"({"id":)" + id +
                                      R"(,"method":"tools/call","params":{"name":"add",)"
                                      R"("arguments":{"a":1}}})",
                                  clock.now(), "request " + id));
  const bool begun = producer.record(std::make_unique<HttpParcel>(std::move(begin)));

  mcp::Report rest{.exchange = number, .upstream = 0, .news = {}};
  rest.news.emplace_back(ExchangeResponded{.at = clock.now(),
                                           .status = 200,
                                           .body = ExchangeResponded::Body::kJson,
                                           .session_id = std::string(kHandle)});
  rest.news.emplace_back(message(Direction::kToClient,
                                 R"({"id":)" + id + R"(,"result":{"content":[]}})", clock.now()));
  rest.news.emplace_back(ExchangeEnded{.at = clock.now(), .how = ExchangeEnded::How::kComplete});
  return producer.record(std::make_unique<HttpParcel>(std::move(rest))) && begun;
}

TEST_CASE("exchanges of several threads are a line each, and no handle is shown",
          "[recorder][http][threads]") {
  constexpr std::size_t kThreads = 3;
  constexpr std::uint64_t kEach = 200;
  Rig rig;
  Recorder recorder(rig.setup(), rig.clock,
                    {.queue_records_max = 65'536,
                     .queue_bytes_max = 64 << 20U,
                     .producers = kThreads,
                     .gather = 1ms});
  REQUIRE(recorder.start());
  std::atomic<std::uint64_t> told = 0;
  std::vector<std::thread> threads;
  for (std::size_t thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([&, thread] {
      for (std::uint64_t i = 0; i < kEach; ++i) {
        const std::uint64_t number = 1 + thread + i * kThreads;
        told += exchange(recorder.producer(thread), number, rig.clock) ? 1U : 0U;
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  REQUIRE(recorder.stop(rig.clock.now().monotonic + 10s));
  REQUIRE(told == kThreads * kEach);

  std::vector<std::string> ok;
  for (const std::string& line : rig.lines) {
    CHECK(line.find(kHandle) == std::string::npos);
    CHECK(line.find("ann.smith") == std::string::npos);
    if (line.find(R"("event":"tool.success")") != std::string::npos) ok.push_back(line);
  }
  REQUIRE(ok.size() == kThreads * kEach);
  // The hashes are not taken for secrets.
  CHECK(std::ranges::all_of(ok, [](const std::string& line) {
    return line.find(R"("mcp_session_id":"s1:)") != std::string::npos &&
           line.find(R"("session_id":"s1:)") != std::string::npos &&
           line.find(R"("user_id":"u1:)") != std::string::npos &&
           line.find(R"("args_hash":"c1:)") != std::string::npos;
  }));
}

TEST_CASE("what is open when the proxy stops is recorded as that", "[recorder][http]") {
  Rig rig;
  Recorder recorder(rig.setup(), rig.clock, {.gather = 1ms});
  REQUIRE(recorder.start());
  mcp::Report begin{.exchange = 1, .upstream = 0, .news = {}};
  begin.news.emplace_back(
      message(Direction::kToServer, R"({"id":1,"method":"ping"})", rig.clock.now(), "r"));
  REQUIRE(recorder.producer(0).record(std::make_unique<HttpParcel>(std::move(begin))));
  REQUIRE(recorder.stop(rig.clock.now().monotonic + 10s));

  REQUIRE(rig.lines.size() == 1);
  CHECK(rig.lines[0].find(R"("error_type":"proxy_stopped")") != std::string::npos);
}

}  // namespace
}  // namespace sonde::recorder
