#include "base/timestamp.h"

#include <catch2/catch_test_macros.hpp>

namespace sonde {
namespace {

std::string rfc3339(std::chrono::nanoseconds wall) {
  std::string text;
  append_rfc3339(text, wall);
  return text;
}

TEST_CASE("a moment reads as the calendar says", "[base][timestamp]") {
  using namespace std::chrono;
  CHECK(rfc3339(0s) == "1970-01-01T00:00:00.000Z");
  CHECK(rfc3339(951'782'400s) == "2000-02-29T00:00:00.000Z");
  CHECK(rfc3339(1'795'176'000s + 7ms) == "2026-11-20T12:00:00.007Z");
}

TEST_CASE("a fraction of a millisecond is cut", "[base][timestamp]") {
  CHECK(rfc3339(std::chrono::nanoseconds(999'999'999)) == "1970-01-01T00:00:00.999Z");
}

}  // namespace
}  // namespace sonde
