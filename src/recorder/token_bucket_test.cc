#include "recorder/token_bucket.h"

#include <catch2/catch_test_macros.hpp>

namespace sonde::recorder {
namespace {

using namespace std::chrono_literals;

TEST_CASE("a bucket holds one second's worth", "[recorder][tokens]") {
  TokenBucket bucket(1000, 5s);
  CHECK(bucket.take(600, 5s));
  CHECK(bucket.take(400, 5s));
  CHECK_FALSE(bucket.take(1, 5s));
}

TEST_CASE("a bucket fills with time, but not above its brim", "[recorder][tokens]") {
  TokenBucket bucket(1000, 0s);
  REQUIRE(bucket.take(1000, 0s));
  CHECK_FALSE(bucket.take(101, 100ms));
  CHECK(bucket.take(100, 100ms));
  CHECK_FALSE(bucket.take(1001, 1h));
  CHECK(bucket.take(1000, 1h));
}

TEST_CASE("many small steps of time add up", "[recorder][tokens]") {
  TokenBucket bucket(1000, 0s);
  REQUIRE(bucket.take(1000, 0s));
  for (auto now = 0us; now < 100ms; now += 100us) bucket.take(1'000'000, now);
  CHECK(bucket.take(99, 100ms));
}

TEST_CASE("a rate of nothing lets nothing through", "[recorder][tokens]") {
  TokenBucket bucket(0, 0s);
  CHECK_FALSE(bucket.take(1, 1h));
}

}  // namespace
}  // namespace sonde::recorder
