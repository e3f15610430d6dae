#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators_all.hpp>

#include "base/json_writer.h"
#include "privacy/redactor.h"

namespace sonde::privacy {
namespace {

std::string json(std::string_view raw, const PrivacyConfig& config = {}) {
  return (*Redactor::make(config))->redact_json(raw);
}

PrivacyConfig paths(std::vector<std::string> list) {
  PrivacyConfig config;
  config.redact_paths = std::move(list);
  return config;
}

std::string quoted(std::string_view raw) {
  std::string out;
  append_json_string(out, raw);
  return out;
}

std::string complaint(const PrivacyConfig& config) {
  const auto made = Redactor::make(config);
  return made ? "" : made.error().message();
}

TEST_CASE("what is not secret keeps its bytes", "[privacy][redact_json]") {
  const std::string raw = "{ \"a\" : [ 1.50, true ,null],\r\n\t\"\\u0062\": \"\\/x\\u0041\" }\n";
  CHECK(json(raw) == raw);
}

TEST_CASE("the value of a secret name is replaced, whatever it is", "[privacy][redact_json]") {
  CHECK(json(R"({"password":"x","n":1})") == R"({"password":"[redacted:password]","n":1})");
  CHECK(json(R"({"pin":1234})") == R"({"pin":"[redacted:pin]"})");
  CHECK(json(R"({"p\u0061ssword":"x"})") == R"({"p\u0061ssword":"[redacted:password]"})");
}

TEST_CASE("booleans, null and empty strings tell no secret", "[privacy][redact_json]") {
  const std::string raw = R"({"auth":true,"token":null,"password":""})";
  CHECK(json(raw) == raw);
}

TEST_CASE("all in a secret object or list is secret", "[privacy][redact_json]") {
  CHECK(json(R"({"credentials":{"user":"bob","ids":[7,"x"],"on":true},"a":"b"})") ==
        R"({"credentials":{"user":"[redacted:credential]","ids":["[redacted:credential]",)"
        R"("[redacted:credential]"],"on":true},"a":"b"})");
}

TEST_CASE("JSON within strings is redacted within", "[privacy][redact_json]") {
  const std::string inner = R"({"token":"x","list":[{"a":1}]})";
  const std::string redacted = R"({"token":"[redacted:token]","list":[{"a":1}]})";
  CHECK(json("[" + quoted(inner) + "]") == "[" + quoted(redacted) + "]");
  CHECK(json(quoted("[" + quoted(inner) + "]")) == quoted("[" + quoted(redacted) + "]"));
}

TEST_CASE("JSON within strings is redacted however deep", "[privacy][redact_json]") {
  std::string text = R"({"dbPassword":"hunter2"})";
  for (int level = 0; level < 8; ++level) text = "[" + quoted(text) + "]";
  CHECK(json(text).find("hunter2") == std::string::npos);
}

TEST_CASE("a name beside a value makes it secret, in either order", "[privacy][redact_json]") {
  CHECK(json(R"([{"name":"API_KEY","value":"x"},{"name":"PATH","value":"y"}])") ==
        R"([{"name":"API_KEY","value":"[redacted:api_key]"},{"name":"PATH","value":"y"}])");
  CHECK(json(R"({"value": "x" ,"key":"password","n":1})") ==
        R"({"value": "[redacted:password]" ,"key":"password","n":1})");
  CHECK(json(R"({"value":{"a":["x"]},"name":"secret"})") ==
        R"({"value":"[redacted:secret]","name":"secret"})");
  CHECK(json(R"({"value":true,"name":"secret"})") == R"({"value":true,"name":"secret"})");
}

TEST_CASE("a flag makes the argument behind it secret", "[privacy][redact_json]") {
  CHECK(json(R"({"args":["-y","srv","--api-key","x","--port","80"]})") ==
        R"({"args":["-y","srv","--api-key","[redacted:api_key]","--port","80"]})");
  CHECK(json(R"(["--token","--verbose"])") == R"(["--token","--verbose"])");
  CHECK(json(R"(["-u","app:x","-u","app"])") == R"(["-u","[redacted:credential]","-u","app"])");
}

TEST_CASE("a pair of header and value is redacted", "[privacy][redact_json]") {
  CHECK(json(R"([["Authorization","x"],["Accept","y"],["token","a","b"]])") ==
        R"([["Authorization","[redacted:authorization]"],["Accept","y"],["token","a","b"]])");
}

TEST_CASE("keys are texts too", "[privacy][redact_json]") {
  CHECK(json(R"({"erika@example.com":1,"a":2})") == R"({"[redacted:email]":1,"a":2})");
}

TEST_CASE("a card number may be a number", "[privacy][redact_json]") {
  CHECK(json(R"({"n":4111111111111111})") == R"({"n":"[redacted:card]"})");
  CHECK(json(R"({"n":4111111111111112})") == R"({"n":4111111111111112})");
}

TEST_CASE("a path redacts what it leads to and nothing else", "[privacy][redact_json][path]") {
  const std::string raw = R"({"a":{"b":"x","c":"y"},"list":[{"x":1,"y":2},{"x":true}],"b":"z"})";
  const auto [path, expected] = GENERATE_COPY(table<std::string, std::string>({
      {"$.a.b", R"({"a":{"b":"@","c":"y"},"list":[{"x":1,"y":2},{"x":true}],"b":"z"})"},
      {"$.a", R"({"a":{"b":"@","c":"@"},"list":[{"x":1,"y":2},{"x":true}],"b":"z"})"},
      {"$['a']['c']", R"({"a":{"b":"x","c":"@"},"list":[{"x":1,"y":2},{"x":true}],"b":"z"})"},
      {"$.list[*].x", R"({"a":{"b":"x","c":"y"},"list":[{"x":"@","y":2},{"x":"@"}],"b":"z"})"},
      {"$.list[1].x", R"({"a":{"b":"x","c":"y"},"list":[{"x":1,"y":2},{"x":"@"}],"b":"z"})"},
      {"$..b", R"({"a":{"b":"@","c":"y"},"list":[{"x":1,"y":2},{"x":true}],"b":"@"})"},
      {"$..[0].y", R"({"a":{"b":"x","c":"y"},"list":[{"x":1,"y":"@"},{"x":true}],"b":"z"})"},
      {"$.*.c", R"({"a":{"b":"x","c":"@"},"list":[{"x":1,"y":2},{"x":true}],"b":"z"})"},
      {"$.b.a", raw},
      {"$.A", raw},
  }));
  INFO(path);
  std::string shown = json(raw, paths({path}));
  for (std::size_t at = shown.find("[redacted:configured]"); at != std::string::npos;
       at = shown.find("[redacted:configured]")) {
    shown.replace(at, 21, "@");
  }
  CHECK(shown == expected);
}

TEST_CASE("a path leads into JSON within strings", "[privacy][redact_json][path]") {
  CHECK(json(R"({"p":"{\"name\":\"x\",\"n\":1}"})", paths({"$.p.name"})) ==
        R"({"p":"{\"name\":\"[redacted:configured]\",\"n\":1}"})");
}

TEST_CASE("a path that cannot be read is named", "[privacy][redact_json][path]") {
  CHECK(complaint(paths({"$.a", "a.b"})) == "redaction path \"a.b\": does not begin with $");
  for (const std::string bad :
       {"$", "$.", "$..", "$a", "$[", "$['a]", "$[x]", "$[-1]", "$.a..", "$[]"}) {
    INFO(bad);
    CHECK_FALSE(complaint(paths({bad})).empty());
  }
  CHECK_FALSE(complaint(paths(std::vector<std::string>(65, "$.a"))).empty());
  std::string deep = "$";
  for (int i = 0; i < 33; ++i) deep += ".a";
  CHECK_FALSE(complaint(paths({deep})).empty());
}

TEST_CASE("what is no JSON is redacted as text", "[privacy][redact_json]") {
  CHECK(json("password=x") == "password=[redacted:password]");
  CHECK(json(R"({'password': 'x'})") == R"({'password': '[redacted:password]'})");
  CHECK(json("{} password=x") == "{} password=[redacted:password]");
}

TEST_CASE("a document that was cut off gives away nothing", "[privacy][redact_json]") {
  CHECK(json(R"({"a":1,"credentials":{"user":"bob","pass)") ==
        R"({"a":1,"credentials":{"user":"[redacted:credential]""[redacted:credential]")");
  CHECK(json(R"({"a":1,"password":"hunt)") == R"({"a":1,"password":"[redacted:password]")");
  CHECK(json(R"({"a":1,"note":"see {\"password\":\"hunt)") ==
        R"({"a":1,"note":"see {\"password\":\"[redacted:password])");
}

TEST_CASE("patterns of the configuration are redacted everywhere", "[privacy][redact_json]") {
  PrivacyConfig config;
  config.redact_patterns = {"CUST-[0-9]+", "^[0-9]{9}$"};
  CHECK(json(R"({"a":"CUST-17 and CUST-18","b":123456789,"CUST-9":1})", config) ==
        R"({"a":"[redacted:configured] and [redacted:configured]","b":"[redacted:configured]",)"
        R"("[redacted:configured]":1})");
}

TEST_CASE("a pattern that cannot be used is named", "[privacy][redact_json]") {
  PrivacyConfig config;
  config.redact_patterns = {"(a"};
  CHECK(complaint(config).starts_with("redaction pattern \"(a\": "));
  config.redact_patterns = {"(a)\\1"};
  CHECK(complaint(config) == "redaction pattern \"(a)\\1\": back references are not supported");
  config.redact_patterns = {""};
  CHECK_FALSE(complaint(config).empty());
}

TEST_CASE("a pattern finds what lies across its windows", "[privacy][redact_json]") {
  PrivacyConfig config;
  config.redact_patterns = {"CUST-[0-9]+"};
  const auto redactor = *Redactor::make(config);
  for (std::size_t before = UserPatterns::kWindowBytes - 12;
       before < UserPatterns::kWindowBytes + 2; ++before) {
    const std::string text = std::string(before, '.') + "CUST-1234567";
    CHECK(redactor->redact_text(text) == std::string(before, '.') + "[redacted:configured]");
  }
}

}  // namespace
}  // namespace sonde::privacy
