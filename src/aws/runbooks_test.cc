#include "aws/runbooks.h"

#include <catch2/catch_test_macros.hpp>

#include <algorithm>
#include <array>

namespace sonde::aws {
namespace {

DefaultAlarms two_alarms() {
  DefaultAlarms alarms;
  DefaultAlarm one;
  one.kind = Kind::kServerDown;
  alarms.alarms = {one, one};
  return alarms;
}

TEST_CASE("each kind of alarm has a run-book, and each run-book an alarm", "[aws][runbooks]") {
  for (const KindInfo& kind : kKinds) {
    INFO(kind.slug);
    CHECK(std::ranges::find(runbooks(), kind.slug) != runbooks().end());
  }
  for (const std::string_view page : runbooks()) {
    INFO(page);
    CHECK(std::ranges::find(kKinds, page, &KindInfo::slug) != kKinds.end());
  }
  CHECK(std::ranges::is_sorted(runbooks()));
}

TEST_CASE("an alarm without a run-book is told, once for its kind", "[aws][runbooks]") {
  CHECK(without_runbook(two_alarms()).empty());
  constexpr std::array<std::string_view, 1> kOnlyPage = {"page"};
  const auto told = without_runbook(two_alarms(), kOnlyPage);
  REQUIRE(told.size() == 1);
  CHECK(told[0].find("server-down.md") != std::string::npos);
}

}  // namespace
}  // namespace sonde::aws
