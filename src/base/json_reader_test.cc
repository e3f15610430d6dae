#include "base/json_reader.h"

#include <array>
#include <optional>
#include <random>
#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators_all.hpp>

namespace sonde {
namespace {

/// The tokens of `text` in one word each: `{k:s n}` and so on; "!" where it is refused.
std::string tokens(std::string_view text, std::size_t depth_max = JsonReader::kDepthMax) {
  std::string out;
  JsonReader reader(text, depth_max);
  for (;;) {
    switch (reader.next()) {
      case JsonToken::kBeginObject:
        out += '{';
        break;
      case JsonToken::kEndObject:
        out += '}';
        break;
      case JsonToken::kBeginArray:
        out += '[';
        break;
      case JsonToken::kEndArray:
        out += ']';
        break;
      case JsonToken::kKey:
        out += std::string(reader.raw()) + ":";
        break;
      case JsonToken::kString:
        out += "'" + std::string(reader.raw()) + "'";
        break;
      case JsonToken::kNumber:
      case JsonToken::kTrue:
      case JsonToken::kFalse:
      case JsonToken::kNull:
        out += std::string(reader.raw()) + ";";
        break;
      case JsonToken::kEnd:
        return out;
      case JsonToken::kError:
        return out + "!";
    }
  }
}

bool valid(std::string_view text) { return !tokens(text).ends_with('!'); }

std::string unescaped(std::string_view raw) {
  std::string out;
  append_unescaped(out, raw);
  return out;
}

/// What JsonReader says of the text between quotes, found byte by byte; nothing if it is no
/// JSON string.
std::optional<JsonSpelling> spelling_of(std::string_view raw) {
  JsonSpelling spelling;
  for (std::size_t at = 0; at < raw.size(); ++at) {
    const auto c = static_cast<unsigned char>(raw[at]);
    if (c < 0x20 || c == '"') return std::nullopt;
    if (c >= 0x80) spelling.ascii = false;
    if (c != '\\') continue;
    spelling.escapes = true;
    if (++at == raw.size() || raw[at] == 'x') return std::nullopt;
    if (raw[at] == 'u' || raw[at] == '/') spelling.shortest = false;
  }
  return spelling;
}

void check_string(std::string_view raw) {
  // Memory of exactly that size, so that a sanitizer sees a byte read outside of it.
  const std::string text = '"' + std::string(raw) + '"';
  const std::vector<char> exact(text.begin(), text.end());
  JsonReader reader({exact.data(), exact.size()});
  const auto expected = spelling_of(raw);
  REQUIRE((reader.next() == JsonToken::kString) == expected.has_value());
  if (!expected) return;
  REQUIRE(reader.raw() == raw);
  REQUIRE(reader.position() == text.size());
  REQUIRE(reader.spelling() == *expected);
  REQUIRE(reader.next() == JsonToken::kEnd);
}

TEST_CASE("a string reads the same at every length, whatever stands where in it", "[base][json]") {
  const std::string special =
      GENERATE(as<std::string>{}, "", "\\n", "\\/", "\\u00e9", "\\\\", "\\\"", "\\x", "\n", "\x1f",
               std::string(1, '\0'), "\x7f", "\xc3\xa9", "\xff");
  for (std::size_t size = 0; size <= 130; ++size) {
    for (std::size_t place = 0; place <= size; place += 1 + size / 16) {
      std::string raw(size, 'x');
      check_string(raw.insert(place, special));
    }
  }
}

TEST_CASE("escapes read the same however close they stand", "[base][json]") {
  constexpr auto kPieces =
      std::to_array<std::string_view>({"x", "\\n", "\\\\", "\\\"", "\\/", "\\u00e9", "\xc3\xa9",
                                       "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx", "\n", "\\x"});
  std::mt19937_64 random(4711);  // NOLINT(bugprone-random-generator-seed): the same every time.
  for (int i = 0; i < 8'000; ++i) {
    std::string raw;
    // Faults end a string: most texts have none.
    const std::size_t pieces = kPieces.size() - (i % 4 == 0 ? 0 : 2);
    while (raw.size() < 200 && random() % 64 != 0) raw += kPieces[random() % pieces];
    check_string(raw);
  }
}

TEST_CASE("a string that does not end is refused, at every length", "[base][json]") {
  for (std::size_t size = 0; size <= 130; ++size) {
    const std::string text = '"' + std::string(size, 'x');
    REQUIRE_FALSE(valid(text));
    REQUIRE_FALSE(valid(text + "\\"));
    REQUIRE_FALSE(valid(text + "\\u00e"));
    REQUIRE_FALSE(valid(text + "\\\""));
  }
}

TEST_CASE("a document is read token by token", "[base][json]") {
  CHECK(tokens(R"( {"a" : [1, -2.5e3, "x\"y", true, null], "b": {} } )") ==
        R"({a:[1;-2.5e3;'x\"y'true;null;]b:{}})");
  CHECK(tokens("7") == "7;");
  CHECK(tokens(R"("only")") == "'only'");
}

TEST_CASE("what is not JSON is refused", "[base][json]") {
  const char* const text = GENERATE(
      "", " ", "{", "}", "[1,]", "[,1]", "{\"a\"}", "{\"a\":}", "{\"a\":1,}", "{a:1}", "{'a':1}",
      "[1 2]", "01", "-", "1.", ".5", "1e", "+1", "tru", "nul", "NaN", "\"a", "\"\\x\"",
      "\"\\u12g4\"", "\"\n\"", "[1}", "{\"a\":1]", "1 2", "[]]", "{\"a\":1 \"b\":2}", "\"\\");
  INFO(text);
  CHECK_FALSE(valid(text));
}

TEST_CASE("numbers are let through as they stand, however large", "[base][json]") {
  CHECK(tokens("[123456789012345678901234567890,1e400,-0,0.10]") ==
        "[123456789012345678901234567890;1e400;-0;0.10;]");
}

TEST_CASE("depth is bounded, and the bound itself is still allowed", "[base][json]") {
  CHECK(tokens("[[[]]]", 3) == "[[[]]]");
  CHECK(tokens("[[[]]]", 2) == "[[!");
}

TEST_CASE("a value can be skipped and yields its text", "[base][json]") {
  JsonReader reader(R"([{"a":[1,{"b":2}]}, 3])");
  REQUIRE(reader.next() == JsonToken::kBeginArray);
  CHECK(reader.skip(reader.next()) == R"({"a":[1,{"b":2}]})");
  CHECK(reader.skip(reader.next()) == "3");
  CHECK(reader.next() == JsonToken::kEndArray);
  CHECK(reader.next() == JsonToken::kEnd);
}

TEST_CASE("members are found whatever their order, and the last of equal keys counts",
          "[base][json]") {
  const std::string_view object = R"({"x":1,"name":"first","n\u0061me":"last","y":[2]})";
  CHECK(find_member(object, "name") == R"("last")");
  CHECK(find_member(object, "y") == "[2]");
  CHECK_FALSE(find_member(object, "z"));
  CHECK_FALSE(find_member("[1]", "name"));
}

TEST_CASE("members of a broken object end with ok() false", "[base][json]") {
  JsonMembers broken(R"({"a":1,"b")");
  while (broken.next()) continue;
  CHECK_FALSE(broken.ok());

  JsonMembers whole(R"({"a":1,"b":2})");
  int count = 0;
  while (whole.next()) ++count;
  CHECK(whole.ok());
  CHECK(count == 2);
}

TEST_CASE("elements are walked, an empty array has none", "[base][json]") {
  JsonElements elements(R"([1,{"a":[2]},"x"])");
  std::string seen;
  while (elements.next()) seen += std::string(elements.value()) + "|";
  CHECK(seen == R"(1|{"a":[2]}|"x"|)");
  CHECK(elements.ok());

  JsonElements none("[]");
  CHECK_FALSE(none.next());
  CHECK(none.ok());
}

TEST_CASE("escapes become characters", "[base][json]") {
  CHECK(unescaped(R"(a\n\t\"\\\/\u0041)") == "a\n\t\"\\/A");
  CHECK(unescaped(R"(\u00e9\u20ac)") == "\xc3\xa9\xe2\x82\xac");
  CHECK(unescaped(R"(\ud83d\ude00!)") == "\xf0\x9f\x98\x80!");
  CHECK(unescaped(R"(\ud83d x)") == "\xef\xbf\xbd x");
}

TEST_CASE("strings and integers are read, other values are not", "[base][json]") {
  CHECK(json_string(R"("a\u0062")") == "ab");
  CHECK_FALSE(json_string("7"));
  CHECK(json_integer("-32602") == -32602);
  CHECK_FALSE(json_integer("1.5"));
  CHECK_FALSE(json_integer("123456789012345678901234567890"));
  CHECK_FALSE(json_integer(""));
}

TEST_CASE("beyond 64 levels objects and arrays are still told apart", "[base][json]") {
  const auto nested = [](std::size_t levels, bool right) {
    std::string text;
    for (std::size_t i = 0; i < levels; ++i) text += i % 3 == 0 ? "[" : "{\"k\":";
    text += '1';
    for (std::size_t i = levels; i-- > 0;) text += (i % 3 == 0) == (right || i != 0) ? "]" : "}";
    return text;
  };
  for (const std::size_t levels : {1U, 63U, 64U, 65U, 66U, 128U, 129U, 200U}) {
    const std::string right_text = nested(levels, true);
    const std::string wrong_text = nested(levels, false);
    JsonReader reader(right_text);
    JsonReader wrong(wrong_text);
    CHECK(reader.skip(reader.next()) == right_text);
    CHECK_FALSE(wrong.skip(wrong.next()));
  }
}

}  // namespace
}  // namespace sonde
