#include "privacy/innocent_names.h"

#include <random>
#include <string>

#include <catch2/catch_test_macros.hpp>

#include "privacy/redactor.h"

namespace sonde::privacy {
namespace {

/// `form` with every `h` replaced by a digit of sixteen, every `d` by one of ten.
std::string random_id(std::string_view form, std::mt19937_64& random, bool only_decimal) {
  std::string id(form);
  for (char& c : id) {
    if (c == 'h' || c == 'd')
      c = "0123456789abcdef"[random() % (c == 'd' || only_decimal ? 10 : 16)];
  }
  return id;
}

TEST_CASE("an id that skips redaction for its form would come out of it unchanged",
          "[privacy][names]") {
  const auto redactor = *TextRedactor::make({});
  std::mt19937_64 random(4711);  // NOLINT(bugprone-random-generator-seed): the same every time.
  TextRedactor redacts = *TextRedactor::make({});
  for (const std::string_view form :
       {std::string_view("hhhhhhhh-hhhh-hhhh-hhhh-hhhhhhhhhhhh"),
        std::string_view("hhhhhhhhhhhhhhhhhhhhhhhhhhhhhhhh"), std::string_view("dddddddddddd")}) {
    for (int i = 0; i < 20'000; ++i) {
      // Decimal digits alone are what numbers of persons are made of.
      std::string id = random_id(form, random, i % 2 == 0);
      if (form.front() == 'd') id.resize(1 + random() % form.size());
      REQUIRE(innocent_id(id));
      REQUIRE(redacts.redact(id) == id);
    }
  }
  CHECK(redacts.replaced() == 0);
}

TEST_CASE("what only looks like such an id is redacted like any text", "[privacy][names]") {
  CHECK_FALSE(innocent_id("4111111111111"));                         // Of a card.
  CHECK_FALSE(innocent_id("018F3C2E-7B1A-7C3D-9E4F-123456789012"));  // Not by us.
  CHECK_FALSE(innocent_id("018f3c2e-7b1a-7c3d-9e4f-12345678901g"));
  CHECK_FALSE(innocent_id("018f3c2e-7b1a-7c3d-9e4f0123456789012"));
  CHECK_FALSE(innocent_id("018f3c2e07b1a-7c3d-9e4f-123456789012"));
  CHECK_FALSE(innocent_id("0123456789abcdef0123456789abcdeG"));
  CHECK_FALSE(innocent_id("12a"));
  CHECK(innocent_id("4711"));
}

TEST_CASE("a name is known once it was added, and only that name", "[privacy][names]") {
  InnocentNames names;
  for (const std::size_t size : {1U, 7U, 8U, 9U, 16U, 62U, 63U}) {
    const std::string name(size, 'x');
    CHECK_FALSE(names.contains(name));
    names.add(name);
    CHECK(names.contains(name));
    CHECK_FALSE(names.contains(name + "x"));
    std::string other = name;
    other.back() = 'y';
    CHECK_FALSE(names.contains(other));
  }
  names.add(std::string(64, 'x'));
  CHECK_FALSE(names.contains(std::string(64, 'x')));
  names.add("");
  CHECK_FALSE(names.contains(""));
}

TEST_CASE("names that share a slot do not stand for each other", "[privacy][names]") {
  InnocentNames names;
  std::size_t kept = 0;
  for (int i = 0; i < 2000; ++i) names.add("name_" + std::to_string(i));
  for (int i = 0; i < 4000; ++i) {
    const bool known = names.contains("name_" + std::to_string(i));
    if (known) ++kept;
    REQUIRE((!known || i < 2000));
  }
  CHECK(kept > InnocentNames::kSlots / 2);
  CHECK(kept <= InnocentNames::kSlots);
}

TEST_CASE("a secret in a name is found and counted every time it comes", "[privacy][names]") {
  const auto redactor = *Redactor::make({});
  for (std::size_t times = 1; times <= 3; ++times) {
    std::string name = "ghp_Zq3Xv9Kp2Lm7Rt5Wb8Nc4Hd6Jf1Gs0TyUaEo";
    redactor->redact_name(name);
    CHECK(name == "[redacted:github_token]");
    CHECK(redactor->replaced() == times);
    std::string innocent = "find_documents";
    redactor->redact_name(innocent);
    CHECK(innocent == "find_documents");
  }
}

TEST_CASE("a pattern of the configuration may match any id", "[privacy][names]") {
  PrivacyConfig config;
  config.redact_patterns = {"^4[0-9]+$", "7b1a"};
  const auto redactor = *Redactor::make(config);
  for (int times = 0; times < 2; ++times) {
    for (const std::string_view id : {"4711", "018f3c2e-7b1a-7c3d-9e4f-123456789012"}) {
      std::string name(id);
      redactor->redact_name(name);
      CHECK(name != id);
    }
    std::string other = "5711";
    redactor->redact_name(other);
    CHECK(other == "5711");
  }
}

}  // namespace
}  // namespace sonde::privacy
