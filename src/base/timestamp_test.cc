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

TEST_CASE("what was written before a moment makes no difference", "[base][timestamp]") {
  using namespace std::chrono;
  CHECK(rfc3339(1'795'176'000s + 7ms) == "2026-11-20T12:00:00.007Z");
  CHECK(rfc3339(1'795'176'000s + 999ms) == "2026-11-20T12:00:00.999Z");
  CHECK(rfc3339(1'795'176'001s) == "2026-11-20T12:00:01.000Z");
  CHECK(rfc3339(1'795'176'000s) == "2026-11-20T12:00:00.000Z");
  CHECK(rfc3339(0s) == "1970-01-01T00:00:00.000Z");
}

TEST_CASE("a fraction of a millisecond is cut", "[base][timestamp]") {
  CHECK(rfc3339(std::chrono::nanoseconds(999'999'999)) == "1970-01-01T00:00:00.999Z");
}

TEST_CASE("a written moment is read back", "[base][timestamp]") {
  using namespace std::chrono;
  CHECK(parse_rfc3339(rfc3339(1'795'176'000s + 7ms)) == 1'795'176'000s + 7ms);
  CHECK(parse_rfc3339("2026-11-20T12:00:00Z") == 1'795'176'000s);
  CHECK(parse_rfc3339("2026-11-20T12:00:00.5Z") == 1'795'176'000s + 500ms);
  CHECK(parse_rfc3339("2026-11-20T12:00:00.1234567899999Z") == 1'795'176'000s + 123'456'789ns);
  CHECK(parse_rfc3339("2026-11-20T14:00:00+02:00") == 1'795'176'000s);
  CHECK(parse_rfc3339("2026-11-20 09:30:00-02:30") == 1'795'176'000s);
}

TEST_CASE("what is no moment is not read", "[base][timestamp]") {
  for (const char* text :
       {"", "2026", "2026-11-20", "2026-11-20T12:00:00", "2026-13-20T12:00:00Z",
        "2026-02-30T12:00:00Z", "2026-11-20T24:00:00Z", "2026-11-20T12:60:00Z",
        "2026-11-20T12:00:00.Z", "2026-11-20T12:00:00Zx", "2026-11-20T12:00:00+0200",
        "1969-12-31T23:59:59Z", "9999-01-01T00:00:00Z", "2o26-11-20T12:00:00Z"}) {
    INFO(text);
    CHECK_FALSE(parse_rfc3339(text));
  }
}

}  // namespace
}  // namespace sonde
