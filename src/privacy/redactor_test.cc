#include "privacy/redactor.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators_all.hpp>

#include "base/json_writer.h"
#include "privacy/canaries_for_test.h"

namespace sonde::privacy {
namespace {

std::unique_ptr<Redactor> redactor(const PrivacyConfig& config = {}) {
  return *Redactor::make(config);
}
std::string text(std::string_view raw) { return redactor()->redact_text(raw); }
std::string json(std::string_view raw) { return redactor()->redact_json(raw); }

std::string quoted(std::string_view raw) {
  std::string out;
  append_json_string(out, raw);
  return out;
}

/// Those with a form of their own: all that redaction alone can find.
std::vector<Canary> recognisable() {
  std::vector<Canary> all = canaries();
  std::erase_if(all, [](const Canary& canary) { return !canary.goes_in("stderr"); });
  return all;
}

bool holds(std::string_view text, std::string_view value) {
  return text.find(value) != std::string_view::npos;
}

TEST_CASE("no canary survives in a text", "[privacy][redact][canary]") {
  CHECK(recognisable().size() >= 90);
  for (const Canary& canary : recognisable()) {
    INFO(canary.kind << ": " << canary.text << " -> " << text(canary.text));
    CHECK_FALSE(holds(text(canary.text), canary.value));
    CHECK_FALSE(holds(text(canary.text), "[redacted:text]"));  // The last resort.
    CHECK_FALSE(holds(text("before " + canary.text + " after"), canary.value));
    CHECK(text("before " + canary.text).starts_with("before "));
    CHECK_FALSE(holds(text("[" + canary.text + "]\n"), canary.value));
  }
}

TEST_CASE("a marker is left alone, and says nothing of what is beside it", "[privacy][redact]") {
  for (const std::string_view raw :
       {"[redacted:token]=x", "password=[redacted:password]", "[redacted:cookie]: a b",
        "https://[redacted:userinfo]@example.com/", "--token [redacted:token] x",
        "Authorization: [redacted:authorization]", "'pin': '[redacted:pin]'"}) {
    CHECK(text(raw) == raw);
    CHECK(json(quoted(raw)) == quoted(raw));
  }
}

TEST_CASE("a marker hides nothing that was joined to it", "[privacy][redact]") {
  CHECK(text("password=[redacted:password]hunter2") == "password=[redacted:password]");
  CHECK(text("password=hunter2[redacted:token]") == "password=[redacted:password]");
  CHECK_FALSE(holds(text("password=[redacted:hunter2]"), "hunter2"));
}

TEST_CASE("lines out of the middle of a key are redacted", "[privacy][redact]") {
  const std::string line = "MIIEpAIBAAKCAQEAZq3Xv9Kp2Lm7Rt5Wb8Nc4Hd6Jf1Gs0TyUaEo2Pi8Zq3Xv9Kp";
  std::vector<std::string> lines = {line, line, "ready"};
  redactor()->redact_lines(lines);
  CHECK(lines ==
        std::vector<std::string>{"[redacted:private_key]", "[redacted:private_key]", "ready"});
}

TEST_CASE("the end of a key takes the lines before it along", "[privacy][redact]") {
  CHECK(text("a log\nAAAABBBB1111\nCCCC=\n-----END PRIVATE KEY-----\nmore") ==
        "a log\n[redacted:private_key]\nmore");
  CHECK(text("-----END PRIVATE KEY-----") == "[redacted:private_key]");
}

TEST_CASE("a password in a URL may have marks of URLs in it", "[privacy][redact]") {
  CHECK(text("amqp://app:p/a?s#s@host/x") == "amqp://[redacted:userinfo]@host/x");
  CHECK(text("amqp://app:p@ss@host/x@y") == "amqp://[redacted:userinfo]@host/x@y");
  CHECK(text("http://host:80/x@y") == "http://host:80/x@y");
}

TEST_CASE("only harmless headers show their values", "[privacy][redact]") {
  CHECK(redactor()->redact_header("Content-Type", "text/html") == "text/html");
  CHECK(redactor()->redact_header("MCP-Protocol-Version", "2025-11-25") == "2025-11-25");
  CHECK(redactor()->redact_header("X-Custom", "text/html") == "[redacted:header]");
  CHECK(redactor()->redact_header("Authorization", "x") == "[redacted:header]");
  CHECK(redactor()->redact_header("User-Agent", "a ghp_Zq3Xv9Kp2Lm7Rt5Wb8Nc4Hd6Jf1Gs0TyUaEo") ==
        "a [redacted:github_token]");
}

TEST_CASE("a URI loses user, query and fragment", "[privacy][redact]") {
  CHECK(redactor()->redact_uri("https://bob:pw@example.com/a?b=c#d") == "https://example.com/a");
  CHECK(redactor()->redact_uri("file:///a/b") == "file:///a/b");
  CHECK(redactor()->redact_uri("data:text/plain,Erika") == "data:");
  CHECK(redactor()->redact_uri("mailto:erika@example.com") == "mailto:[redacted:email]");
}

TEST_CASE("no canary survives in a document", "[privacy][redact][canary]") {
  for (const Canary& canary : recognisable()) {
    const std::string plain = R"({"note":)" + quoted(canary.text) + "}";
    const std::string nested = R"([{"payload":)" + quoted(plain) + R"(,"n":1}])";
    INFO(canary.kind << ": " << json(plain) << "\n" << json(nested));
    CHECK_FALSE(holds(json(plain), canary.value));
    CHECK_FALSE(holds(json(nested), canary.value));
    CHECK_FALSE(holds(json(R"({"n":[1,{"a":)" + quoted(nested) + "}]}"), canary.value));
  }
}

TEST_CASE("no canary survives in a document that was cut off", "[privacy][redact][canary]") {
  for (const Canary& canary : recognisable()) {
    const std::string cut = R"({"a":[1,2],"note":)" + quoted(canary.text + " and more");
    INFO(canary.kind << ": " << json(cut.substr(0, cut.size() - 1)));
    CHECK_FALSE(holds(json(cut.substr(0, cut.size() - 1)), canary.value));
  }
}

TEST_CASE("no canary survives in arguments, variables and lines", "[privacy][redact][canary]") {
  for (const Canary& canary : recognisable()) {
    std::vector<std::string> arguments = {"server", canary.text, "--url=" + canary.text};
    redactor()->redact_arguments(arguments);
    std::string variable = "SETTING=" + canary.text;
    redactor()->redact_variable(variable);
    std::vector<std::string> lines = {"starting", canary.text, "ready"};
    redactor()->redact_lines(lines);
    for (const std::string& shown :
         {arguments[1], arguments[2], variable, lines[0], lines.back()}) {
      INFO(canary.kind << ": " << shown);
      CHECK_FALSE(holds(shown, canary.value));
    }
  }
}

}  // namespace
}  // namespace sonde::privacy
