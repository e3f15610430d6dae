#include "privacy/error_template.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators_all.hpp>

#include "privacy/canaries_for_test.h"
#include "privacy/vocabulary.h"

namespace sonde::privacy {
namespace {

TEST_CASE("two words are never written as one", "[privacy][template]") {
  CHECK(error_template("can't\xa0ra.b.TimeoutError") == "can't TimeoutError");
  CHECK(error_template("can't_x.TimeoutError") == "can't TimeoutError");
}

TEST_CASE("a template keeps what programs say and drops what they say it of",
          "[privacy][template]") {
  const auto [text, expected] = GENERATE(table<std::string, std::string>({
      {"Connection refused to db-prod-3.internal:5432 for user bob",
       "Connection refused to <addr> for user <w>"},
      {"MCP error -32602: Invalid arguments for tool get_weather: [\n  {\n    \"code\": "
       "\"invalid_type\",\n    \"expected\": \"string\",\n    \"received\": \"undefined\",\n    "
       "\"path\": [\n      \"city\"\n    ],\n    \"message\": \"Required\"\n  }\n]",
       "MCP error <num>: Invalid arguments for tool <w>: [ { \"code\": \"invalid_type\", "
       "\"expected\": \"string\", \"received\": \"undefined\", \"path\": [ <str> ], \"message\": "
       "<str>"},
      {"ENOENT: no such file or directory, open '/home/bob/divorce.docx'",
       "ENOENT: no such file or directory, open <str>"},
      {"duplicate key value violates unique constraint \"users_email_key\"\n"
       "DETAIL:  Key (email)=(bob@example.com) already exists.",
       "duplicate key value violates unique constraint <str> DETAIL: <w> (<w>)=(<addr>) already "
       "exists"},
      {"no such table: customers_2024", "no such table: <id>"},
      {"Request failed with status code 404", "Request failed with status code <num>"},
      {"HTTP/1.1 503 Service Unavailable", "HTTP/<num> Service Unavailable"},
      {"Timeout of 5000ms exceeded", "Timeout of <num> exceeded"},
      {"java.lang.NullPointerException: Cannot invoke \"Customer.name()\"",
       "NullPointerException: Cannot invoke <str>"},
      {"Traceback (most recent call last): File \"/srv/app/main.py\", line 42, in handle",
       "Traceback (most recent call last): File <str>, line <num>, in handle"},
      {"ValueError: invalid literal for int() with base 10: 'Erika'",
       "ValueError: invalid literal for int() with base <num>: <str>"},
      {"getaddrinfo ENOTFOUND api.musterfirma.de", "<w> ENOTFOUND <addr>"},
      {"connect ECONNREFUSED 127.0.0.1:5432", "connect ECONNREFUSED <addr>"},
      {"connect ECONNREFUSED ::1:5432", "connect ECONNREFUSED <addr>"},
      {"Unknown tool: Erika Musterfrau", "Unknown tool: <w>"},
      {"can't read property of undefined", "can't read property of undefined"},
      {"fetch https://api.example.com/v1/users?name=bob failed", "fetch <url> failed"},
      {"cannot open C:\\Users\\bob\\tax.xlsx for reading", "cannot open <path> for reading"},
      {"bad request id 7d9f2b1c-4e8a-4c3d-9b6e-2f5a1d0c8e47", "bad request id <id>"},
      {"at Object.<anonymous> (/app/server.js:10:5)", "at Object.<<w>> (<path>)"},
      {"Method tools/call not found", "Method tools/call not found"},
      {"unsupported type application/json", "unsupported type application/json"},
      {"ERR_MODULE_NOT_FOUND", "ERR_MODULE_NOT_FOUND"},
      {"SQLITE_CONSTRAINT: UNIQUE constraint failed: people.email",
       "SQLITE_CONSTRAINT: UNIQUE constraint failed: <addr>"},
      {"Expected 3 values, got 17", "Expected <num> values, got <num>"},
      {"localhost:3000 refused", "localhost:<num> refused"},
      {"error at line:12", "error at line:<num>"},
      {"rate-limit exceeded", "rate-limit exceeded"},
      {"not\tfound\r\n\x1b[31mred", "not found [<id>"},
      {"", ""},
      {"   ", ""},
      {"...", ""},
  }));
  INFO(text);
  CHECK(error_template(text) == expected);
}

TEST_CASE("words in a row become one placeholder, however many they are", "[privacy][template]") {
  CHECK(error_template("user Erika not found") == "user <w> not found");
  CHECK(error_template("user Dr. Erika von Musterfrau, Köln not found") == "user <w> not found");
  CHECK(error_template("values 1, 2, 3, 4") == "values <num>");
}

TEST_CASE("names that are words count in small letters only", "[privacy][template]") {
  CHECK(error_template("user Max Page not found") == "user <w> not found");
  CHECK(error_template("max page size") == "max page size");
}

TEST_CASE("SQL shows its words, not its literals", "[privacy][template]") {
  CHECK(error_template("near \"FORM\": syntax error in SELECT salary FROM staff WHERE name = "
                       "'O''Connor' AND age > 41") ==
        "near <str>: syntax error in SELECT <w> FROM <w> WHERE name = <str> AND <w> > <num>");
}

TEST_CASE("no canary survives in a template", "[privacy][template][canary]") {
  for (const Canary& canary : canaries()) {
    for (const std::string& text :
         {canary.text, "failed: " + canary.text + " not found",
          "value '" + canary.text + "' is bad", "bad value (" + canary.text + ")",
          "key=" + canary.text + ";"}) {
      INFO(canary.kind << ": " << error_template(text));
      CHECK(error_template(text).find(canary.value) == std::string::npos);
    }
  }
}

/// The words of a value, which must not survive by themselves either.
std::vector<std::string> words_of(std::string_view value) {
  std::vector<std::string> words(1);
  for (const char c : value) {
    const bool letter =
        (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || static_cast<signed char>(c) < 0;
    if (letter) {
      words.back().push_back(c);
    } else if (!words.back().empty()) {
      words.emplace_back();
    }
  }
  std::erase_if(words, [](const std::string& word) { return word.size() < 5; });
  return words;
}

TEST_CASE("no word of a name or an address survives", "[privacy][template][canary]") {
  for (const Canary& canary : canaries()) {
    if (canary.secret || canary.kind == "confidential remark" || canary.kind == "internal project")
      continue;
    const std::string shown = error_template("no row for " + canary.text);
    for (const std::string& word : words_of(canary.value)) {
      if (in_vocabulary(word)) continue;
      INFO(canary.kind << ": " << shown);
      CHECK(shown.find(word) == std::string::npos);
    }
  }
}

TEST_CASE("a template of a template is the same", "[privacy][template]") {
  for (const Canary& canary : canaries()) {
    const std::string once = error_template("failed: " + canary.text + " at 12 in 'x'");
    CHECK(error_template(once) == once);
  }
}

TEST_CASE("a template is short and one line, whatever the text", "[privacy][template]") {
  const std::string unit =
      GENERATE("error 'x' ", "a\n", "\xff\xfe", "1 x ", "\"", "////", "\xe5\xbc\xa0 ");
  std::string text;
  while (text.size() < 1 << 16) text += unit;
  const std::string shown = error_template(text);
  INFO(shown);
  CHECK(shown.size() <= 256);
  CHECK(shown.find_first_of("\n\r\x1b") == std::string::npos);
  CHECK(error_template("unknown tool", 7) == "unknown");
}

TEST_CASE("a redacted secret is told as one", "[privacy][template]") {
  CHECK(error_template("bad token [redacted:token]") == "bad token <secret>");
}

}  // namespace
}  // namespace sonde::privacy
