#include "privacy/canonical_json.h"

#include <algorithm>
#include <bit>
#include <chrono>
#include <random>
#include <string>
#include <vector>

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators_all.hpp>

#include "privacy/es6_number.h"

namespace sonde::privacy {
namespace {

/// "not canonical" if there is no such form.
std::string canonical(std::string_view json) {
  CanonicalJson writer;
  return std::string(writer.canonical(json).value_or("not canonical"));
}

constexpr std::string_view kNot = "not canonical";

std::string es6(std::uint64_t bits) {
  std::string out;
  append_es6_number(out, std::bit_cast<double>(bits));
  return out;
}

TEST_CASE("the examples of RFC 8785 come out as printed there", "[privacy][canonical]") {
  CHECK(canonical(R"({
  "numbers": [333333333.33333329, 1E30, 4.50, 2e-3, 0.000000000000000000000000001],
  "string": "\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/",
  "literals": [null, true, false]
})") == "{\"literals\":[null,true,false],\"numbers\":[333333333.3333333,1e+30,4.5,0.002,1e-27],"
        "\"string\":\"€$\\u000f\\nA'B\\\"\\\\\\\\\\\"/\"}");
  CHECK(canonical("{\"\\u20ac\": \"Euro Sign\", \"\\r\": \"Carriage Return\", "
                  "\"\\ufb33\": \"Hebrew Letter Dalet With Dagesh\", \"1\": \"One\", "
                  "\"\\ud83d\\ude00\": \"Emoji: Grinning Face\", \"\\u0080\": \"Control\", "
                  "\"\\u00f6\": \"Latin Small Letter O With Diaeresis\"}") ==
        "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\xc2\x80\":\"Control\","
        "\"ö\":\"Latin Small Letter O With Diaeresis\",\"€\":\"Euro Sign\","
        "\"\xf0\x9f\x98\x80\":\"Emoji: Grinning Face\","
        "\"\xef\xac\xb3\":\"Hebrew Letter Dalet With Dagesh\"}");
}

TEST_CASE("doubles are written as in RFC 8785 appendix B", "[privacy][canonical]") {
  using Case = std::tuple<std::uint64_t, std::string>;
  const auto [bits, expected] = GENERATE(table<std::uint64_t, std::string>({
      Case{0x0000000000000000U, "0"},
      Case{0x8000000000000000U, "0"},
      Case{0x0000000000000001U, "5e-324"},
      Case{0x8000000000000001U, "-5e-324"},
      Case{0x7fefffffffffffffU, "1.7976931348623157e+308"},
      Case{0xffefffffffffffffU, "-1.7976931348623157e+308"},
      Case{0x4340000000000000U, "9007199254740992"},
      Case{0xc340000000000000U, "-9007199254740992"},
      Case{0x4430000000000000U, "295147905179352830000"},
      Case{0x44b52d02c7e14af5U, "9.999999999999997e+22"},
      Case{0x44b52d02c7e14af6U, "1e+23"},
      Case{0x44b52d02c7e14af7U, "1.0000000000000001e+23"},
      Case{0x444b1ae4d6e2ef4eU, "999999999999999700000"},
      Case{0x444b1ae4d6e2ef4fU, "999999999999999900000"},
      Case{0x444b1ae4d6e2ef50U, "1e+21"},
      Case{0x3eb0c6f7a0b5ed8cU, "9.999999999999997e-7"},
      Case{0x3eb0c6f7a0b5ed8dU, "0.000001"},
      Case{0x41b3de4355555553U, "333333333.3333332"},
      Case{0x41b3de4355555554U, "333333333.33333325"},
      Case{0x41b3de4355555555U, "333333333.3333333"},
      Case{0x41b3de4355555556U, "333333333.3333334"},
      Case{0x41b3de4355555557U, "333333333.33333343"},
      Case{0xbecbf647612f3696U, "-0.0000033333333333333333"},
      Case{0x43143ff3c1cb0959U, "1424953923781206.2"},
  }));
  CHECK(es6(bits) == expected);
}

TEST_CASE("integers keep all their digits", "[privacy][canonical]") {
  CHECK(canonical("12345678901234567890123") == "12345678901234567890123");
  CHECK(canonical("[9007199254740993,-9007199254740993]") ==
        "[9007199254740993,-9007199254740993]");
  CHECK(canonical("-0") == "0");
}

std::string canonical_number(std::string_view raw) {
  std::string out;
  append_canonical_number(out, raw);
  return out;
}

TEST_CASE("a number that is taken as it stands has that form", "[privacy][canonical]") {
  std::mt19937_64 random(4711);  // NOLINT(bugprone-random-generator-seed): the same every time.
  int taken = 0;
  for (int i = 0; i < 100'000; ++i) {
    std::string raw = std::to_string(random() >> random() % 64);
    if (i % 2 == 0) raw.insert(1 + random() % raw.size(), ".");
    if (raw.ends_with('.')) raw += "5";
    if (i % 3 == 0) raw = "0." + raw.substr(0, raw.find('.'));
    if (i % 5 == 0) raw.insert(0, "-");
    if (raw.starts_with("00") || raw.starts_with("-00")) continue;
    if (!is_canonical_number(raw)) continue;
    ++taken;
    REQUIRE(canonical_number(raw) == raw);
  }
  CHECK(taken > 50'000);
  for (const std::string_view raw : {"-0", "1.0", "0.0000001", "-0.0", "1e5", "1E5", "0.10"}) {
    CHECK_FALSE(is_canonical_number(raw));
  }
  for (const std::string_view raw : {"0", "-1", "99.5", "-0.25", "12345678901234567890"}) {
    CHECK(is_canonical_number(raw));
  }
}

TEST_CASE("numbers of one value have one form", "[privacy][canonical]") {
  CHECK(canonical("[1.0,10e-1,0.1e1,100e-2]") == "[1,1,1,1]");
  CHECK(canonical("[-0.0,0e9,1e-400,-1e-400,0.0e99999999999999999999]") == "[0,0,0,0,0]");
}

TEST_CASE("a number with many digits but an ordinary value is no huge one",
          "[privacy][canonical]") {
  CHECK(canonical("1" + std::string(400, '0') + "e-400") == "1");
  CHECK(canonical("0." + std::string(400, '0') + "1e401") == "1");
  CHECK(canonical("0." + std::string(800, '0') + "1e2") == "0");
}

TEST_CASE("a number beyond the range of doubles has no form", "[privacy][canonical]") {
  CHECK(canonical("1e400") == kNot);
  CHECK(canonical("[-1.5E+309]") == kNot);
  CHECK(canonical("1" + std::string(400, '0') + ".5") == kNot);
  CHECK(canonical("1e99999999999999999999999") == kNot);
}

TEST_CASE("blanks, key order and escapes make no difference", "[privacy][canonical]") {
  CHECK(canonical(" { \"b\" : [ 1 , { \"d\":2, \"c\":3 } ] , \"a\" : \"\\u0041\" } ") ==
        canonical(R"({"a":"A","b":[1,{"c":3,"d":2}]})"));
  CHECK(canonical(R"({"a":"A","b":[1,{"c":3,"d":2}]})") == R"({"a":"A","b":[1,{"c":3,"d":2}]})");
}

TEST_CASE("objects are sorted at every depth, within arrays too", "[privacy][canonical]") {
  CHECK(canonical(R"([{"z":{"y":1,"x":[{"b":0,"a":{}}]},"a":[]},{"b":2,"a":1}])") ==
        R"([{"a":[],"z":{"x":[{"a":{},"b":0}],"y":1}},{"a":1,"b":2}])");
  CHECK(canonical(R"({"":1," ":[{}]})") == R"({"":1," ":[{}]})");
}

TEST_CASE("keys are sorted by what they mean, not by how they are written",
          "[privacy][canonical]") {
  CHECK(canonical(R"({"b":1,"\u0061":2})") == R"({"a":2,"b":1})");
  CHECK(canonical(R"({"#":1,"\"":2})") == R"({"\"":2,"#":1})");
  CHECK(canonical(R"({"ab":1,"a":2})") == R"({"a":2,"ab":1})");
}

TEST_CASE("a key named twice leaves no canonical form", "[privacy][canonical]") {
  CHECK(canonical(R"({"a":1,"b":2,"a":1})") == kNot);
  CHECK(canonical(R"({"a":1,"\u0061":1})") == kNot);
  CHECK(canonical(R"([{"x":{"a":1,"a":1}}])") == kNot);
  CHECK(canonical(R"({"x":{"a":1},"y":{"a":1}})") == R"({"x":{"a":1},"y":{"a":1}})");
}

TEST_CASE("what is no JSON or no Unicode has no canonical form", "[privacy][canonical]") {
  const std::string text =
      GENERATE(as<std::string>(), "", "{", "[1,]", "01", "{} {}", "nul", R"("\ud800")",
               R"("\ud800x")", R"("\udc00\ud800")", R"("\ud800\u0041")", R"("\udc00\udc00")",
               "\"\xff\"", "\"\xc0\x80\"", "\"\xed\xa0\x80\"", "{\"\xff\":1}", "{\"\\ud800\":1}");
  INFO(text);
  CHECK(canonical(text) == kNot);
}

TEST_CASE("U+FFFD itself is no lone surrogate", "[privacy][canonical]") {
  CHECK(canonical(R"("\ufffd\uFFFD")") == "\"\xef\xbf\xbd\xef\xbf\xbd\"");
}

TEST_CASE("only what must be escaped is escaped", "[privacy][canonical]") {
  CHECK(canonical(R"("\/\u007f\u2028\b\f\n\r\t\u0000\u001F<é")") ==
        "\"/\x7f\xe2\x80\xa8\\b\\f\\n\\r\\t\\u0000\\u001f<é\"");
}

TEST_CASE("a document that nests too deeply has no canonical form", "[privacy][canonical]") {
  const auto nested = [](std::size_t depth) {
    return std::string(depth, '[') + std::string(depth, ']');
  };
  CHECK(canonical(nested(1024)) == nested(1024));
  CHECK(canonical(nested(1025)) == kNot);
  CHECK(canonical(std::string(1 << 20, '[')) == kNot);
}

std::string unsorted_levels(std::size_t depth, std::size_t content) {
  std::string json;
  for (std::size_t i = 0; i < depth; ++i) json += R"({"b":)";
  json += '"' + std::string(content, 'x') + '"';
  for (std::size_t i = 0; i < depth; ++i) json += R"(,"a":1})";
  return json;
}

std::string many_keys(std::size_t count) {
  std::string json = "{";
  for (std::size_t i = 0; i < count; ++i) {
    json += (i == 0 ? "\"k" : ",\"k") + std::to_string((i * 7919) % count) + "\":1";
  }
  return json + "}";
}

TEST_CASE("no document of a megabyte takes long", "[privacy][canonical]") {
  const std::string json = GENERATE(unsorted_levels(1000, 1 << 20), many_keys(100'003),
                                    "0." + std::string(1 << 20, '1'));
  const auto start = std::chrono::steady_clock::now();
  CHECK(canonical(json) != kNot);
  // Some 50 ms in a debug build; what is quadratic takes minutes.
  CHECK(std::chrono::steady_clock::now() - start < std::chrono::seconds(5));
}

/// The members of `json`, objects within it too, one per line with blanks around.
std::string spaced(std::string_view json) {
  std::string out;
  bool in_string = false;
  for (std::size_t i = 0; i < json.size(); ++i) {
    const bool escaped = in_string && json[i] == '\\';
    if (json[i] == '"') in_string = !in_string;
    if (!in_string && std::string_view("{}[],:").find(json[i]) != std::string_view::npos) {
      (out += " \n") += json[i];
      out += "\t ";
    } else {
      out += json[i];
    }
    if (escaped) out += json[++i];
  }
  return out;
}

TEST_CASE("what is in canonical form already is returned itself", "[privacy][canonical]") {
  CanonicalJson writer;
  for (std::size_t size = 0; size <= 130; ++size) {
    const std::string text(size, 'x');
    const std::string json = R"({"a":[1,"\n)" + text + R"(",-2.5,true],"b":{"c":"é)" + text +
                             R"(","d":{}},")" + text + R"(z":null})";
    const auto form = writer.canonical(json);
    REQUIRE(form == json);
    CHECK(form->data() == json.data());
    REQUIRE(writer.canonical(spaced(json)) == json);
  }
}

TEST_CASE("one place that differs changes nothing else", "[privacy][canonical]") {
  const std::string form = R"({"a":["x","y",{"b":"x","c":["x"]}],"d":{"e":"x"},"x":"x"})";
  for (std::size_t at = form.find('x'); at != std::string::npos; at = form.find('x', at + 1)) {
    std::string json = form;
    json.replace(at, 1, "\\u0078");
    CHECK(canonical(json) == form);
    CHECK(canonical(spaced(json)) == form);
  }
  CHECK(canonical(R"({"x":"x","d":{"e":"x"},"a":["x","y",{"c":["x"],"b":"x"}]})") == form);
  CHECK(canonical(R"({"a":["x","y",{"c":["x"],"b":"x"}],"d":{"e":"x"},"x":"x"})") == form);
  CHECK(canonical(R"({"x":"x","a":["x","y",{"b":"x","c":["x"]}],"d":{"e":"x"}})") == form);
}

TEST_CASE("keys that begin alike are in order too", "[privacy][canonical]") {
  const std::string form =
      R"({"":0,"\u0000":0,"a":0,"a\u0000":0,"abcdefg":0,"abcdefgh":0,"abcdefgh1":0,"abcdefgh2":0,)"
      "\"abcdefg\xf0\x9f\x98\x80\":0,\"abcdefg\xef\xac\xb3\":0,"
      "\"\xf0\x9f\x98\x80\":0,\"\xef\xac\xb3\":0}";
  std::vector<std::string> members;
  for (JsonMembers all(form); all.next();) {
    members.push_back('"' + std::string(all.key()) + "\":0");
  }
  std::mt19937_64 random(4711);  // NOLINT(bugprone-random-generator-seed): the same every time.
  for (int i = 0; i < 200; ++i) {
    std::ranges::shuffle(members, random);
    std::string json = "{";
    for (const std::string& member : members) json += (json.size() > 1 ? "," : "") + member;
    REQUIRE(canonical(json + "}") == form);
    REQUIRE(canonical(json + "," + members[0] + "}") == kNot);
  }
}

TEST_CASE("the keys of an object are known, in their order and as they were written",
          "[privacy][canonical]") {
  CanonicalJson writer;
  const auto keys = [&writer](std::string_view json) {
    const bool has_form = writer.canonical(json).has_value();
    std::string all;
    for (const std::string_view key : writer.top_level_keys()) (all += key) += ' ';
    return has_form ? all : "none " + all;
  };
  CHECK(keys(R"({"b":{"c":1},"\u0061":[{"d":2}]})") == "b \\u0061 ");
  CHECK(keys(R"([{"a":1}])").empty());
  CHECK(keys(R"({"a":1,"a":2})") == "none ");
  CHECK(keys("7").empty());
  keys(many_keys(100));
  CHECK(writer.top_level_keys().size() == CanonicalJson::kTopLevelKeysMax);
}

TEST_CASE("one writer serves many documents", "[privacy][canonical]") {
  CanonicalJson writer;
  CHECK_FALSE(writer.canonical(R"({"b":1,"a":[{)"));
  CHECK(writer.canonical(R"({"b":1,"a":2})") == R"({"a":2,"b":1})");
  CHECK(writer.canonical("[1]") == "[1]");
}

}  // namespace
}  // namespace sonde::privacy
