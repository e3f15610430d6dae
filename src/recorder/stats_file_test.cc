#include "recorder/stats_file.h"

#include <sys/stat.h>
#include <unistd.h>

#include <filesystem>
#include <string>

#include <catch2/catch_test_macros.hpp>

#include "base/json_reader.h"
#include "recorder/tap_status.h"
#include "recorder/temp_dir.h"

namespace sonde::recorder {
namespace {

using namespace std::chrono_literals;

constexpr std::chrono::nanoseconds kNoon = 1'795'176'000s;

std::string_view member(std::string_view object, std::string_view key) {
  return find_member(object, key).value_or("missing");
}

TEST_CASE("the document holds exactly the agreed members", "[recorder][stats]") {
  Stats data_path;
  Stats own;
  data_path.add(Stat::kCallsFinished, 5);
  own.add(Stat::kRecordsWritten, 3);
  own.add(Stat::kCallsFinished, 2);
  const CaptureSwitch capture;
  const TapStatus status{
      .pid = 17,
      .start_ticks = 99,
      .server = "files",
      .started_at = kNoon,
      .tap_version = "0.1.0",
      .stats = {&data_path, &own},
      .capture = &capture,
      .sinks = {{.name = "file", .error = ""}, {.name = "agent", .error = "away"}},
      .config_faults = {"sonde.yaml:7: unknown key"}};

  const std::string document = stats_document(status, kNoon + 1500ms);
  const std::string_view counters = member(document, "counters");
  std::string rest = document;
  rest.replace(rest.find(counters), counters.size(), "COUNTERS");

  CHECK(
      rest ==
      R"({"pid":17,"start_ticks":99,"server":"files","started_at":"2026-11-20T12:00:00.000Z",)"
      R"("tap_version":"0.1.0","counters":COUNTERS,)"
      R"("capture":{"on":false,"until":"","errors_only":false},)"
      R"("sinks":[{"name":"file","ok":true,"error":""},{"name":"agent","ok":false,"error":"away"}],)"
      R"("config_faults":["sonde.yaml:7: unknown key"],"updated_at":"2026-11-20T12:00:01.500Z"})");
  CHECK(member(counters, "calls_finished") == "7");
  CHECK(member(counters, "records_written") == "3");
  CHECK(member(counters, "records_dropped") == "0");
}

TEST_CASE("a proxy's document has gauges", "[recorder][stats]") {
  const CaptureSwitch capture;
  TapStatus status;
  status.capture = &capture;
  CHECK(member(stats_document(status, kNoon), "gauges") == "missing");
  status.gauges =
      Gauges{.active_sse_streams = 1, .active_users = 2, .sessions = 3, .idle_sessions = 0};
  CHECK(member(stats_document(status, kNoon), "gauges") ==
        R"({"active_sse_streams":1,"active_users":2,"mcp_sessions":3,"idle_mcp_sessions":0})");
}

TEST_CASE("the document says how servers are, and why", "[recorder][stats]") {
  const CaptureSwitch capture;
  TapStatus status;
  status.capture = &capture;
  CHECK(member(stats_document(status, kNoon), "servers") == "missing");
  Event event;
  event.tap = std::make_shared<const TapIdentity>(TapIdentity{
      .server_name = "db", .service = {}, .environment = {}, .instance = {}, .tap_version = {}});
  note_health(status, event);  // Nothing of health.
  event.health = HealthFacts{.state = ServerState::kDown};
  event.message = "no answer in time";
  note_health(status, event);
  event.message.clear();
  note_health(status, event);  // A pulse in between.
  CHECK(member(stats_document(status, kNoon), "servers") ==
        R"([{"name":"db","state":"down","reason":"no answer in time"}])");
  event.health->state = ServerState::kUp;
  note_health(status, event);
  CHECK(member(stats_document(status, kNoon), "servers") ==
        R"([{"name":"db","state":"up","reason":""}])");
}

TEST_CASE("every counter has its row in the document", "[recorder][stats]") {
  const Stats stats;
  const CaptureSwitch capture;
  TapStatus status;
  status.stats = {&stats};
  status.capture = &capture;
  const std::string document = stats_document(status, kNoon);
  const std::string_view counters = member(document, "counters");
  for (const StatInfo& row : kStatInfo) CHECK(member(counters, row.name) == "0");
}

TEST_CASE("the document says until when content is captured", "[recorder][stats]") {
  std::string text;
  JsonWriter json(text);
  CaptureSwitch capture;
  capture.turn_on(90s, true, {.wall = kNoon, .monotonic = 5s});
  json.begin_object();
  write_capture(json, capture);
  json.end_object();
  CHECK(text == R"({"capture":{"on":true,"until":"2026-11-20T12:01:30.000Z","errors_only":true}})");
}

TEST_CASE("capture ends by whichever clock is first", "[recorder][capture]") {
  CaptureSwitch capture;
  const Moment start{.wall = kNoon, .monotonic = 100s};
  capture.turn_on(60s, false, start);
  CHECK(capture.deadline() == 160s);
  CHECK_FALSE(capture.expired({.wall = kNoon + 59s, .monotonic = 159s}));
  CHECK(capture.expired({.wall = kNoon - 1h, .monotonic = 160s}));
  CHECK(capture.expired({.wall = kNoon + 60s, .monotonic = 101s}));
  capture.turn_off();
  CHECK_FALSE(capture.expired({.wall = kNoon + 60s, .monotonic = 160s}));
  CHECK(capture.deadline() == std::chrono::nanoseconds::max());
}

TEST_CASE("the file is whole, private and gone with its tap", "[recorder][stats]") {
  const TempDir temp;
  {
    StatsFile file(temp.path(), 17);
    REQUIRE(file.write("{\"a\":1}", 0s));
    REQUIRE(file.write("{}", 1s));
    CHECK(read_file(temp / "17.json") == "{}\n");
    struct stat state{};
    REQUIRE(::stat((temp / "17.json").c_str(), &state) == 0);
    CHECK((state.st_mode & 0777U) == 0600);
    CHECK_FALSE(std::filesystem::exists(temp / "17.json.tmp"));
  }
  CHECK(std::filesystem::is_empty(temp.path()));
}

TEST_CASE("a burst of changes is one write a second, and one at its end", "[recorder][stats]") {
  const TempDir temp;
  StatsFile file(temp.path(), 17);
  CHECK(file.deadline() <= 0s);
  REQUIRE(file.write("1", 100s));
  CHECK(file.deadline() == std::chrono::nanoseconds::max());
  file.touch();
  file.touch();
  CHECK(file.deadline() == 101s);
  REQUIRE(file.write("2", 101s));
  CHECK(file.deadline() == std::chrono::nanoseconds::max());
}

TEST_CASE("a file that cannot be written says why", "[recorder][stats]") {
  StatsFile file("/proc/nowhere", 17);
  const Status written = file.write("{}", 5s);
  REQUIRE_FALSE(written);
  CHECK(written.error().message() == "write /proc/nowhere/17.json: No such file or directory");
  CHECK(file.deadline() == std::chrono::nanoseconds::max());
}

}  // namespace
}  // namespace sonde::recorder
