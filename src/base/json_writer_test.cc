#include "base/json_writer.h"

#include <algorithm>
#include <limits>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators_all.hpp>

#include "base/utf8.h"

namespace sonde {
namespace {

std::string quoted(std::string_view text) {
  std::string out;
  append_json_string(out, text);
  return out;
}

std::string fixed(double value, int decimals) {
  std::string out;
  JsonWriter(out).fixed(value, decimals);
  return out;
}

TEST_CASE("commas stand between values and nowhere else", "[base][json]") {
  std::string out;
  JsonWriter json(out);
  json.begin_object().member("a", "x").key("b").begin_array().number(1).number(-2).begin_object();
  json.end_object().end_array().key("c").null().key("d").boolean(true).end_object();
  CHECK(out == R"({"a":"x","b":[1,-2,{}],"c":null,"d":true})");
}

TEST_CASE("what could drive a terminal or break a line is escaped", "[base][json]") {
  const auto [text, expected] = GENERATE(table<std::string, std::string>({
      {"a\"b\\c", R"("a\"b\\c")"},
      {"line\nnext\r\t", R"("line\nnext\r\t")"},
      {std::string("\x1b[31m\0", 6), R"("\u001b[31m\u0000")"},
      {"\x7f", R"("\u007f")"},
      {"\xc2\x9b", R"("\u009b")"},
      {"\xe2\x80\xa8\xe2\x80\xa9", R"("\u2028\u2029")"},
      {"\xc2\xa0", "\"\xc2\xa0\""},
      {"h\xc3\xa9 \xf0\x9f\x98\x80", "\"h\xc3\xa9 \xf0\x9f\x98\x80\""},
  }));
  CHECK(quoted(text) == expected);
}

TEST_CASE("bytes that are no UTF-8 become the replacement character, one each", "[base][json]") {
  const std::string text =
      GENERATE("\xff", "\xc0\xaf", "\xed\xa0\x80", "\xf5\x80\x80\x80", "\xe2\x82", "\x80");
  std::string expected = "\"";
  for (std::size_t i = 0; i < text.size(); ++i) expected += "\xef\xbf\xbd";
  CHECK(quoted(text) == expected + "\"");
}

/// Character by character, as what is written in runs must come out too.
std::string quoted_slowly(std::string_view text) {
  std::string out = "\"";
  while (!text.empty()) {
    const bool ascii = static_cast<unsigned char>(text.front()) < 0x80;
    const std::size_t length = ascii ? 1 : std::max<std::size_t>(decode_utf8(text).length, 1);
    const std::string one = quoted(text.substr(0, length));
    out.append(one, 1, one.size() - 2);
    text.remove_prefix(length);
  }
  return out + "\"";
}

TEST_CASE("what is escaped does not depend on where it stands", "[base][json]") {
  const std::string special = GENERATE(
      "\"", "\\", "\n", "\x1f", "\x7f", "\xff", "\xc2\x9b", "\xc3\xa9", "\xe2\x80\xa8",
      "\xe2\x82\xac", "\xf0\x9f\x98\x80", "\xe2\x82", "\xc3\xa9\"\xe2\x82\xac", "\xc3\xa9\xff");
  for (std::size_t size = 0; size <= 130; ++size) {
    for (std::size_t place = 0; place <= size; place += 1 + size / 16) {
      std::string text(size, 'x');
      text.insert(place, special);
      REQUIRE(quoted(text) == quoted_slowly(text));
      std::string member = "{";
      append_json_string(member, R"("key":)", text);
      REQUIRE(member == R"({"key":)" + quoted(text));
      REQUIRE(quoted(text + special) == quoted_slowly(text + special));
    }
    REQUIRE(quoted(std::string(size, 'x')) == '"' + std::string(size, 'x') + '"');
  }
}

TEST_CASE("numbers keep their decimals, whole ones need none", "[base][json]") {
  CHECK(fixed(12.345, 2) == "12.35");
  CHECK(fixed(3, 2) == "3");
  CHECK(fixed(0.004, 2) == "0.00");
  CHECK(fixed(std::numeric_limits<double>::infinity(), 2) == "0");
  CHECK(fixed(-1.5, 1) == "-1.5");

  std::string out;
  JsonWriter(out).number(std::numeric_limits<std::uint64_t>::max());
  CHECK(out == "18446744073709551615");
}

}  // namespace
}  // namespace sonde
