#include "wrap/noise.h"

#include <catch2/catch_test_macros.hpp>

namespace sonde::wrap {
namespace {

using namespace std::chrono_literals;

TEST_CASE("noise is told once, with the numbers of its first lines", "[wrap][noise]") {
  ManualClock clock;
  Noise noise;
  CHECK(noise.next_due() == std::chrono::nanoseconds::max());
  for (std::uint64_t line = 3; line < 10; ++line) noise.take(line, clock.now());
  CHECK(noise.next_due() == clock.now().monotonic + 1s);

  const auto report = noise.report(clock.now());
  REQUIRE(report);
  CHECK(report->type == Event::Type::kServerNoise);
  CHECK(report->count == 7);
  CHECK(report->message ==
        "the server wrote to stdout what is no JSON-RPC, at line 3, 4, 5, 6, 7, …");
  CHECK_FALSE(noise.report(clock.now()));
}

TEST_CASE("the next report waits for a minute", "[wrap][noise]") {
  ManualClock clock;
  Noise noise;
  noise.take(1, clock.now());
  noise.report(clock.now());
  clock.advance(10s);
  noise.take(2, clock.now());
  CHECK(noise.next_due() == clock.now().monotonic + 50s);
}

}  // namespace
}  // namespace sonde::wrap
