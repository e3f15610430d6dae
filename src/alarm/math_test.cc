#include "alarm/math.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <string>
#include <string_view>
#include <vector>

#include "alarm/math_expression.h"

namespace sonde::alarm {
namespace {

using Catch::Matchers::ContainsSubstring;

/// "20 0 - 7.5": one value for each period, - for none.
Series series(std::string_view text) {
  Series points;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(' '), text.size());
    const std::string word(text.substr(0, end));
    points.push_back(word == "-" ? std::nullopt : std::optional(std::stod(word)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return points;
}

MetricQuery metric(std::string id) {
  return {.id = std::move(id),
          .source = MetricStat{.period = std::chrono::seconds(300)},
          .return_data = false};
}

/// The expressions e1, e2, … over m1, m2, … (and calls, errors); the last one is returned.
Result<MathProgram> program(std::size_t metrics, const std::vector<std::string>& expressions) {
  std::vector<MetricQuery> queries;
  for (std::size_t i = 1; i <= metrics; ++i) queries.push_back(metric("m" + std::to_string(i)));
  for (std::size_t i = 1; i <= expressions.size(); ++i) {
    queries.push_back({.id = "e" + std::to_string(i),
                       .source = expressions[i - 1],
                       .return_data = i == expressions.size()});
  }
  return MathProgram::make(queries);
}

Series of(const std::string& expression, const std::vector<std::string_view>& metrics) {
  const auto made = program(metrics.size(), {expression});
  if (!made) FAIL(made.error().message());
  std::vector<Series> stats;
  for (const std::string_view text : metrics) stats.push_back(series(text));
  return made->evaluate(stats);
}

std::string refusal(const std::vector<std::string>& expressions) {
  const auto made = program(2, expressions);
  if (made) return "taken";
  return made.error().message();
}

TEST_CASE("the error rate: a missing side is 0, and nothing is divided by 0", "[alarm][math]") {
  CHECK(of("100*m1/m2", {"2 - 0 - 5 3", "10 10 - - 0 4"}) == series("20 0 - - - 75"));
}

TEST_CASE("comparisons and AND give 1 and 0", "[alarm][math]") {
  const std::vector<std::string_view> metrics{"30 20 0 0", "20 - 20 -"};
  CHECK(of("m1<m2", metrics) == series("0 0 1 0"));
  CHECK(of("m1>=30", metrics) == series("1 0 0 0"));
  CHECK(of("m1>15 AND m2>15", metrics) == series("1 0 0 0"));
  CHECK(of("m1>15 && m2>15", metrics) == series("1 0 0 0"));
  CHECK(of("m1>25 OR m2>15", metrics) == series("1 0 1 0"));
  CHECK(of("m2==20", metrics) == series("1 - 1 -"));
  CHECK(of("m2!=20", metrics) == series("0 - 0 -"));
}

TEST_CASE("IF follows the guide's table of 2023", "[alarm][math]") {
  const std::vector<std::string_view> metrics{"1 1 0 0 -", "30 - 0 0 30", "0 0 20 - 20"};
  CHECK(of("IF(m1,m2,m3)", metrics) == series("30 0 20 - -"));
  CHECK(of("IF(m1,5,m3)", metrics) == series("5 5 20 - -"));
  CHECK(of("IF(m1,m2,5)", metrics) == series("30 0 5 5 -"));
  CHECK(of("IF(m1,m2)", metrics) == series("30 0 - - -"));
  CHECK(of("IF(1 > 2, m2, m3)", metrics) == series("0 0 20 - 20"));
}

TEST_CASE("the guarded error rate of our alarms", "[alarm][math]") {
  CHECK(of("IF(m1>=20, 100*m2/m1, 0)", {"100 19 20 -", "6 19 - -"}) == series("6 0 0 -"));
}

TEST_CASE("FILL fills with a number, a series, the last value or a line", "[alarm][math]") {
  const std::vector<std::string_view> metrics{"- 1 - - 4 -", "9 9 8 - 9 9"};
  CHECK(of("FILL(m1, 0)", metrics) == series("0 1 0 0 4 0"));
  CHECK(of("FILL(m1, m2)", metrics) == series("9 1 8 - 4 9"));
  CHECK(of("FILL(m1, REPEAT)", metrics) == series("- 1 1 1 4 4"));
  CHECK(of("FILL(m1, LINEAR)", metrics) == series("- 1 2 3 4 -"));
  CHECK(of("MIN(FILL(METRICS(), 0))", metrics) == series("0 1 0 0 4 0"));
}

TEST_CASE("functions of one series", "[alarm][math]") {
  CHECK(of("ABS(m1)", {"-1.5 2 -"}) == series("1.5 2 -"));
  CHECK(of("CEIL(m1)", {"-1.5 1.2 -"}) == series("-1 2 -"));
  CHECK(of("FLOOR(m1)", {"-1.5 1.2 -"}) == series("-2 1 -"));
  CHECK(of("LOG10(m1)", {"100 0 -"}) == series("2 - -"));
  CHECK(of("DIFF(m1)", {"1 4 - 2"}) == series("- 3 - -2"));
  CHECK(of("RATE(m1)", {"0 300 - 900"}) == series("- 1 - 1"));
  CHECK(of("m1/PERIOD(m1)", {"600 -"}) == series("2 -"));
  CHECK(of("m1 - AVG(m1)", {"1 - 3"}) == series("-1 - 1"));
  CHECK(of("m1 / SUM(m1)", {"- -"}) == series("- -"));
}

TEST_CASE("functions of an array take what is there", "[alarm][math]") {
  const std::vector<std::string_view> metrics{"1 - 3 -", "5 6 - -"};
  CHECK(of("MAX(METRICS())", metrics) == series("5 6 3 -"));
  CHECK(of("MIN([m1, m2])", metrics) == series("1 6 3 -"));
  CHECK(of("AVG([m1, m2])", metrics) == series("3 6 3 -"));
  CHECK(of("SUM(METRICS())", metrics) == series("6 6 3 -"));
  CHECK(of("SUM(METRICS(\"2\"))", metrics) == series("5 6 - -"));
  CHECK(of("SUM(METRICS() * 2)", metrics) == series("12 12 6 -"));
  CHECK(of("SUM([m1, m2] / [m2, m1])", {"1 2", "2 4"}) == series("2.5 2.5"));
}

TEST_CASE("operators bind as in arithmetic", "[alarm][math]") {
  CHECK(of("m1 + 2 * 3", {"1"}) == series("7"));
  CHECK(of("(m1 + 2) * 3", {"1"}) == series("9"));
  CHECK(of("m1 - 2 - 3", {"10"}) == series("5"));
  CHECK(of("-m1 ^ 2", {"3"}) == series("-9"));
  CHECK(of("m1 ^ 3 ^ 2", {"2"}) == series("512"));
  CHECK(of("m1 ^ -1", {"2"}) == series("0.5"));
  CHECK(of("m1 > 1 + 1 AND m1 < 5 OR m1 == 9", {"3 9 7"}) == series("1 1 0"));
  CHECK(of("1e3 * m1 - .5", {"1"}) == series("999.5"));
}

TEST_CASE("what is not finite is no value", "[alarm][math]") {
  CHECK(of("m1 ^ 1000", {"10 1"}) == series("- 1"));
  CHECK(of("0 ^ (0 - m1)", {"1"}) == series("-"));
}

TEST_CASE("expressions may need others that stand behind them", "[alarm][math]") {
  const std::vector<MetricQuery> queries{{.id = "rate", .source = "100 * bad / m1"},
                                         metric("m1"),
                                         {.id = "bad", .source = "m2 + m3", .return_data = false},
                                         metric("m2"),
                                         metric("m3")};
  const auto made = MathProgram::make(queries);
  REQUIRE(made);
  CHECK(made->stats().size() == 3);
  CHECK(made->period() == std::chrono::seconds(300));
  CHECK_FALSE(made->plain());

  CHECK(made->evaluate(std::vector<Series>{series("10"), series("1"), series("2")}) ==
        series("30"));
}

TEST_CASE("a single statistic is compared as it is", "[alarm][math]") {
  std::vector<MetricQuery> queries{metric("")};
  queries[0].return_data = true;
  const auto made = MathProgram::make(queries);
  REQUIRE(made);
  CHECK(made->plain());
  CHECK(made->evaluate(std::vector<Series>{series("1 -")}) == series("1 -"));
}

TEST_CASE("what cannot be computed is refused with the reason", "[alarm][math]") {
  const auto [expression, reason] = GENERATE(table<std::string, std::string>({
      {"", "ends where a value is expected"},
      {"m1 +", "ends where a value is expected"},
      {"m1 m2", "character 4: expected an operator"},
      {"(m1", "expected an operator or )"},
      {"[m1", "expected a comma or ]"},
      {"1m", "a number runs into a name"},
      {"1.2.3", "a number runs into a name"},
      {"m1 % 2", "expected an operator"},
      {"m9", "unknown id `m9`; did you mean `m1`?"},
      {"e1", "need each other"},
      {"5", "gives a number"},
      {"SUM(m1)", "gives a number"},
      {"METRICS()", "gives several series"},
      {"[m1, m2]", "gives several series"},
      {"SUM(m1, m2)", "SUM takes 1 argument; several series go in an array"},
      {"IF(m1)", "IF takes 2 or 3 arguments"},
      {"IF(METRICS(), 1)", "IF does not take arrays"},
      {"SUM(5)", "not of a number"},
      {"RATE(5)", "of a series"},
      {"PERIOD(METRICS())", "PERIOD is of a series"},
      {"FILL(5, 1)", "FILL is of a series"},
      {"FILL(m1, METRICS())", "FILL takes"},
      {"m1 + REPEAT", "REPEAT belongs into FILL"},
      {"FILL(REPEAT, m1)", "REPEAT belongs into FILL"},
      {"REPEAT", "a text is no value"},
      {"m1 + \"x\"", "belongs into METRICS"},
      {"SUM(METRICS(m1))", "METRICS takes a text"},
      {"SUM(METRICS(\"zz\"))", "finds no metric"},
      {"SUM([m1, 5])", "holds series, not numbers"},
      {"SUM([])", "without series"},
      {"SUM([m1, m2] + [m1])", "do not pair"},
      {"SEARCH('x', 'Sum', 60)", "not allowed in alarms"},
      {"STDDEV(m1)", "STDDEV is a function of CloudWatch that is not supported here"},
      {"FLOR(m1)", "did you mean `FLOOR`?"},
      {"METRICS(\"a)", "has no end"},
  }));
  CAPTURE(expression);

  CHECK_THAT(refusal({expression}), ContainsSubstring(reason));
}

TEST_CASE("expressions that need each other are refused", "[alarm][math]") {
  CHECK_THAT(refusal({"e2", "e1"}), ContainsSubstring("need each other"));
}

TEST_CASE("brackets, exponents and arrays have limits", "[alarm][math]") {
  CHECK(refusal({std::string(64, '(') + "m1" + std::string(64, ')')}) == "taken");
  CHECK_THAT(refusal({std::string(65, '(') + "m1" + std::string(65, ')')}),
             ContainsSubstring("too deeply"));
  std::string powers = "m1";
  for (int i = 0; i < 70; ++i) powers += "^1";
  CHECK_THAT(refusal({powers}), ContainsSubstring("too many exponents"));
  std::string metrics = "METRICS()";
  for (int i = 0; i < 20; ++i) metrics += ",METRICS()";
  const std::string ten = "[e1,e1,e1,e1,e1,e1,e1,e1,e1,e1,e1,e1,e1]";
  CHECK_THAT(refusal({"[" + metrics + "]", ten, "SUM(e2)"}), ContainsSubstring("more than 500"));
  CHECK_THAT(refusal({std::string(9000, ' ') + "m1"}), ContainsSubstring("longer than 2048"));
}

TEST_CASE("an expression written out in brackets is the same", "[alarm][math]") {
  const std::string text =
      GENERATE("IF(m1 >= 20 AND m2 == 1 OR -m2 < 3, 100*m1/m2^2, FILL(m1, REPEAT))", "-(-m1)",
               "SUM(METRICS(\"a b\"))", "MAX([m1, m2, 0.1 * m1])", "1e300 * m1 - 1e-7");
  const auto parsed = parse_math(text);
  REQUIRE(parsed);

  CHECK(parse_math(to_text(*parsed)).value() == *parsed);
}

}  // namespace
}  // namespace sonde::alarm
