#include "sinks/emf_document.h"

#include <array>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators_all.hpp>
#include <charconv>
#include <cmath>
#include <numeric>

#include "sinks/emf_checker.h"

namespace sonde::sinks {
namespace {

constexpr std::int64_t kTime = 1'795'176'000'000;

std::vector<double> numbers(std::size_t count, double first = 1) {
  std::vector<double> values(count);
  std::iota(values.begin(), values.end(), first);
  return values;
}

/// The lines of a document with these metrics, each of which must be valid.
std::vector<std::string> lines_of(std::span<const EmfMetric> metrics) {
  const auto layout = EmfLayout::make("N", {{"D"}});
  std::string out;
  const std::size_t count = append_emf_lines(out, {.layout = *layout,
                                                   .timestamp_ms = kTime,
                                                   .head = R"({"event":"x")",
                                                   .first = R"(,"exemplars":[])",
                                                   .dimensions = R"(,"D":"d")",
                                                   .envelope = "",
                                                   .metrics = metrics});
  std::vector<std::string> lines;
  for (std::size_t at = 0; at < out.size();) {
    const std::size_t end = out.find('\n', at);
    lines.push_back(out.substr(at, end - at));
    CHECK(EmfChecker(lines.back()).faults().empty());
    at = end + 1;
  }
  CHECK(lines.size() == count);
  return lines;
}

std::vector<std::size_t> sizes(const std::vector<std::string>& lines, std::string_view metric) {
  std::vector<std::size_t> sizes;
  sizes.reserve(lines.size());
  for (const std::string& line : lines) sizes.push_back(EmfChecker(line).values(metric).size());
  return sizes;
}

EmfMetric metric(std::string_view name, std::span<const double> values) {
  return {.name = name, .unit = "Count", .values = values};
}

/// Metrics `m0`, `m1`, … of the same values, and the names they refer to.
struct Crowd {
  Crowd(std::size_t count, std::span<const double> values) : names(count), metrics(count) {
    for (std::size_t i = 0; i < count; ++i) {
      names[i] = "m" + std::to_string(i);
      metrics[i] = metric(names[i], values);
    }
  }
  std::vector<std::string> names;
  std::vector<EmfMetric> metrics;
};

TEST_CASE("a document is one line", "[sinks][emf]") {
  const std::vector<double> values{1, 2.5};
  const std::vector<EmfMetric> metrics{metric("M", values)};
  CHECK(lines_of(metrics) ==
        std::vector<std::string>{
            R"({"event":"x","exemplars":[],"_aws":{"Timestamp":1795176000000,)"
            R"("CloudWatchMetrics":[{"Namespace":"N","Dimensions":[["D"]],)"
            R"("Metrics":[{"Name":"M","Unit":"Count"}]}]},"D":"d","M":[1,2.5]})"});
}

TEST_CASE("250 values make lines of 100, 100 and 50, the rest stays in the first", "[sinks][emf]") {
  const std::vector<double> many = numbers(250);
  const std::vector<double> one = numbers(1);
  const std::vector<EmfMetric> metrics{metric("many", many), metric("one", one)};
  const auto lines = lines_of(metrics);
  CHECK(sizes(lines, "many") == std::vector<std::size_t>{100, 100, 50});
  CHECK(sizes(lines, "one") == std::vector<std::size_t>{1, 0, 0});
  CHECK(find_member(lines[0], "one") == "1");
  CHECK(find_member(lines[0], "exemplars").has_value());
  CHECK_FALSE(find_member(lines[1], "exemplars").has_value());
}

TEST_CASE("a value left over is written bare", "[sinks][emf]") {
  const std::vector<double> values = numbers(101);
  const std::vector<EmfMetric> metrics{metric("M", values)};
  CHECK(find_member(lines_of(metrics).back(), "M") == "101");
}

TEST_CASE("splitting keeps every value once and in order", "[sinks][emf]") {
  const std::size_t count =
      GENERATE(as<std::size_t>(), 1, 2, 99, 100, 101, 199, 200, 201, 1000, 1001);
  const std::vector<double> values = numbers(count);
  const std::vector<double> fewer = numbers(count / 2 + 1, 0.5);
  const std::vector<EmfMetric> metrics{metric("fewer", fewer), metric("M", values)};
  std::vector<double> seen;
  std::vector<double> seen_fewer;
  for (const std::string& line : lines_of(metrics)) {
    const auto more = EmfChecker(line).values("M");
    seen.insert(seen.end(), more.begin(), more.end());
    const auto others = EmfChecker(line).values("fewer");
    seen_fewer.insert(seen_fewer.end(), others.begin(), others.end());
  }
  CHECK(seen == values);
  CHECK(seen_fewer == fewer);
}

TEST_CASE("a line has at most 100 metrics", "[sinks][emf]") {
  const std::vector<double> one{1};
  const Crowd crowd(250, one);
  std::vector<std::size_t> counts;
  for (const std::string& line : lines_of(crowd.metrics)) {
    counts.push_back(EmfChecker(line).metrics().size());
  }
  CHECK(counts == std::vector<std::size_t>{100, 100, 50});
}

TEST_CASE("metrics with the most values come first, so that lines are few", "[sinks][emf]") {
  const std::vector<double> one{1};
  const std::vector<double> many = numbers(250);
  Crowd crowd(150, one);
  crowd.metrics.push_back(metric("many", many));
  CHECK(sizes(lines_of(crowd.metrics), "many") == std::vector<std::size_t>{100, 100, 50});
}

TEST_CASE("a metric without values is left out", "[sinks][emf]") {
  const std::vector<double> one{1};
  const std::vector<EmfMetric> metrics{metric("none", {}), metric("one", one)};
  const auto lines = lines_of(metrics);
  REQUIRE(lines.size() == 1);
  CHECK(EmfChecker(lines[0]).metrics() == std::vector<std::string>{"one"});
  CHECK(lines_of({}).empty());
}

TEST_CASE("values are written as short as they can be read back", "[sinks][emf]") {
  std::vector<double> values;
  for (int i = 0; i < 2'000'000; i += 1 + i / 100) values.push_back(i / 100.0);
  for (const double value :
       {1.0 / 3, 0.125, 0.005, -1.5, 1e5, 1e20, 5e-324, 10'000.01, 99'999.99}) {
    values.push_back(value);
  }
  for (const double value : values) {
    const std::vector<double> one{value};
    const std::vector<EmfMetric> metrics{metric("M", one)};
    std::array<char, 32> digits;
    const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
    const std::string line = lines_of(metrics)[0];
    REQUIRE(find_member(line, "M") == std::string_view(digits.data(), end));
  }
}

TEST_CASE("what JSON has no word for becomes zero", "[sinks][emf]") {
  const std::vector<double> values{std::nan(""), HUGE_VAL, -HUGE_VAL};
  const std::vector<EmfMetric> metrics{metric("M", values)};
  CHECK(find_member(lines_of(metrics)[0], "M") == "[0,0,0]");
}

}  // namespace
}  // namespace sonde::sinks
