#pragma once

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "jsonrpc/scanner.h"
#include "jsonrpc/splice.h"
#include "mcp/call_tracker.h"

/// For tests, benches and fuzzers: a connection that is played to a tracker as wrap would.
namespace sonde::mcp {

class Replay final : public CallListener {
 public:
  explicit Replay(TrackerOptions options = {}, ConnectionContext context = {})
      : tracker(options, std::move(context), random_, stats, *this) {}

  void on_call(ObservedCall&& call) override { calls.push_back(std::move(call)); }
  void on_event(Event&& event) override { events.push_back(std::move(event)); }

  /// What the client writes; what the server then reads is in `to_server`.
  void client(std::string_view bytes) {
    const std::uint64_t begin = scanners_[0].offset();
    std::string forwarded(bytes);
    std::size_t added = 0;
    feed(Direction::kToServer, bytes,
         [&](const jsonrpc::Message& message, std::string_view members) {
           splices.emplace_back(members);
           const std::string text = jsonrpc::splice_text(*message.splice, members);
           forwarded.insert(message.splice->offset - begin + added, text);
           added += text.size();
         });
    to_server += forwarded;
  }
  void server(std::string_view bytes) {
    feed(Direction::kToClient, bytes,
         [](const jsonrpc::Message&, std::string_view) { std::abort(); });
  }

  /// Lets time pass; what is due meanwhile is done when it is due.
  void advance(std::chrono::nanoseconds by) {
    const std::chrono::nanoseconds end = now().monotonic + by;
    while (tracker.next_due() <= end) {
      clock_.advance(std::max(tracker.next_due() - now().monotonic, std::chrono::nanoseconds(0)));
      const auto due = tracker.next_due();
      tracker.tick(now());
      if (tracker.next_due() == due) std::abort();  // A tick that does not do its work.
    }
    clock_.advance(end - now().monotonic);
  }
  void end(std::string_view reason = "client_closed") { tracker.end(now(), reason); }
  Moment now() const { return clock_.now(); }

  std::vector<ObservedCall> calls;
  std::vector<Event> events;
  Stats stats;
  std::string to_server;
  std::vector<std::string> splices;  ///< The members, in order.
  std::uint64_t requests = 0;        ///< Observed, of both directions.

 private:
  template <class Spliced>
  void feed(Direction direction, std::string_view bytes, Spliced&& spliced) {
    jsonrpc::Scanner& scanner = scanners_[static_cast<std::size_t>(direction)];
    const std::uint64_t begin = scanner.offset();
    scanner.feed(bytes);
    while (const jsonrpc::Message* const message = scanner.next()) {
      if (message->kind == jsonrpc::Kind::kRequest) ++requests;
      const bool spliceable = message->splice && message->splice->offset >= begin;
      const auto members = tracker.observe(
          direction, *message,
          {.read_at = now(), .spliceable = direction == Direction::kToServer && spliceable});
      if (members) spliced(*message, *members);
    }
  }

  ManualClock clock_;
  Random random_{7};
  jsonrpc::Scanner scanners_[2];

 public:
  CallTracker tracker;
};

}  // namespace sonde::mcp
