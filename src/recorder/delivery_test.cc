#include "recorder/delivery.h"

#include <unistd.h>

#include <array>
#include <optional>
#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>

namespace sonde::recorder {
namespace {

using namespace std::chrono_literals;
using Names = std::vector<std::string>;

sinks::Entry call(std::string tool) {
  CallRecord record;
  record.tool_name = std::move(tool);
  return record;
}

std::vector<sinks::Entry> calls(const Names& tools) {
  std::vector<sinks::Entry> batch;
  for (const std::string& tool : tools) batch.push_back(call(tool));
  return batch;
}

/// What a FakeSink was given, and what it shall say; outlives the sink.
struct Desk {
  Names written;
  std::optional<Error> refuse;
  std::optional<Error> refuse_tick;
  std::string fault;
  std::chrono::nanoseconds next_tick = std::chrono::nanoseconds::max();
  int asked = 0;
  int ticks = 0;
  int closed = 0;
};

/// A sink that keeps what it gets, or fails as told.
class FakeSink final : public sinks::Sink {
 public:
  FakeSink(Desk& desk, std::string name) : desk_(desk), name_(std::move(name)) {}

  std::string_view name() const override { return name_; }
  Status write(std::span<const sinks::Entry> batch, Moment) override {
    CHECK(desk_.closed == 0);
    ++desk_.asked;
    if (desk_.refuse) return fail(*desk_.refuse);
    for (const sinks::Entry& entry : batch) {
      desk_.written.push_back(std::get<CallRecord>(entry).tool_name);
    }
    return {};
  }
  std::chrono::nanoseconds next_tick() const override { return desk_.next_tick; }
  std::string_view fault() const override { return desk_.fault; }
  Status tick(Moment) override {
    ++desk_.ticks;
    if (desk_.refuse_tick) return fail(*desk_.refuse_tick);
    return {};
  }
  Status close(Moment) override {
    ++desk_.closed;
    return {};
  }

 private:
  Desk& desk_;
  std::string name_;
};

const Error kAway(Errc::kUnavailable, "nobody listens");
const Error kBroken(Errc::kInternal, "disk full");

/// Two sinks behind a Delivery, and a pipe for its complaints.
struct Two {
  explicit Two(Delivery::Options options = {}) : delivery(sinks(), stats, complaints, options) {}
  ~Two() {
    ::close(pipe[0]);
    ::close(pipe[1]);
  }
  Two(const Two&) = delete;
  Two& operator=(const Two&) = delete;

  std::vector<std::unique_ptr<sinks::Sink>> sinks() {
    std::vector<std::unique_ptr<sinks::Sink>> both;
    both.push_back(std::make_unique<FakeSink>(first, "file"));
    both.push_back(std::make_unique<FakeSink>(second, "agent"));
    return both;
  }
  void offer(const Names& tools) { delivery.offer(calls(tools), clock.now()); }
  std::string complained() {
    std::array<char, 4096> text{};
    ::close(std::exchange(pipe[1], -1));
    const ssize_t size = ::read(pipe[0], text.data(), text.size());
    return {text.data(), static_cast<std::size_t>(size)};
  }
  std::uint64_t count(Stat stat) const { return stats.read(stat); }

  ManualClock clock;
  Stats stats;
  Desk first;
  Desk second;
  std::array<int, 2> pipe = [] {
    std::array<int, 2> ends{};
    REQUIRE(::pipe(ends.data()) == 0);
    return ends;
  }();
  Complaints complaints{pipe[1]};
  Delivery delivery;
};

TEST_CASE("every sink gets every entry, in order", "[recorder][delivery]") {
  Two two;
  two.offer({"a", "b"});
  two.offer({"c"});
  CHECK(two.first.written == Names{"a", "b", "c"});
  CHECK(two.second.written == Names{"a", "b", "c"});
  CHECK(two.count(Stat::kRecordsWritten) == 3);
}

TEST_CASE("a sink that is away holds up no other", "[recorder][delivery]") {
  Two two;
  two.first.refuse = kAway;
  two.offer({"a"});
  CHECK(two.second.written == Names{"a"});
  CHECK(two.count(Stat::kRecordsWritten) == 0);
  CHECK(two.count(Stat::kSinkErrors) == 1);
}

TEST_CASE("a sink that is back gets what it missed, in order and once", "[recorder][delivery]") {
  Two two;
  two.first.refuse = kAway;
  two.offer({"a"});
  two.offer({"b"});
  two.first.refuse.reset();
  two.clock.advance(1s);
  two.offer({"c"});
  CHECK(two.first.written == Names{"a", "b", "c"});
  CHECK(two.second.written == Names{"a", "b", "c"});
  CHECK(two.count(Stat::kRecordsWritten) == 3);
  CHECK(two.count(Stat::kRecordsLost) == 0);
}

TEST_CASE("a sink that is back gets what it missed without waiting for more",
          "[recorder][delivery]") {
  Two two;
  two.first.refuse = kAway;
  two.offer({"a"});
  CHECK(two.delivery.next_tick() == two.clock.now().monotonic + 1s);
  two.first.refuse.reset();
  two.clock.advance(1s);
  two.delivery.tick(two.clock.now());
  CHECK(two.first.written == Names{"a"});
  CHECK(two.delivery.next_tick() == std::chrono::nanoseconds::max());
}

TEST_CASE("a sink that stays away is asked ever more rarely", "[recorder][delivery]") {
  Two two({.retry_first = 1s, .retry_max = 4s});
  two.first.refuse = kAway;
  std::vector<std::chrono::seconds> waits;
  two.offer({"a"});
  for (int i = 0; i < 4; ++i) {
    const auto wait = two.delivery.next_tick() - two.clock.now().monotonic;
    waits.push_back(std::chrono::duration_cast<std::chrono::seconds>(wait));
    two.clock.advance(wait);
    two.delivery.tick(two.clock.now());
  }
  CHECK(waits == std::vector<std::chrono::seconds>{1s, 2s, 4s, 4s});
}

TEST_CASE("a sink that was back is asked again soon", "[recorder][delivery]") {
  Two two;
  const auto go_away = [&two] {
    two.first.refuse = kAway;
    two.offer({"x"});
    return two.delivery.next_tick() - two.clock.now().monotonic;
  };
  CHECK(go_away() == 1s);
  two.first.refuse.reset();
  two.clock.advance(1s);
  two.delivery.tick(two.clock.now());
  CHECK(go_away() == 1s);
}

TEST_CASE("a sink that is away is not asked before its time", "[recorder][delivery]") {
  Two two;
  two.first.refuse = kAway;
  two.offer({"a"});
  two.offer({"b"});
  two.offer({"c"});
  CHECK(two.first.asked == 1);
}

TEST_CASE("the oldest stay in a full backlog, and the rest is counted", "[recorder][delivery]") {
  Two two({.backlog_entries_max = 3});
  two.first.refuse = kAway;
  two.offer({"a", "b"});
  two.offer({"c", "d", "e"});
  CHECK(two.count(Stat::kRecordsLost) == 2);
  two.first.refuse.reset();
  two.clock.advance(1s);
  two.delivery.tick(two.clock.now());
  CHECK(two.first.written == Names{"a", "b", "c"});
  CHECK(two.count(Stat::kRecordsWritten) == 3);
}

TEST_CASE("a backlog is bounded in bytes too", "[recorder][delivery]") {
  Two two({.backlog_bytes_max = 3 * sizeof(sinks::Entry)});
  two.first.refuse = kAway;
  CallRecord large;
  large.captured_result.assign(2 * sizeof(sinks::Entry), 'x');
  const std::vector<sinks::Entry> batch{large, large};
  two.delivery.offer(batch, two.clock.now());
  CHECK(two.count(Stat::kRecordsLost) == 1);
}

TEST_CASE("what a sink refuses for good is lost and counted", "[recorder][delivery]") {
  Two two;
  two.first.refuse = kBroken;
  two.offer({"a", "b"});
  two.first.refuse.reset();
  two.offer({"c"});
  CHECK(two.first.written == Names{"c"});
  CHECK(two.count(Stat::kRecordsLost) == 2);
  CHECK(two.delivery.next_tick() == std::chrono::nanoseconds::max());
}

TEST_CASE("a sink that fails is complained about once", "[recorder][delivery]") {
  Two two;
  two.first.refuse = kBroken;
  two.offer({"a"});
  two.offer({"b"});
  const std::vector<Event> events = two.complaints.take();
  REQUIRE(events.size() == 1);
  CHECK(events[0].type == Event::Type::kTapDegraded);
  CHECK(events[0].message == "sink file: disk full");
  CHECK(two.complained() == "sonde: sink file: disk full (see sonde doctor)\n");
}

TEST_CASE("two sinks that fail are two events, but one line", "[recorder][delivery]") {
  Two two;
  two.first.refuse = kBroken;
  two.second.refuse = kAway;
  two.offer({"a"});
  CHECK(two.complaints.take().size() == 2);
  CHECK(two.complained() == "sonde: sink file: disk full (see sonde doctor)\n");
}

TEST_CASE("the state of a sink is that of its last write", "[recorder][delivery]") {
  Two two;
  two.second.refuse = kAway;
  two.offer({"a"});
  CHECK(two.delivery.states()[0].error.empty());
  CHECK(two.delivery.states()[1].name == "agent");
  CHECK(two.delivery.states()[1].error == "nobody listens");
  two.second.refuse.reset();
  two.clock.advance(1s);
  two.delivery.tick(two.clock.now());
  CHECK(two.delivery.states()[1].error.empty());
}

TEST_CASE("a sink that accepts, but cannot write, is shown with its fault",
          "[recorder][delivery]") {
  Two two;
  two.first.fault = "disk full";
  two.offer({"a"});
  CHECK(two.delivery.states()[0].error == "disk full");
  two.first.fault.clear();
  CHECK(two.delivery.states()[0].error.empty());
}

TEST_CASE("a tick that fails is complained about like a write", "[recorder][delivery]") {
  Two two;
  two.first.next_tick = 0ns;
  two.first.refuse_tick = kAway;
  two.delivery.tick(two.clock.now());
  CHECK(two.count(Stat::kSinkErrors) == 1);
  CHECK(two.complaints.take().size() == 1);
  CHECK(two.delivery.states()[0].error == "nobody listens");
  two.first.refuse_tick.reset();
  two.clock.advance(1s);
  two.delivery.tick(two.clock.now());
  CHECK(two.delivery.states()[0].error.empty());
}

TEST_CASE("a tick that works ends the wait of what was missed", "[recorder][delivery]") {
  Two two;
  two.first.refuse = kAway;
  two.offer({"a"});
  two.first.refuse.reset();
  two.first.next_tick = two.clock.now().monotonic + 50ms;
  two.clock.advance(50ms);
  two.delivery.tick(two.clock.now());
  CHECK(two.first.written == Names{"a"});
}

TEST_CASE("a sink is ticked when it asked for it", "[recorder][delivery]") {
  Two two;
  two.first.next_tick = two.clock.now().monotonic + 10s;
  CHECK(two.delivery.next_tick() == two.first.next_tick);
  two.delivery.tick(two.clock.now());
  CHECK(two.first.ticks == 0);
  two.clock.advance(10s);
  two.delivery.tick(two.clock.now());
  CHECK(two.first.ticks == 1);
  CHECK(two.second.ticks == 0);
}

TEST_CASE("a sink that always wants its tick keeps nobody awake", "[recorder][delivery]") {
  Two two;
  two.first.next_tick = 0ns;
  two.delivery.tick(two.clock.now());
  two.delivery.tick(two.clock.now());
  CHECK(two.first.ticks == 1);
  CHECK(two.delivery.next_tick() == two.clock.now().monotonic + 10ms);
}

TEST_CASE("closing offers the backlog once more, whatever the time", "[recorder][delivery]") {
  Two two;
  two.first.refuse = kAway;
  two.second.refuse = kAway;
  two.offer({"a"});
  two.first.refuse.reset();
  two.delivery.close(two.clock.now());
  CHECK(two.first.written == Names{"a"});
  CHECK(two.first.closed == 1);
  CHECK(two.second.closed == 1);
  CHECK(two.count(Stat::kRecordsLost) == 1);
}

TEST_CASE("without sinks nothing is lost and nothing is due", "[recorder][delivery]") {
  Stats stats;
  Complaints complaints(-1);
  Delivery delivery({}, stats, complaints, {});
  delivery.offer(calls({"a"}), ManualClock().now());
  CHECK(stats.read(Stat::kRecordsLost) == 0);
  CHECK(delivery.next_tick() == std::chrono::nanoseconds::max());
}

}  // namespace
}  // namespace sonde::recorder
