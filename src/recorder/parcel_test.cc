#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include <catch2/catch_test_macros.hpp>

#include "recorder/control_client.h"
#include "recorder/control_dir.h"
#include "recorder/recorder.h"
#include "recorder/temp_dir.h"
#include "recorder/unix_address.h"

// What producers hand over as parcels, and what an analyst concludes from them.

namespace sonde::recorder {
namespace {

using namespace std::chrono_literals;

struct Note final : Parcel {
  explicit Note(std::string said) : text(std::move(said)) {}
  std::uint64_t bytes_held() const noexcept override { return text.size(); }
  std::string text;
};

std::unique_ptr<Parcel> note(std::string text) { return std::make_unique<Note>(std::move(text)); }

/// Concludes one call from each note; one more when it is due, and one at the end.
class Reader final : public Analyst {
 public:
  explicit Reader(std::chrono::nanoseconds due, std::shared_ptr<const TapIdentity> tap)
      : due_(due), tap_(std::move(tap)) {}

  void open(std::unique_ptr<Parcel> parcel, mcp::CallListener& out) override {
    conclude(static_cast<Note&>(*parcel).text, out);
  }
  std::chrono::nanoseconds next_due() const override { return due_; }
  void tick(Moment, mcp::CallListener& out) override {
    due_ = std::chrono::nanoseconds::max();
    conclude("due", out);
  }
  void end(Moment, std::string_view reason, mcp::CallListener& out) override {
    conclude(std::string(reason), out);
  }
  std::optional<Gauges> gauges(Moment) const override { return Gauges{.sessions = 3}; }

 private:
  void conclude(std::string tool, mcp::CallListener& out) const {
    ObservedCall call;
    call.record.tap = tap_;
    call.record.tool_name = std::move(tool);
    call.result.bytes = std::string(kSmallResultBytes + 1, '1');
    call.result.size = call.result.bytes.size();
    out.on_call(std::move(call));
  }

  std::chrono::nanoseconds due_;
  std::shared_ptr<const TapIdentity> tap_;
};

struct Seen {
  std::vector<CallRecord> calls;
  std::atomic<std::size_t> count = 0;

  std::vector<std::string> tools() const {
    std::vector<std::string> names;
    names.reserve(calls.size());
    for (const CallRecord& call : calls) names.push_back(call.tool_name);
    return names;
  }
};

class SeeingSink final : public sinks::Sink {
 public:
  explicit SeeingSink(Seen& seen) : seen_(seen) {}
  Status write(std::span<const sinks::Entry> batch, Moment) override {
    for (const sinks::Entry& entry : batch) seen_.calls.push_back(std::get<CallRecord>(entry));
    seen_.count += batch.size();
    return {};
  }
  Status close(Moment) override { return {}; }

 private:
  Seen& seen_;
};

std::shared_ptr<const TapIdentity> tap_named(std::string name) {
  TapIdentity tap;
  tap.server_name = std::move(name);
  return std::make_shared<const TapIdentity>(std::move(tap));
}

struct Rig {
  explicit Rig(Recorder::Options options) : recorder(setup(), clock, options) {}

  Recorder::Setup setup() {
    return [this](Stats& stats) {
      Outlets made;
      made.tap = tap_named("proxy");
      made.settings.hash_rate_bytes_max = hash_rate;
      made.scrubber =
          std::move(*privacy::Scrubber::make({}, {}, privacy::HashKey::ephemeral(), stats));
      if (with_analyst) made.analyst = std::make_unique<Reader>(due, upstream);
      made.sinks.push_back(std::make_unique<SeeingSink>(seen));
      made.control_dir = control_dir;
      return made;
    };
  }
  void start() {
    REQUIRE(recorder.start());
    while (recorder.settings() == nullptr) std::this_thread::yield();
  }
  void stop() { REQUIRE(recorder.stop(clock.now().monotonic + 10s)); }

  const SystemClock clock;
  Seen seen;
  bool with_analyst = true;
  std::uint64_t hash_rate = 1'000'000'000;
  std::chrono::nanoseconds due = std::chrono::nanoseconds::max();
  std::shared_ptr<const TapIdentity> upstream;
  std::string control_dir;
  Recorder recorder;
};

using Names = std::vector<std::string>;

TEST_CASE("a parcel is opened, and its analyst has the last word", "[recorder][parcel]") {
  Rig rig({.gather = 1ms});
  rig.start();
  CHECK(rig.recorder.producer(0).record(note("a")));
  CHECK(rig.recorder.producer(0).record(note("b")));
  rig.stop();

  CHECK(rig.seen.tools() == Names{"a", "b", "proxy_stopped"});
  CHECK(rig.seen.calls[0].tap->server_name == "proxy");
  CHECK(rig.recorder.stats().read(Stat::kRecordsUnflushed) == 0);
}

TEST_CASE("a call that knows its upstream keeps it", "[recorder][parcel]") {
  Rig rig({.gather = 1ms});
  rig.upstream = tap_named("files");
  rig.start();
  CHECK(rig.recorder.producer(0).record(note("a")));
  rig.stop();

  CHECK(rig.seen.calls[0].tap->server_name == "files");
}

TEST_CASE("an idle recorder wakes up for what its analyst has due", "[recorder][parcel]") {
  Rig rig({.gather = 1ms});
  rig.due = rig.clock.now().monotonic + 5ms;
  rig.start();
  while (rig.seen.count == 0) std::this_thread::yield();  // Hangs if it sleeps on.
  rig.stop();

  CHECK(rig.seen.tools() == Names{"due", "proxy_stopped"});
}

TEST_CASE("a parcel that nobody can open is counted", "[recorder][parcel]") {
  Rig rig({.gather = 1ms});
  rig.with_analyst = false;
  const Stats* of_recorder = nullptr;
  Recorder recorder(
      [&of_recorder, inner = rig.setup()](Stats& stats) {
        of_recorder = &stats;
        return inner(stats);
      },
      rig.clock, {.gather = 1ms});
  REQUIRE(recorder.start());
  std::uint64_t lost = 0;
  CHECK(recorder.producer(0).record(note("a")));
  while (recorder.settings() == nullptr) std::this_thread::yield();
  while ((lost = of_recorder->read(Stat::kParcelsDropped)) == 0) std::this_thread::yield();
  CHECK(recorder.stop(rig.clock.now().monotonic + 10s));

  CHECK(lost == 1);
}

TEST_CASE("a parcel that finds no room stays with its owner, and is counted",
          "[recorder][parcel]") {
  Rig rig({.queue_bytes_max = 100'000, .gather = 1ms});
  rig.start();
  auto large = note(std::string(200'000, 'x'));
  CHECK_FALSE(rig.recorder.producer(0).record(std::move(large)));
  CHECK(large != nullptr);  // NOLINT(bugprone-use-after-move): it says that it is left.
  CHECK(rig.recorder.stats().read(Stat::kParcelsDropped) == 1);
  rig.stop();
}

TEST_CASE("a tap that is asked tells its analyst's gauges", "[recorder][parcel]") {
  const TempDir temp;
  Rig rig({.gather = 1ms});
  rig.control_dir = temp / "control";
  rig.start();
  const std::string path = socket_path(rig.control_dir, ::getpid());
  while (!connect_unix(path)) std::this_thread::yield();
  const auto answer = ask_tap(path, R"({"command":"stats"})");
  rig.stop();

  REQUIRE(answer);
  CHECK(answer->find(R"("mcp_sessions":3)") != std::string::npos);
}

TEST_CASE("producers and the analyst share the rate of hashing", "[recorder][parcel]") {
  Rig rig({.producers = 2, .gather = 1ms});
  rig.hash_rate = 3 * kSmallResultBytes + 600;
  rig.start();
  // A third each: enough for kSmallResultBytes and 200 bytes more.
  for (std::size_t i = 0; i < 2; ++i) {
    Producer producer = rig.recorder.producer(i);
    CHECK(producer.hash_budget(kSmallResultBytes));
    CHECK_FALSE(producer.hash_budget(kSmallResultBytes));
    CHECK(producer.stats().read(Stat::kHashesSkipped) == 1);
  }
  CHECK(rig.recorder.producer(0).record(note("hashed")));
  CHECK(rig.recorder.producer(0).record(note("over the rate")));
  rig.stop();

  CHECK_FALSE(rig.seen.calls[0].result_hash.empty());
  CHECK(rig.seen.calls[1].result_hash.empty());
}

TEST_CASE("what several threads hand over arrives, or is counted where it was lost",
          "[recorder][parcel][threads]") {
  constexpr std::size_t kThreads = 4;
  constexpr std::size_t kNotes = 5000;
  Rig rig({.queue_records_max = 512, .producers = kThreads, .gather = 0ms});
  rig.start();
  std::vector<std::thread> threads;
  for (std::size_t thread = 0; thread < kThreads; ++thread) {
    threads.emplace_back([producer = rig.recorder.producer(thread)]() mutable {
      for (std::size_t i = 0; i < kNotes; ++i) producer.record(note("n"));
    });
  }
  for (std::thread& thread : threads) thread.join();
  rig.stop();

  std::uint64_t dropped = 0;
  for (std::size_t thread = 0; thread < kThreads; ++thread) {
    dropped += rig.recorder.producer(thread).stats().read(Stat::kParcelsDropped);
  }
  const auto arrived = static_cast<std::uint64_t>(std::ranges::count(rig.seen.tools(), "n"));
  CHECK(arrived + dropped == kThreads * kNotes);
  CHECK(rig.recorder.stats().read(Stat::kRecordsUnflushed) == 0);
}

}  // namespace
}  // namespace sonde::recorder
