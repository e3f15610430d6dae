#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "jsonrpc/scanner.h"
#include "mcp/http_sessions.h"

/// For tests and fuzzers: exchanges that are told to HttpSessions as a proxy would.
namespace sonde::mcp {

class HttpReplay final : public CallListener {
 public:
  explicit HttpReplay(HttpSessionsOptions options = {})
      : sessions(options, upstreams(), key(), random_, stats, *this) {}

  void on_call(ObservedCall&& call) override { calls.push_back(std::move(call)); }
  void on_event(Event&& event) override { events.push_back(std::move(event)); }

  void tell(std::uint64_t exchange, ExchangeNews news, std::uint32_t upstream = 0) {
    Report report{.exchange = exchange, .upstream = upstream, .news = {}};
    report.news.push_back(std::move(news));
    sessions.take(std::move(report));
  }

  /// The messages in `bytes`, each request to the server with a stamp of its own.
  void pass(std::uint64_t exchange, Direction direction, std::string_view bytes,
            std::uint32_t upstream = 0) {
    const std::string line = std::string(bytes) + "\n";
    jsonrpc::Scanner scanner;
    scanner.feed(line);
    while (const jsonrpc::Message* const message = scanner.next()) {
      ExchangeMessage news;
      news.direction = direction;
      news.message = jsonrpc::KeptMessage(*message);
      news.sighting.read_at = now();
      if (direction == Direction::kToServer && message->kind == jsonrpc::Kind::kRequest) {
        news.stamp = stamp(exchange);
        ++stamped;
      }
      tell(exchange, std::move(news), upstream);
    }
  }

  /// Lets time pass; what is due meanwhile is done when it is due.
  void advance(std::chrono::nanoseconds by) {
    const std::chrono::nanoseconds end = now().monotonic + by;
    while (sessions.next_due() <= end) {
      clock_.advance(std::max(sessions.next_due() - now().monotonic, std::chrono::nanoseconds(0)));
      const auto due = sessions.next_due();
      sessions.tick(now());
      if (sessions.next_due() == due) std::abort();  // A tick that does not do its work.
    }
    clock_.advance(end - now().monotonic);
  }
  void end(std::string_view reason = "proxy_stopped") { sessions.end(now(), reason); }
  Moment now() const { return clock_.now(); }

  std::vector<ObservedCall> calls;
  std::vector<Event> events;
  std::uint64_t stamped = 0;
  Stats stats;

 private:
  static std::shared_ptr<const TapIdentity> tap(std::string name, Transport transport) {
    TapIdentity identity;
    identity.server_name = std::move(name);
    identity.transport = transport;
    return std::make_shared<const TapIdentity>(std::move(identity));
  }
  static std::vector<HttpUpstream> upstreams() {
    return {{.http = tap("first", Transport::kHttp), .sse = tap("first", Transport::kSse)},
            {.http = tap("second", Transport::kHttp), .sse = tap("second", Transport::kSse)}};
  }
  static privacy::HashKey key() {
    return *privacy::HashKey::from_secret("a key that every test of sessions shares");
  }

  /// Ids that say which exchange and which request they are of.
  std::unique_ptr<const Stamp> stamp(std::uint64_t exchange) {
    auto made = std::make_unique<Stamp>();
    made->span.trace_id = new_trace_id(now().wall, random_);
    made->span.span_id = new_span_id(random_);
    made->request_id = "r" + std::to_string(exchange) + "." + std::to_string(stamped);
    made->correlation_id = "c" + std::to_string(exchange);
    return made;
  }

  ManualClock clock_;
  Random random_{7};

 public:
  HttpSessions sessions;
};

}  // namespace sonde::mcp
