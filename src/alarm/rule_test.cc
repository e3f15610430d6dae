#include "alarm/rule.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>
#include <catch2/matchers/catch_matchers_string.hpp>

#include <map>
#include <string>

namespace sonde::alarm {
namespace {

using Catch::Matchers::ContainsSubstring;

Rule parse(std::string_view text) {
  auto rule = parse_rule(text);
  if (!rule) FAIL(rule.error().message());
  return std::move(*rule);
}

/// a is in ALARM, o in OK, i in INSUFFICIENT_DATA; likewise by the first letter of others.
bool holds_now(std::string_view text) {
  return holds(parse(text), [](std::string_view name) {
    return name.front() == 'a'   ? State::kAlarm
           : name.front() == 'o' ? State::kOk
                                 : State::kInsufficientData;
  });
}

TEST_CASE("NOT binds closer than AND, and AND than OR", "[alarm][rule]") {
  CHECK(to_text(parse("ALARM(a) OR ALARM(b) AND NOT OK(c)")) ==
        R"((ALARM("a") OR (ALARM("b") AND NOT OK("c"))))");
  CHECK(to_text(parse("(ALARM(a) OR ALARM(b)) AND ALARM(c)")) ==
        R"(((ALARM("a") OR ALARM("b")) AND ALARM("c")))");
}

TEST_CASE("a rule holds by the states of its alarms", "[alarm][rule]") {
  const auto [text, expected] = GENERATE(table<std::string, bool>({
      {"ALARM(a)", true},
      {"ALARM(o)", false},
      {"ALARM(i)", false},
      {"NOT ALARM(o)", true},
      {"NOT ALARM(i)", true},  // Of OK and of INSUFFICIENT_DATA.
      {"NOT NOT ALARM(a)", true},
      {"OK(o) AND INSUFFICIENT_DATA(i)", true},
      {"FALSE OR ALARM(a)", true},
      {"TRUE AND ALARM(o)", false},
      {"ALARM(a) OR ALARM(a1) AND FALSE", true},
      {"AT_LEAST(2, ALARM, (a1, a2, o))", true},
      {"AT_LEAST(3, ALARM, (a1, a2, o))", false},
      {"AT_LEAST(50%, ALARM, (a, o, i))", false},  // Two of three.
      {"AT_LEAST(50%, ALARM, (a1, a2, i))", true},
      {"AT_LEAST(50%, NOT ALARM, (a, o, i))", true},
      {"AT_LEAST(100%, OK, (o1, o2))", true},
  }));
  CAPTURE(text);

  CHECK(holds_now(text) == expected);
}

TEST_CASE("names may be bare, in quotes, or ARNs", "[alarm][rule]") {
  CHECK(parse(R"(ALARM("a \"b\" (c), \\d"))").children.at(0) == R"(a "b" (c), \d)");
  CHECK(parse("ALARM( arn:aws:cloudwatch:us-east-1:1:alarm:x )").children.at(0) ==
        "arn:aws:cloudwatch:us-east-1:1:alarm:x");
  CHECK(parse("ALARM(OR)").children.at(0) == "OR");
  const Rule rule = parse(R"(ALARM("back\\slash\" and quote"))");
  CHECK(parse(to_text(rule)) == rule);
}

TEST_CASE("what is no rule is refused with its place", "[alarm][rule]") {
  const auto [text, reason] = GENERATE(table<std::string, std::string>({
      {"", "character 1: expected ALARM("},
      {"ALARM(a) ALARM(b)", "character 10: expected AND, OR or the end"},
      {"ALARM(a) AND", "character 13: expected ALARM("},
      {"(ALARM(a)", "expected AND, OR or )"},
      {"ALARM a", "expected ("},
      {"ALARM()", "expected the name"},
      {"ALARM(my alarm)", "a name with blanks needs quotes"},
      {"ALARM(\"a)", "has no end"},
      {"ALARM(a) XOR ALARM(b)", "expected AND, OR or the end"},
      {"alarm(a)", "expected ALARM("},
      {"AT_LEAST(0, ALARM, (a))", "a number"},
      {"AT_LEAST(101%, ALARM, (a))", "a percentage"},
      {"AT_LEAST(2, ALARM, (a))", "more alarms than it lists"},
      {"AT_LEAST(1, ALARM, a)", "alarms in brackets"},
      {"AT_LEAST(1, ALARM, (a)", "expected a comma or ))"},
      {"AT_LEAST(1 ALARM, (a))", "expected a comma behind the number"},
      {"AT_LEAST(1, BROKEN, (a))", "expected ALARM, OK or INSUFFICIENT_DATA"},
  }));
  CAPTURE(text);

  const auto rule = parse_rule(text);

  REQUIRE_FALSE(rule);
  CHECK_THAT(rule.error().message(), ContainsSubstring(reason));
  CHECK(rule.error().code() == Errc::kInvalidInput);
}

TEST_CASE("the limits of a rule hold, and the limits themselves are allowed", "[alarm][rule]") {
  const auto many = [](std::size_t count, bool different) {
    std::string text;
    for (std::size_t i = 0; i < count; ++i) {
      text += (i == 0 ? "ALARM(n" : " OR ALARM(n") + std::to_string(different ? i : 0) + ")";
    }
    return text;
  };
  CHECK(parse_rule(many(100, true)));
  CHECK(parse_rule(many(500, false)));
  CHECK_THAT(parse_rule(many(101, true)).error().message(), ContainsSubstring("100 different"));
  CHECK_THAT(parse_rule(many(501, false)).error().message(), ContainsSubstring("500 elements"));
  CHECK_THAT(parse_rule(std::string(250, '(') + "TRUE").error().message(),
             ContainsSubstring("500 elements"));
  CHECK(parse_rule("ALARM(a)" + std::string(10'232, ' ')));
  CHECK(parse_rule("ALARM(a)" + std::string(10'233, ' ')).error().code() == Errc::kLimitExceeded);
}

TEST_CASE("ten thousand characters of NOT need no stack", "[alarm][rule]") {
  std::string text;
  while (text.size() < 10'200) text += "NOT ";

  CHECK(holds_now(text + "ALARM(o)") == (text.size() / 4 % 2 == 1));
}

}  // namespace
}  // namespace sonde::alarm
