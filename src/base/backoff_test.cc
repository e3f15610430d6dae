#include "base/backoff.h"

#include <catch2/catch_test_macros.hpp>

namespace sonde {
namespace {

using namespace std::chrono_literals;

TEST_CASE("a wait doubles up to its limit, with jitter", "[base][backoff]") {
  Random random(1);
  Backoff backoff({.first = 100ms, .max = 350ms});
  for (const auto full : {100ms, 200ms, 350ms, 350ms}) {
    const auto wait = backoff.next(random);
    CHECK(wait >= full / 2);
    CHECK(wait <= full);
  }
  backoff.reset();
  CHECK(backoff.next(random) <= 100ms);
}

TEST_CASE("two owners wait for different times", "[base][backoff]") {
  Random one(1);
  Random two(2);
  CHECK(Backoff({}).next(one) != Backoff({}).next(two));
}

}  // namespace
}  // namespace sonde
