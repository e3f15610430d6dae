#include "recorder/recorder.h"

#include <pthread.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <condition_variable>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators_all.hpp>

#include "base/fd.h"
#include "base/json_reader.h"
#include "recorder/control_client.h"
#include "recorder/control_dir.h"
#include "recorder/temp_dir.h"
#include "recorder/unix_address.h"

namespace sonde::recorder {
namespace {

using namespace std::chrono_literals;
using Lines = std::vector<std::string>;

/// The real clocks, moved ahead as told, by any thread.
class SteppedClock final : public Clock {
 public:
  Moment now() const noexcept override {
    const std::chrono::nanoseconds ahead(ahead_.load());
    const Moment real = SystemClock().now();
    return {.wall = real.wall + ahead, .monotonic = real.monotonic + ahead};
  }
  void advance(std::chrono::nanoseconds by) noexcept { ahead_ += by.count(); }

 private:
  std::atomic<std::chrono::nanoseconds::rep> ahead_{0};
};

/// Where two threads of a test meet: what the sinks got, and a gate that can be shut.
class Meeting {
 public:
  void add(std::string line) {
    const std::lock_guard lock(mutex_);
    lines_.push_back(std::move(line));
    changed_.notify_all();
  }
  Lines lines() {
    const std::lock_guard lock(mutex_);
    return lines_;
  }
  /// Returns when `line` has come.
  void await(std::string_view line) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return std::ranges::find(lines_, line) != lines_.end(); });
  }

  void shut() {
    const std::lock_guard lock(mutex_);
    shut_ = true;
  }
  void open() {
    const std::lock_guard lock(mutex_);
    shut_ = false;
    changed_.notify_all();
  }
  void pass() {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [this] { return !shut_; });
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  Lines lines_;
  bool shut_ = false;
};

std::string shown(const sinks::Entry& entry) {
  if (const auto* event = std::get_if<Event>(&entry)) {
    return std::string(to_string(event->type)) + (event->message.empty() ? "" : " ") +
           event->message;
  }
  const auto& call = std::get<CallRecord>(entry);
  return call.tool_name + (call.captured_result.empty() ? "" : " " + call.captured_result);
}

/// Shows what it gets at a Meeting, if the gate is open.
class MeetingSink final : public sinks::Sink {
 public:
  explicit MeetingSink(std::shared_ptr<Meeting> meeting) : meeting_(std::move(meeting)) {}
  ~MeetingSink() override { meeting_->add("sink gone"); }
  MeetingSink(const MeetingSink&) = delete;
  MeetingSink& operator=(const MeetingSink&) = delete;

  std::string_view name() const override { return "meeting"; }
  Status write(std::span<const sinks::Entry> batch, Moment) override {
    meeting_->pass();
    for (const sinks::Entry& entry : batch) {
      meeting_->add(shown(entry));
      const auto* call = std::get_if<CallRecord>(&entry);
      if (call != nullptr) last_result_hash_ = call->result_hash;
    }
    return {};
  }
  Status close(Moment) override {
    meeting_->add("last result " + last_result_hash_);
    return {};
  }

 private:
  std::shared_ptr<Meeting> meeting_;
  std::string last_result_hash_;
};

ObservedCall call_of(std::string tool) {
  ObservedCall call;
  call.record.method = "tools/call";
  call.record.tool_name = std::move(tool);
  call.result.bytes = R"({"rows":7})";
  call.result.size = call.result.bytes.size();
  return call;
}

Event event_of(std::string message) {
  Event event;
  event.type = Event::Type::kServerNoise;
  event.message = std::move(message);
  return event;
}

std::shared_ptr<const TapIdentity> identity() {
  TapIdentity tap;
  tap.server_name = "files";
  tap.tap_version = "0.1.0";
  return std::make_shared<const TapIdentity>(std::move(tap));
}

std::string member(std::string_view object, std::string_view key) {
  return std::string(find_member(object, key).value_or("missing"));
}

/// A recorder with one MeetingSink.  What `edit` changes is set before start().
struct Rig {
  explicit Rig(Recorder::Options options = {.gather = 1ms})
      : recorder([this, meets = meeting](Stats& stats) { return outlets(meets, stats); }, clock,
                 options) {}

  Outlets outlets(const std::shared_ptr<Meeting>& meets, Stats& stats) {
    recorder_stats = &stats;
    meets->pass();
    Outlets made;
    made.settings.hash_rate_bytes_max = hash_rate;
    made.tap = identity();
    if (with_scrubber) {
      auto key = privacy::HashKey::from_secret("a key that every test of this file shares");
      made.scrubber = std::move(*privacy::Scrubber::make({}, {}, *std::move(key), stats));
    }
    made.sinks.push_back(std::make_unique<MeetingSink>(meets));
    made.control_dir = control_dir;
    made.first_events = std::move(first_events);
    return made;
  }
  bool start() { return recorder.start(); }
  void start_and_settle() {
    REQUIRE(start());
    recorder.record(event_of("settled"));
    meeting->await("server.noise settled");
  }
  bool stop(std::chrono::nanoseconds within = 10s) {
    return recorder.stop(clock.now().monotonic + within);
  }
  /// Waits for the socket, and asks.
  std::string ask(std::string_view request) {
    const std::string path = socket_path(control_dir, ::getpid());
    while (!connect_unix(path)) std::this_thread::yield();
    const auto answer = ask_tap(path, request);
    return answer ? *answer : answer.error().message();
  }
  std::uint64_t count(Stat stat) { return recorder.stats().read(stat); }

  SteppedClock clock;
  std::shared_ptr<Meeting> meeting = std::make_shared<Meeting>();
  std::string control_dir;
  std::vector<Event> first_events;
  bool with_scrubber = true;
  std::uint64_t hash_rate = 1000;
  const Stats* recorder_stats = nullptr;
  Recorder recorder;
};

/// The lines of a Meeting without the last two, which say that the sink is closed and gone.
Lines before_the_end(Meeting& meeting) {
  Lines lines = meeting.lines();
  REQUIRE(lines.size() >= 2);
  REQUIRE(lines.back() == "sink gone");
  lines.resize(lines.size() - 2);
  return lines;
}

/// The result hash of a call whose result comes as `pieces`, too large to be kept.
std::string hash_of(const Lines& pieces) {
  Rig rig;
  REQUIRE(rig.start());
  ObservedCall call = call_of("large");
  call.result = {.bytes = {}, .size = 0, .truncated = true, .hash_stream = 7};
  for (const std::string& piece : pieces) {
    call.result.size += piece.size();
    REQUIRE(rig.recorder.record(HashPiece::copy_of(7, piece)));
  }
  REQUIRE(rig.recorder.record(std::move(call)));
  REQUIRE(rig.stop());
  const Lines lines = rig.meeting->lines();
  return lines[lines.size() - 2];
}

TEST_CASE("what is recorded below the bounds arrives, all of it and in order", "[recorder]") {
  Rig rig;
  REQUIRE(rig.start());
  Lines expected;
  for (int i = 0; i < 1000; ++i) {
    const std::string name = std::to_string(i);
    REQUIRE(rig.recorder.record(call_of(name)));
    REQUIRE(rig.recorder.record(event_of(name)));
    expected.push_back(name);
    expected.push_back("server.noise " + name);
  }
  CHECK(rig.stop());
  CHECK(before_the_end(*rig.meeting) == expected);
  CHECK(rig.count(Stat::kRecordsDropped) == 0);
  CHECK(rig.count(Stat::kRecordsUnflushed) == 0);
}

TEST_CASE("what does not fit is dropped, and exactly counted", "[recorder]") {
  Rig rig({.queue_records_max = 8, .gather = 1ms});
  rig.meeting->shut();
  REQUIRE(rig.start());
  int accepted = 0;
  for (int i = 0; i < 20; ++i) accepted += rig.recorder.record(call_of("x")) ? 1 : 0;
  CHECK(accepted == 8);
  CHECK(rig.count(Stat::kRecordsDropped) == 12);
  rig.meeting->open();
  CHECK(rig.stop());
  CHECK(before_the_end(*rig.meeting).size() == 8);
}

TEST_CASE("under any pressure, recorded is delivered or counted", "[recorder]") {
  Rig rig({.queue_records_max = 16, .gather = 0ms});
  REQUIRE(rig.start());
  std::size_t accepted = 0;
  for (int i = 0; i < 20'000; ++i) accepted += rig.recorder.record(call_of("x")) ? 1U : 0U;
  CHECK(rig.stop());
  CHECK(before_the_end(*rig.meeting).size() == accepted);
  CHECK(accepted + rig.count(Stat::kRecordsDropped) == 20'000);
}

TEST_CASE("a setup that hangs holds up neither record() nor stop()", "[recorder]") {
  auto rig = std::make_unique<Rig>();
  const std::shared_ptr<Meeting> meeting = rig->meeting;
  meeting->shut();
  REQUIRE(rig->start());
  CHECK(rig->recorder.record(call_of("x")));
  CHECK(rig->recorder.settings() == nullptr);
  CHECK_FALSE(rig->stop(5ms));
  CHECK(rig->count(Stat::kRecordsUnflushed) == 1);
  CHECK_FALSE(rig->recorder.record(call_of("late")));
  meeting->open();
  meeting->await("sink gone");  // The thread that was left behind needs the clock.
}

TEST_CASE("a sink that hangs holds up neither record() nor stop()", "[recorder]") {
  Rig rig;
  rig.start_and_settle();
  rig.meeting->shut();
  for (int i = 0; i < 100; ++i) CHECK(rig.recorder.record(call_of("x")));
  CHECK_FALSE(rig.stop(5ms));
  CHECK(rig.count(Stat::kRecordsUnflushed) == 100);
  rig.meeting->open();
  rig.meeting->await("sink gone");
}

TEST_CASE("settings are there when setup has finished, and stay", "[recorder]") {
  Rig rig;
  CHECK(rig.recorder.settings() == nullptr);
  rig.start_and_settle();
  REQUIRE(rig.recorder.settings() != nullptr);
  CHECK(rig.recorder.settings()->hash_rate_bytes_max == 1000);
  CHECK(rig.stop());
  CHECK(rig.recorder.settings()->hash_rate_bytes_max == 1000);
}

TEST_CASE("first events come first", "[recorder]") {
  Rig rig;
  rig.first_events = {event_of("configuration"), event_of("key")};
  rig.meeting->shut();
  REQUIRE(rig.start());
  rig.recorder.record(call_of("x"));
  rig.meeting->open();
  CHECK(rig.stop());
  CHECK(before_the_end(*rig.meeting) ==
        Lines{"server.noise configuration", "server.noise key", "x"});
}

TEST_CASE("a recorder that was never started refuses and counts", "[recorder]") {
  Rig rig;
  CHECK_FALSE(rig.recorder.record(call_of("x")));
  CHECK_FALSE(rig.recorder.record(event_of("x")));
  CHECK_FALSE(rig.recorder.record(HashPiece::copy_of(1, "x")));
  CHECK_FALSE(rig.recorder.hash_budget(1));
  CHECK(rig.count(Stat::kRecordsDropped) == 2);
  CHECK(rig.count(Stat::kHashesSkipped) == 2);
  CHECK(rig.stop());
}

TEST_CASE("a system without threads leaves a plain pipe", "[recorder]") {
  pthread_attr_t usual;
  pthread_attr_t absurd;
  REQUIRE(pthread_getattr_default_np(&usual) == 0);
  REQUIRE(pthread_getattr_default_np(&absurd) == 0);
  REQUIRE(pthread_attr_setstacksize(&absurd, std::size_t{1} << 46) == 0);
  Rig rig;
  REQUIRE(pthread_setattr_default_np(&absurd) == 0);
  const bool started = rig.start();
  REQUIRE(pthread_setattr_default_np(&usual) == 0);
  CHECK_FALSE(started);
  CHECK_FALSE(rig.recorder.record(call_of("x")));
  CHECK(rig.stop());
}

TEST_CASE("an idle thread does not wake up", "[recorder]") {
  const TempDir temp;
  Rig rig;
  rig.control_dir = temp.path();
  rig.start_and_settle();
  rig.ask(R"({"command":"stats"})");
  rig.clock.advance(1s);  // The stats file is due once more.
  rig.recorder.record(event_of("last"));
  rig.meeting->await("server.noise last");
  // Proving that nothing happens takes time; the gather of the last batch is long over.
  std::this_thread::sleep_for(100ms);
  const std::uint64_t before = rig.recorder_stats->read(Stat::kRecorderWakeups);
  std::this_thread::sleep_for(200ms);
  CHECK(rig.recorder_stats->read(Stat::kRecorderWakeups) == before);
  CHECK(rig.stop());
}

TEST_CASE("a burst wakes the thread for the batch, not for each message", "[recorder]") {
  Rig rig({.gather = 50ms});
  REQUIRE(rig.start());
  rig.recorder.record(event_of("first"));
  rig.meeting->await("server.noise first");
  const std::uint64_t before = rig.recorder_stats->read(Stat::kRecorderWakeups);
  for (int i = 0; i < 200; ++i) rig.recorder.record(call_of("x"));
  rig.recorder.record(event_of("last"));
  rig.meeting->await("server.noise last");
  CHECK(rig.recorder_stats->read(Stat::kRecorderWakeups) - before <= 4);
  CHECK(rig.stop());
}

TEST_CASE("half of the room taken ends the gathering", "[recorder]") {
  Rig rig({.queue_records_max = 8, .gather = 1h});
  REQUIRE(rig.start());
  for (int i = 0; i < 3; ++i) rig.recorder.record(call_of("x"));
  rig.recorder.record(event_of("fourth"));
  rig.meeting->await("server.noise fourth");  // Or an hour later.
  CHECK(rig.stop());
}

TEST_CASE("the thread takes no signals", "[recorder]") {
  Rig rig;
  rig.start_and_settle();
  std::string blocked;
  for (const auto& task : std::filesystem::directory_iterator("/proc/self/task")) {
    if (read_file(task.path() / "comm") != "sonde-recorder\n") continue;
    const std::string status = read_file(task.path() / "status");
    blocked = status.substr(status.find("SigBlk:\t") + 8, 16);
  }
  // All 64, but for KILL and STOP, and two that libc keeps for itself.
  CHECK(blocked == "fffffffe7ffbfeff");
  CHECK(rig.stop());
}

TEST_CASE("a setup that throws leaves the session alone and is told once", "[recorder]") {
  std::array<int, 2> pipe{};
  REQUIRE(::pipe(pipe.data()) == 0);
  const Fd reader(pipe[0]);
  Fd writer(pipe[1]);
  const SystemClock clock;
  Stats* stats = nullptr;
  Recorder recorder(
      [&](Stats& own) -> Outlets {
        stats = &own;
        throw std::runtime_error("no\nhome");
      },
      clock, {.gather = 0ms, .stderr_fd = writer.get()});
  REQUIRE(recorder.start());
  CHECK(recorder.record(call_of("x")));
  CHECK(recorder.stop(clock.now().monotonic + 10s));
  CHECK(recorder.settings() == nullptr);
  writer = Fd();
  std::array<char, 256> text{};
  const ssize_t size = ::read(reader.get(), text.data(), text.size());
  REQUIRE(size > 0);
  const std::string told(text.data(), static_cast<std::size_t>(size));
  CHECK(told.starts_with("sonde: setup: no"));
  CHECK(std::ranges::count(told, '\n') == 1);
}

TEST_CASE("without privacy nothing is shown, and all of it counted", "[recorder]") {
  const TempDir temp;
  Rig rig;
  rig.with_scrubber = false;
  rig.control_dir = temp.path();
  rig.first_events = {event_of("first")};
  REQUIRE(rig.start());
  CHECK(rig.recorder.record(call_of("secret")));
  CHECK(rig.recorder.record(event_of("secret")));
  CHECK(rig.recorder.record(HashPiece::copy_of(1, "secret")));
  const std::string stats = rig.ask(R"({"command":"stats"})");
  CHECK(member(member(stats, "counters"), "records_lost") == "2");
  const std::string path = stats_path(rig.control_dir, ::getpid());
  while (read_file(path).find(R"("records_lost":2)") == std::string::npos) {
    rig.clock.advance(1s);
    std::this_thread::yield();
  }
  CHECK(rig.stop());
  CHECK(before_the_end(*rig.meeting).empty());
}

TEST_CASE("a large value is hashed from its pieces", "[recorder]") {
  const std::string whole = hash_of({R"({"rows":[1,2,3]})"});
  CHECK(whole.starts_with("last result c1:"));
  CHECK(hash_of({R"({"rows":)", "[1,2", ",3]}"}) == whole);
  CHECK(hash_of({R"({"rows":)", "[1,2", ",4]}"}) != whole);
}

TEST_CASE("the budget for hashes is that of the configuration", "[recorder]") {
  Rig rig;
  rig.start_and_settle();
  CHECK(rig.recorder.hash_budget(600));
  CHECK_FALSE(rig.recorder.hash_budget(600));
  CHECK(rig.count(Stat::kHashesSkipped) == 1);
  rig.clock.advance(1s);
  CHECK(rig.recorder.hash_budget(1000));
  CHECK(rig.stop());
}

ObservedCall call_with_result(std::size_t bytes) {
  ObservedCall call = call_of("sized");
  call.arguments.bytes = call.result.bytes = '"' + std::string(bytes - 2, 'x') + '"';
  call.arguments.size = call.result.size = bytes;
  return call;
}

TEST_CASE("small results are hashed whatever the rate, larger ones within it", "[recorder]") {
  const auto [bytes, seconds, hashed] = GENERATE(table<std::size_t, int, bool>(
      {{kSmallResultBytes, 0, true}, {6000, 0, false}, {6000, 1, true}, {12'000, 1, false}}));
  CAPTURE(bytes, seconds);
  Rig rig;
  rig.hash_rate = 10'000;
  rig.start_and_settle();
  REQUIRE(rig.recorder.hash_budget(8'000));
  rig.clock.advance(std::chrono::seconds(seconds));
  CHECK(rig.recorder.record(call_with_result(bytes)));
  REQUIRE(rig.stop());
  const Lines lines = rig.meeting->lines();
  CHECK(lines[lines.size() - 2].starts_with("last result c1:") == hashed);
  CHECK(rig.count(Stat::kHashesSkipped) == (hashed ? 0 : 1));
}

TEST_CASE("the budget for hashes ends where no more bytes may wait", "[recorder]") {
  Rig rig({.queue_bytes_max = 8192});
  rig.meeting->shut();
  REQUIRE(rig.start());
  CHECK(rig.recorder.hash_budget(1000));
  CHECK_FALSE(rig.recorder.hash_budget(8192));
  rig.meeting->open();
  CHECK(rig.stop());
}

TEST_CASE("capture switched through the socket reaches the next call", "[recorder][control]") {
  const TempDir temp;
  Rig rig;
  rig.control_dir = temp / "control";
  rig.start_and_settle();
  rig.recorder.record(call_of("before"));
  const std::string on = rig.ask(R"({"command":"capture","on":true,"for_s":60})");
  rig.recorder.record(call_of("during"));
  const std::string off = rig.ask(R"({"command":"capture","on":false})");
  rig.recorder.record(call_of("after"));
  CHECK(rig.stop());

  const std::string by =
      ", by uid " + std::to_string(::geteuid()) + ", pid " + std::to_string(::getpid());
  CHECK(before_the_end(*rig.meeting) ==
        Lines{"server.noise settled", "before", "capture.on content capture on for 60 s" + by,
              R"(during {"rows":7})", "capture.off content capture off" + by, "after"});
  CHECK(on.starts_with(R"({"ok":true,"capture":{"on":true,"until":"20)"));
  CHECK(off == R"({"ok":true,"capture":{"on":false,"until":"","errors_only":false}})");
}

TEST_CASE("capture ends by itself", "[recorder][control]") {
  const TempDir temp;
  Rig rig;
  rig.control_dir = temp.path();
  rig.start_and_settle();
  rig.ask(R"({"command":"capture","on":true,"for_s":60})");
  rig.clock.advance(61s);
  rig.recorder.record(event_of("a minute later"));
  rig.meeting->await("server.noise a minute later");
  rig.meeting->await("capture.off content capture off, its time is over");
  rig.recorder.record(call_of("after"));
  CHECK(rig.stop());
  CHECK(before_the_end(*rig.meeting).back() == "after");
  CHECK(before_the_end(*rig.meeting).size() == 5);
}

TEST_CASE("a call that comes after the time of capture is not captured", "[recorder][control]") {
  const TempDir temp;
  Rig rig({.gather = 0ms});
  rig.control_dir = temp.path();
  rig.start_and_settle();
  rig.ask(R"({"command":"capture","on":true,"for_s":60})");
  rig.clock.advance(61s);
  rig.recorder.record(call_of("late"));
  rig.meeting->await("late");
  CHECK(rig.stop());
}

TEST_CASE("capture of errors only keeps no content of what went well", "[recorder][control]") {
  const TempDir temp;
  Rig rig;
  rig.control_dir = temp.path();
  rig.start_and_settle();
  rig.ask(R"({"command":"capture","on":true,"errors_only":true})");
  rig.recorder.record(call_of("well"));
  ObservedCall failed = call_of("badly");
  failed.record.status = CallStatus::kError;
  rig.recorder.record(std::move(failed));
  CHECK(rig.stop());
  const Lines lines = before_the_end(*rig.meeting);
  CHECK(lines[lines.size() - 2] == "well");
  CHECK(lines.back() == R"(badly {"rows":7})");
}

TEST_CASE("the stats are up to date for who asks", "[recorder][control]") {
  const TempDir temp;
  Rig rig({.gather = 10s});
  rig.control_dir = temp.path();
  REQUIRE(rig.start());
  rig.recorder.stats().add(Stat::kCallsFinished);
  rig.recorder.record(call_of("x"));
  const std::string stats = rig.ask(R"({"command":"stats"})");
  const std::string counters = member(stats, "counters");
  CHECK(member(counters, "calls_finished") == "1");
  CHECK(member(counters, "records_written") == "1");
  CHECK(member(stats, "sinks") == R"([{"name":"meeting","ok":true,"error":""}])");
  CHECK(member(stats, "server") == R"("files")");
  CHECK(rig.stop());
}

TEST_CASE("a request that is not understood is answered", "[recorder][control]") {
  const TempDir temp;
  Rig rig;
  rig.control_dir = temp.path();
  rig.start_and_settle();
  CHECK(rig.ask(R"({"command":"stat"})") ==
        R"({"ok":false,"error":"unknown command \"stat\"; did you mean \"stats\"?"})");
  CHECK(rig.stop());
}

TEST_CASE("the stats file is there while the tap is", "[recorder][stats]") {
  const TempDir temp;
  Rig rig;
  rig.control_dir = temp / "control";
  const std::string path = stats_path(rig.control_dir, ::getpid());
  rig.start_and_settle();
  while (!std::filesystem::exists(path)) std::this_thread::yield();
  const std::string stats = read_file(path);
  CHECK(member(stats, "pid") == std::to_string(::getpid()));
  CHECK(member(stats, "start_ticks") ==
        std::to_string(process_start_ticks(::getpid()).value_or(0)));
  CHECK(rig.stop());
  CHECK(std::filesystem::is_empty(rig.control_dir));
}

TEST_CASE("a control folder that cannot be had is told and changes nothing else",
          "[recorder][control]") {
  Rig rig({.gather = 1ms, .stderr_fd = -1});
  rig.control_dir = "/proc/nowhere/control";
  rig.start_and_settle();
  rig.recorder.record(call_of("x"));
  CHECK(rig.stop());
  const Lines lines = before_the_end(*rig.meeting);
  CHECK(std::ranges::find(lines, "x") != lines.end());
  CHECK(std::ranges::count_if(lines, [](const std::string& line) {
          return line.starts_with("tap.degraded control folder: ");
        }) == 1);
}

}  // namespace
}  // namespace sonde::recorder
