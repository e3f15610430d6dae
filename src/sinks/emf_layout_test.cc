#include "sinks/emf_layout.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators_all.hpp>

#include "sinks/emf_series.h"

namespace sonde::sinks {
namespace {

DimensionSets sets_of(DimensionSets sets) {
  const auto layout = EmfLayout::make("MCP/ToolServer", std::move(sets));
  REQUIRE(layout);
  return layout->sets();
}

std::string value_of(std::string_view text) {
  std::string out;
  append_dimension_value(out, text);
  return out.substr(1, out.size() - 2);
}

TEST_CASE("a layout opens the directive", "[sinks][emf]") {
  const auto layout = EmfLayout::make("MCP/ToolServer", {{"ServerName", "ToolName"}, {}});
  REQUIRE(layout);
  CHECK(layout->opening() == R"("CloudWatchMetrics":[{"Namespace":"MCP/ToolServer",)"
                             R"("Dimensions":[["ServerName","ToolName"],[]],"Metrics":[)");
}

TEST_CASE("sets that differ in order only are one", "[sinks][emf]") {
  CHECK(sets_of({{"A", "B"}, {"B", "A"}, {"A"}, {"A"}}) == DimensionSets{{"A", "B"}, {"A"}});
}

TEST_CASE("a name stands once in a set", "[sinks][emf]") {
  CHECK(sets_of({{"B", "A", "B"}}) == DimensionSets{{"B", "A"}});
}

TEST_CASE("a set has at most 30 names", "[sinks][emf]") {
  std::vector<std::string> names(30);
  for (std::size_t i = 0; i < names.size(); ++i) names[i] = "D" + std::to_string(i);
  CHECK(EmfLayout::make("N", {names}));
  names.emplace_back("one_more");
  CHECK_FALSE(EmfLayout::make("N", {names}));
}

TEST_CASE("there is at least one set", "[sinks][emf]") {
  CHECK_FALSE(EmfLayout::make("N", {}));
  CHECK(EmfLayout::make("N", {{}}));
}

TEST_CASE("a namespace is checked as CloudWatch checks it", "[sinks][emf]") {
  const auto [name, valid] = GENERATE(table<std::string, bool>({
      {"MCP/ToolServer", true},
      {"a b._#:/-Z9", true},
      {std::string(255, 'n'), true},
      {"", false},
      {"   ", false},
      {":first", false},
      {std::string(256, 'n'), false},
      {"quote\"", false},
      {"ä", false},
      {"AWS/Lambda", false},
      {"tab\t", false},
  }));
  INFO(name);
  CHECK(EmfLayout::make(name, {{}}).has_value() == valid);
}

TEST_CASE("a dimension's name is checked too", "[sinks][emf]") {
  const auto [name, valid] = GENERATE(table<std::string, bool>({
      {"ToolName", true},
      {std::string(250, 'n'), true},
      {std::string(251, 'n'), false},
      {"", false},
      {" ", false},
      {":x", false},
      {"ü", false},
  }));
  INFO(name);
  CHECK(EmfLayout::make("N", {{name}}).has_value() == valid);
}

TEST_CASE("an unknown dimension is named with its nearest neighbour", "[sinks][emf]") {
  CHECK(check_dimensions({{"ServerName", "ToolName", "Environment"}, {}}));
  const Status unknown = check_dimensions({{"ToolNam"}});
  REQUIRE_FALSE(unknown);
  CHECK(unknown.error().message() == "unknown dimension \"ToolNam\"; did you mean ToolName?");
}

TEST_CASE("a dimension value is ASCII, not blank and not long", "[sinks][emf]") {
  const auto [text, expected] = GENERATE(table<std::string, std::string>({
      {"search", "search"},
      {"two words", "two words"},
      {"say \"hi\"", "say \\\"hi\\\""},
      {"", "none"},
      {"   ", "none"},
      {"é", "%C3%A9"},
      {"a\x1b[0m\n", "a%1B[0m%0A"},
      {"\xff", "%FF"},
      {"\t", "%09"},
      {std::string(1024, 'x'), std::string(1024, 'x')},
      {std::string(1025, 'x'), std::string(1024, 'x')},
      {std::string(1023, 'x') + "é", std::string(1023, 'x')},
      {std::string(1024, ' ') + "é", "none"},
  }));
  CHECK(value_of(text) == expected);
}

TEST_CASE("a dimension value that was cut is reported", "[sinks][emf]") {
  std::string out;
  CHECK(append_dimension_value(out, std::string(1024, 'x')));
  CHECK_FALSE(append_dimension_value(out, std::string(1025, 'x')));
  CHECK_FALSE(append_dimension_value(out, std::string(342, '\n')));
}

}  // namespace
}  // namespace sonde::sinks
