#include "alarm/statistics.h"

#include <catch2/catch_approx.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <numeric>
#include <string>
#include <vector>

namespace sonde::alarm {
namespace {

using Catch::Approx;

std::optional<double> of(std::string_view statistic, std::vector<double> values) {
  const auto parsed = parse_statistic(statistic);
  if (!parsed) FAIL(parsed.error().message());
  return compute(*parsed, values);
}

/// 1 to n, from the largest down.
std::vector<double> numbers(std::size_t n) {
  std::vector<double> values(n);
  std::iota(values.rbegin(), values.rend(), 1);
  return values;
}

TEST_CASE("the simple statistics", "[alarm][statistics]") {
  CHECK(of("SampleCount", {3, -1, 4}) == 3);
  CHECK(of("Average", {3, -1, 4}) == 2);
  CHECK(of("Sum", {3, -1, 4}) == 6);
  CHECK(of("Minimum", {3, -1, 4}) == -1);
  CHECK(of("Maximum", {3, -1, 4}) == 4);
}

TEST_CASE("a percentile is by nearest rank", "[alarm][statistics]") {
  CHECK(of("p50", {10, 20, 30, 40}) == 20);
  CHECK(of("p51", {10, 20, 30, 40}) == 30);
  CHECK(of("p99", numbers(100)) == 99);
  CHECK(of("p99", numbers(101)) == 100);
  CHECK(of("p99.9", numbers(1000)) == 999);
  CHECK(of("p0", {7, 8}) == 7);
  CHECK(of("p100", {7, 8}) == 8);
  CHECK(of("p99", {7}) == 7);
}

TEST_CASE("trimmed statistics in percent take parts of values", "[alarm][statistics]") {
  CHECK(of("tc90", numbers(5)) == Approx(4.5));
  CHECK(of("ts90", numbers(5)) == Approx(1 + 2 + 3 + 4 + 2.5));
  CHECK(of("tm90", numbers(5)) == Approx(12.5 / 4.5));
  CHECK(of("TM(:90%)", numbers(5)) == of("tm90", numbers(5)));
  CHECK(of("TM(10%:90%)", numbers(10)) == Approx(5.5));
  CHECK(of("TC(80%:)", numbers(10)) == Approx(2));
  // The textbook's example of an interquartile mean that cuts through values.
  CHECK(of("IQM", {1, 3, 5, 7, 9, 11, 13, 15, 17}) == Approx(9));
  CHECK(of("IQM", {5, 8, 4, 38, 8, 6, 9, 7, 7, 3, 1, 6}) == Approx(6.5));
}

TEST_CASE("absolute bounds exclude the lower and include the upper", "[alarm][statistics]") {
  CHECK(of("TC(2:4)", numbers(5)) == 2);
  CHECK(of("TS(2:4)", numbers(5)) == 7);
  CHECK(of("TM(2:4)", numbers(5)) == 3.5);
  CHECK(of("PR(:300)", {100, 300, 301, 900}) == 50);
  CHECK(of("PR(300:)", {100, 300, 301, 900}) == 50);
  CHECK(of("PR(1000:)", {100}) == 0);
  CHECK_FALSE(of("TM(1000:)", {100}));
}

TEST_CASE("a winsorized mean moves what lies outside to the bound", "[alarm][statistics]") {
  CHECK(of("WM(:80%)", {1, 2, 3, 4, 100}) == Approx((1 + 2 + 3 + 4 + 4) / 5.0));
  CHECK(of("wm80", {1, 2, 3, 4, 100}) == Approx(14 / 5.0));
  CHECK(of("WM(20%:80%)", {1, 2, 3, 4, 100}) == Approx((2 + 2 + 3 + 4 + 4) / 5.0));
  CHECK(of("WM(2:10)", {1, 5, 100}) == Approx((2 + 5 + 10) / 3.0));
}

TEST_CASE("no values have no statistic, negative ones no percentile", "[alarm][statistics]") {
  CHECK_FALSE(of("Sum", {}));
  CHECK_FALSE(of("p99", {}));
  CHECK_FALSE(of("p99", {-1, 2}));
  CHECK_FALSE(of("TM(:90%)", {-1, 2}));
}

TEST_CASE("what is no statistic is refused", "[alarm][statistics]") {
  const std::string text = GENERATE(
      "", "sum", "p", "p101", "p-1", "p99.12345678901", "p1e1", "p.5", "p5.", "P99", "tm0", "tm",
      "TM()", "TM(:)", "TM(10%)", "TM(10%:90)", "TM(90%:10%)", "TM(10%:10%)", "TM(:101%)",
      "TM(100%:)", "TM(a:b)", "PR(10%:)", "XX(1:2)", "IQM(1:2)", "TM(1:2", "PR(5:5)");
  CAPTURE(text);

  CHECK_FALSE(parse_statistic(text));
}

}  // namespace
}  // namespace sonde::alarm
