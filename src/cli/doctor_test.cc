#include "cli/doctor.h"

#include <algorithm>
#include <filesystem>
#include <string>

#include <sys/stat.h>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators_all.hpp>

#include "base/json_reader.h"
#include "cli/fake_tap.h"
#include "cli/fake_world.h"
#include "config/value.h"
#include "sinks/emf_series.h"

namespace sonde::cli {
namespace {

void write_stats(const FakeWorld& world, const TapDocument& tap) {
  world.write(".local/state/sonde/control/" + std::to_string(tap.pid) + ".json", tap.text());
}

FakeTap living_tap(const FakeWorld& world, const TapDocument& tap) {
  return FakeTap(world.state() + "/control",
                 [text = tap.text()](std::string_view) { return text; });
}

bool said(const FakeWorld& world, std::string_view text) {
  return world.out_at_home().find(text) != std::string::npos;
}

TEST_CASE("with nothing there yet everything is well", "[cli][doctor]") {
  FakeWorld world;
  CHECK(world.run("doctor") == kDone);
  CHECK(world.out_at_home() ==
        "sonde " + std::string(version()) +
            "\n\n"
            "Configuration\n"
            "  ok    no file; everything is at its default\n"
            "\n"
            "Folders\n"
            "  ok    ~/.local/state/sonde: state folder, made at first use\n"
            "  ok    ~/.local/state/sonde/log: log folder, made at first use\n"
            "\n"
            "Privacy\n"
            "  ok    ~/.local/state/sonde/hash.key: the hash key will be made at first use\n"
            "\n"
            "Running taps\n"
            "  ok    none is running\n"
            "\n"
            "Everything works.\n");
  CHECK_FALSE(std::filesystem::exists(world.state()));  // Looking leaves no traces.
}

TEST_CASE("what is configured is shown with where it comes from", "[cli][doctor]") {
  FakeWorld world;
  world.write(".config/sonde/sonde.yaml", "emf.mode: off\n");
  world.variables["SONDE_ENVIRONMENT"] = "qa";
  CHECK(world.run("doctor") == kDone);
  CHECK(said(world,
             "  ok    ~/.config/sonde/sonde.yaml: read\n"
             "        environment: \"qa\"  (environment)\n"
             "        emf.mode: off  (file)\n"));
}

TEST_CASE("alarms are told of where something is meant for AWS", "[cli][doctor]") {
  FakeWorld world;
  world.io.alarms = [](const Arguments&, const Io&) {
    return Findings{{.what = "is off: alarms.p50_max is not set", .where = "A", .advice = {}}};
  };
  CHECK(world.run("doctor") == kDone);
  CHECK_FALSE(said(world, "Alarms"));
  world.write(".config/sonde/sonde.yaml", "alarms.capacity_cps: 5\n");
  CHECK(world.run("doctor") == kDone);
  CHECK(said(world, "Alarms on AWS\n  ok    A: is off: alarms.p50_max is not set\n"));
}

TEST_CASE("faults of the configuration are red, each with its place", "[cli][doctor]") {
  FakeWorld world;
  world.write(".config/sonde/sonde.yaml", "emf:\n  modee: inline\nlog:\n  files_max: many\n");
  world.variables["SONDE_LOG_TO_FILE"] = "perhaps";
  CHECK(world.run("doctor") == kProblem);
  CHECK(said(world,
             "  red   ~/.config/sonde/sonde.yaml:2:3: emf.modee: unknown key\n"
             "        did you mean `emf.mode`?\n"));
  CHECK(said(world, "sonde.yaml:4:14: log.files_max: `many` is no whole number\n"));
  CHECK(said(world, "environment: SONDE_LOG_TO_FILE: `perhaps` is neither true nor false\n"));
  CHECK(said(world, "\nSomething does not work: see what is red.\n"));
}

TEST_CASE("a variable that nobody reads is told with the nearest one", "[cli][doctor]") {
  FakeWorld world;
  world.io.variables = {"PATH", "SONDE_ENVIROMENT", "SONDE_CONFIG", "SONDE_NAME"};
  CHECK(world.run("doctor") == kDone);
  CHECK(said(world,
             "  warn  SONDE_ENVIROMENT: this variable is set, but nothing reads it\n"
             "        did you mean `SONDE_ENVIRONMENT`?\n"));
  CHECK_FALSE(said(world, "SONDE_NAME"));
}

TEST_CASE("a file where a folder should be is told", "[cli][doctor]") {
  FakeWorld world;
  world.write(".local", "");
  CHECK(world.run("doctor") == kProblem);
  CHECK(
      said(world, "  red   ~/.local: state folder cannot be made: this is a file, not a folder\n"));
}

TEST_CASE("a state folder that others may read is told", "[cli][doctor]") {
  FakeWorld world;
  std::filesystem::create_directories(world.state());
  chmod(world.state().c_str(), 0755);
  CHECK(world.run("doctor") == kDone);
  CHECK(said(world,
             "  warn  ~/.local/state/sonde: other users may look into this folder\n"
             "        chmod 700 it\n"));
  chmod(world.state().c_str(), 0700);
  world.run("doctor");
  CHECK(said(world, "Everything works.\n"));
}

TEST_CASE("a key that cannot be used is red", "[cli][doctor]") {
  FakeWorld world;
  world.write(".config/sonde/sonde.yaml", "privacy.hash_key: env:NO_SUCH_VARIABLE_AT_ALL\n");
  CHECK(world.run("doctor") == kProblem);
  CHECK(said(world, "  red   privacy.hash_key: "));
}

TEST_CASE("a redaction pattern that cannot be read is red", "[cli][doctor]") {
  FakeWorld world;
  world.write(".config/sonde/sonde.yaml", "privacy.redact_patterns: [\"(\"]\n");
  CHECK(world.run("doctor") == kProblem);
  CHECK(said(world, "  red   redaction: "));
}

TEST_CASE("metrics know every dimension that the configuration allows", "[cli][doctor]") {
  const config::Field& field = *config::find_field("emf.dimensions");
  for (const std::string_view name : sinks::known_dimensions()) {
    CHECK(config::parse_value(field, name));
    CHECK(field.check("?").find(name) != std::string_view::npos);
  }
  CHECK(std::ranges::count(field.check("?"), ',') ==
        static_cast<std::ptrdiff_t>(sinks::known_dimensions().size()) - 2);
}

TEST_CASE("an agent that nobody runs is red", "[cli][doctor]") {
  FakeWorld world;
  world.variables["AWS_EMF_AGENT_ENDPOINT"] = "tcp://127.0.0.1:1";
  CHECK(world.run("doctor") == kProblem);
  CHECK(said(world,
             "  red   tcp://127.0.0.1:1: the CloudWatch agent cannot be reached: "
             "Connection refused\n"));
  world.variables["SONDE_EMF_MODE"] = "off";
  CHECK(world.run("doctor") == kDone);
}

TEST_CASE("a tap that answers is well", "[cli][doctor]") {
  FakeWorld world;
  const FakeTap tap = living_tap(world, {});
  CHECK(world.run("doctor") == kDone);
  CHECK(
      said(world, "  ok    tap of search (pid " + std::to_string(getpid()) + "): running well\n"));
  CHECK(world.run("doctor --json") == kDone);
  const std::string taps(find_member(world.out, "taps").value_or(""));
  CHECK(taps == '[' + TapDocument{}.text() + ']');
  CHECK(find_member(world.out, "ok") == "true");
}

TEST_CASE("a proxy that is well says what is there", "[cli][doctor]") {
  FakeWorld world;
  const FakeTap tap = living_tap(
      world, {.gauges = R"("gauges":{"active_sse_streams":4,"active_users":2,"mcp_sessions":9,)"
                        R"("idle_mcp_sessions":5},)"});
  CHECK(world.run("doctor") == kDone);
  CHECK(said(world, "  ok    tap of search (pid " + std::to_string(getpid()) +
                        "): running well: 9 MCP sessions (5 idle), 4 event streams, "
                        "2 users in 5 minutes\n"));
}

TEST_CASE("a server that is down is red, a degraded one a warning", "[cli][doctor]") {
  const auto [state, code] =
      GENERATE(table<std::string, int>({{"down", kProblem}, {"degraded", kDone}, {"up", kDone}}));
  FakeWorld world;
  const FakeTap tap = living_tap(world, {.gauges = R"("servers":[{"name":"db","state":")" + state +
                                                   R"(","reason":"no answer in time"}],)"});
  CHECK(world.run("doctor") == code);
  CHECK(said(world, "server db is " + state + ": no answer in time\n") == (state != "up"));
}

TEST_CASE("what a tap has lost is told with what to do", "[cli][doctor]") {
  FakeWorld world;
  const FakeTap tap = living_tap(
      world,
      {.counters = R"({"calls_finished":7,"records_dropped":3,"log_rotations":2,"unheard":1})"});
  CHECK(world.run("doctor") == kDone);
  CHECK(said(world, "  warn  tap of search (pid " + std::to_string(getpid()) +
                        "): 3 records lost because the queue was full (records_dropped)\n"
                        "        raise wrap.queue_records_max, or look for a slow disk\n"));
  CHECK_FALSE(said(world, "log_rotations"));
  CHECK(said(world, "\nEverything works; see the warnings.\n"));
}

TEST_CASE("a tap's failing sink and faulty configuration are red", "[cli][doctor]") {
  FakeWorld world;
  const FakeTap tap =
      living_tap(world, {.counters = R"({"config_errors":1})",
                         .sinks = R"([{"name":"agent","ok":false,"error":"refused"}])",
                         .faults = R"(["s.yaml:1:1: x: unknown key"])"});
  CHECK(world.run("doctor") == kProblem);
  CHECK(said(world, "sink agent fails: refused\n"));
  CHECK(said(world, "s.yaml:1:1: x: unknown key\n"));
  CHECK_FALSE(said(world, "config_errors"));
}

TEST_CASE("a tap that runs but does not answer is red", "[cli][doctor]") {
  FakeWorld world;
  write_stats(world, {});
  CHECK(world.run("doctor") == kProblem);
  CHECK(said(world, "): does not answer: "));
  CHECK(said(world, "its counters are those of 2026-11-20T11:59:00.000Z"));
}

TEST_CASE("files of taps that are gone are removed", "[cli][doctor]") {
  FakeWorld world;
  const TapDocument dead{.pid = 0x3ffffff};
  write_stats(world, dead);
  CHECK(world.run("doctor") == kDone);
  CHECK(said(world, "  ok    removed 1 files of taps that are gone\n"));
  CHECK(world.run("doctor --json") == kDone);
  CHECK(find_member(world.out, "taps") == "[]");
}

TEST_CASE("what a tap says cannot act on the terminal", "[cli][doctor]") {
  FakeWorld world;
  const FakeTap tap = living_tap(world, {.server = R"(\u001b[2J)", .faults = R"(["\u001b[31m"])"});
  world.run("doctor");
  CHECK(world.out.find('\x1b') == std::string::npos);
}

TEST_CASE("json holds every finding", "[cli][doctor]") {
  FakeWorld world;
  world.write(".config/sonde/sonde.yaml", "nam: x\n");
  CHECK(world.run("doctor --json") == kProblem);
  CHECK(find_member(world.out, "ok") == "false");
  JsonElements findings(find_member(world.out, "findings").value_or("[]"));
  REQUIRE(findings.next());
  CHECK(find_member(findings.value(), "level") == "\"red\"");
  CHECK(find_member(findings.value(), "what") == "\"unknown key\"");
  CHECK(find_member(findings.value(), "section") == "\"Configuration\"");
}

}  // namespace
}  // namespace sonde::cli
