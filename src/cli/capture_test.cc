#include "cli/capture.h"

#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators_all.hpp>

#include "cli/fake_tap.h"
#include "cli/fake_world.h"
#include "recorder/control_request.h"

namespace sonde::cli {
namespace {

constexpr std::string_view kSwitchedOn =
    R"({"ok":true,"capture":{"on":true,"until":"2026-11-20T12:15:00.000Z","errors_only":false}})";

/// A tap that notes what it is asked, and takes every switch.
struct NotingTap {
  explicit NotingTap(const FakeWorld& world, std::string reply = std::string(kSwitchedOn))
      : tap(world.state() + "/control", [this, reply = std::move(reply)](std::string_view request) {
          if (request.find("stats") != std::string_view::npos) return TapDocument{}.text();
          requests.emplace_back(request);
          return reply;
        }) {}

  std::vector<std::string> requests;
  FakeTap tap;
};

/// What the tap understands by the n-th switch that it got.
recorder::CaptureRequest understood(const NotingTap& tap, std::size_t n) {
  REQUIRE(tap.requests.size() > n);
  const auto request = recorder::parse_control_request(tap.requests[n]);
  REQUIRE(request.has_value());
  return std::get<recorder::CaptureRequest>(*request);
}

std::string pid() { return std::to_string(getpid()); }

TEST_CASE("capture is switched on in running taps", "[cli][capture]") {
  FakeWorld world;
  const NotingTap tap(world);
  CHECK(world.run("capture on") == kDone);
  CHECK(world.out == "search (pid " + pid() + "): capture is on until 2026-11-20T12:15:00.000Z\n");
  CHECK(understood(tap, 0) == recorder::CaptureRequest{.on = true});
}

TEST_CASE("how long, and of what, is told to the tap", "[cli][capture]") {
  FakeWorld world;
  const NotingTap tap(world);
  CHECK(world.run("capture on --for 2m --errors-only") == kDone);
  CHECK(world.run("capture off") == kDone);
  CHECK(understood(tap, 0) == recorder::CaptureRequest{.on = true,
                                                       .duration = std::chrono::seconds(120),
                                                       .errors_only = true});
  CHECK(understood(tap, 1) == recorder::CaptureRequest{.on = false});
}

TEST_CASE("only taps of the server named are asked", "[cli][capture]") {
  FakeWorld world;
  const NotingTap tap(world);
  CHECK(world.run("capture on --server other") == kProblem);
  CHECK(world.err ==
        "sonde: capture: none of 1 running taps is called `other`; `sonde doctor` "
        "lists them\n");
  CHECK(tap.requests.empty());
  CHECK(world.run("capture on --server sea*") == kDone);
}

TEST_CASE("the status changes nothing", "[cli][capture]") {
  FakeWorld world;
  const NotingTap tap(world);
  CHECK(world.run("capture status") == kDone);
  CHECK(world.out == "search (pid " + pid() + "): capture is off\n");
  CHECK(world.run("capture status --json") == kDone);
  CHECK(world.out == R"({"server":"search","pid":)" + pid() +
                         R"(,"ok":true,"on":false,"until":"","error":""})"
                         "\n");
  CHECK(tap.requests.empty());
}

TEST_CASE("a tap that refuses is a problem", "[cli][capture]") {
  FakeWorld world;
  const NotingTap tap(world, R"({"ok":false,"error":"not now"})");
  CHECK(world.run("capture on") == kProblem);
  CHECK(world.out == "search (pid " + pid() + "): not now\n");
}

TEST_CASE("an answer without sense is a problem", "[cli][capture]") {
  FakeWorld world;
  const NotingTap tap(world, "what?");
  CHECK(world.run("capture on") == kProblem);
  CHECK(world.out == "search (pid " + pid() + "): the tap gave no sense\n");
}

TEST_CASE("without a tap capture says how to get one", "[cli][capture]") {
  FakeWorld world;
  CHECK(world.run("capture on") == kProblem);
  CHECK(world.err == "sonde: capture: no tap is running; start one with `sonde wrap -- COMMAND`\n");
}

TEST_CASE("a wrong switch is half understood by nobody", "[cli][capture]") {
  FakeWorld world;
  const NotingTap tap(world);
  const auto [options, complaint] = GENERATE(table<std::string, std::string>({
      {"offf", "`offf` is not on, off or status; did you mean `off`?"},
      {"on --for 2d", "--for: capture can last from 1s to 24h"},
      {"on --for 0", "--for: capture can last from 1s to 24h"},
      {"on --for soon", "--for: `soon` is no duration; write 500ms, 30s, 5m, 2h or 7d"},
      {"off --for 2m", "--for and --errors-only go with `on`"},
  }));
  CHECK(world.run("capture " + options) == kUsage);
  CHECK(world.err == "sonde: capture: " + complaint + "\n");
  CHECK(tap.requests.empty());
}

}  // namespace
}  // namespace sonde::cli
