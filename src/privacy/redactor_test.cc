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
