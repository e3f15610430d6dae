#include "install/jsonc_document.h"

#include <string>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators_all.hpp>

namespace sonde::install {
namespace {

std::string problem(std::string_view text) {
  const auto document = JsoncDocument::parse(text);
  return document ? "" : document.error().message();
}

TEST_CASE("comments, trailing commas and a byte order mark are read over", "[install][jsonc]") {
  const std::string text =
      "\xef\xbb\xbf/* a */ { // b\r\n \"k\" /* c */ : [1, /* d */ 2,], \"e\": {}, } // f";
  const auto document = JsoncDocument::parse(text);
  REQUIRE(document);
  const auto members = document->members(*document->root());
  REQUIRE(members.size() == 2);
  CHECK(members[0].key == "k");
  CHECK(document->raw(members[0].value.span) == "[1, /* d */ 2,]");
  CHECK(members[0].comma_before == std::nullopt);
  CHECK(document->raw({*members[0].comma_after, *members[0].comma_after + 1}) == ",");
  CHECK(members[1].comma_before == members[0].comma_after);
  CHECK(members[1].comma_after.has_value());
  CHECK(document->elements(members[0].value).size() == 2);
  CHECK(document->raw(document->root()->span).ends_with("{}, }"));
}

TEST_CASE("keys are compared as they are meant", "[install][jsonc]") {
  const std::string text = R"({"\u0061\/\"": 1})";
  const auto document = JsoncDocument::parse(text);
  CHECK(document->members(*document->root()).front().key == "a/\"");
}

TEST_CASE("a value that is no container has neither members nor elements", "[install][jsonc]") {
  const auto document = JsoncDocument::parse("12.5e-3");
  CHECK(document->members(*document->root()).empty());
  CHECK(document->elements(*document->root()).empty());
  CHECK_FALSE(document->string(*document->root()));
}

TEST_CASE("each fault is told with its place", "[install][jsonc]") {
  const auto [text, said] = GENERATE(table<std::string, std::string>({
      {"{", "line 1, column 2: the text ends in the middle"},
      {"{\n  \"a\": 1\n  \"b\": 2\n}", "line 3, column 3: a comma is missing before this"},
      {"{\"a\" 1}", "line 1, column 6: a colon was expected here"},
      {"{a: 1}", "line 1, column 2: a value was expected here"},
      {"{1: 1}", "line 1, column 2: a key in quotes was expected here"},
      {"[1}", "line 1, column 3: a closing ] was expected here"},
      {"{\"a\":1]", "line 1, column 7: a closing } was expected here"},
      {"[,]", "line 1, column 2: a value was expected here"},
      {"[1,,2]", "line 1, column 4: a value was expected here"},
      {"{\"a\":}", "line 1, column 6: a value was expected here"},
      {"{} {}", "line 1, column 4: more text behind the end of the value"},
      {"[\"a\n\"]", "line 1, column 4: the string has no closing quote on its line"},
      {"[\"a", "line 1, column 2: the string is not closed"},
      {"[\"\\x\"]", "line 1, column 3: this escape is none that JSON knows"},
      {"[\"\\u12g4\"]", "line 1, column 3: this escape is none that JSON knows"},
      {"[\"\t\"]", "line 1, column 3: a control character stands within a string"},
      {"{} /* x", "line 1, column 4: the comment is not closed"},
      {"[01]", "line 1, column 2: a value was expected here"},
      {"[1.]", "line 1, column 2: a value was expected here"},
      {"[truely]", "line 1, column 2: a value was expected here"},
      {"[\"é\", nul]", "line 1, column 7: a value was expected here"},
      {"\xff\xfe{", "is no UTF-8 text"},
  }));
  INFO(text);
  CHECK(problem(text) == said);
}

TEST_CASE("depth has a limit, and the limit itself is within it", "[install][jsonc]") {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  CHECK(problem(nested(JsoncDocument::kDepthMax)).empty());
  CHECK(problem(nested(JsoncDocument::kDepthMax + 1)) == "more than 1024 levels of brackets");
}

}  // namespace
}  // namespace sonde::install
