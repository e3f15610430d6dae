// Property: what was redacted stays as it is when redacted again; a secret planted anywhere,
// with a separator on both sides, is gone; valid JSON stays valid JSON.
#include <simdjson.h>

#include <array>

#include "base/check.h"
#include "privacy/redactor.h"

namespace {

using sonde::privacy::Redactor;

constexpr auto kSecrets = std::to_array<std::string_view>({
    "AKIAIOSFODNN7EXAMPLE",
    "ghp_Zq3Xv9Kp2Lm7Rt5Wb8Nc4Hd6Jf1Gs0TyUaEo",
    "sk-ant-api03-Zq3Xv9Kp2Lm7Rt5Wb8Nc4Hd6",
    "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.Zq3Xv9Kp2Lm7",
    "xoxb-210987654321-Zq3Xv9Kp2Lm7",
    "4111111111111111",
    "DE89370400440532013000",
    "erika.musterfrau@example.org",
    "postgres://app:hUnter2zQ7@db.example.com/shop",
    "password=hUnter2zQ7",
    "{\"apiKey\":\"hUnter2zQ7\"}",
    "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEAZq3Xv9\n-----END RSA PRIVATE KEY-----",
});
/// What must not be left of each.
constexpr auto kTraces = std::to_array<std::string_view>({
    "AKIAIOSFODNN7EXAMPLE",
    "ghp_Zq3X",
    "sk-ant-api03",
    "eyJzdWIiOiIxIn0",
    "210987654321-Zq3X",
    "4111111111111111",
    "DE89370400440532013000",
    "erika.musterfrau@example.org",
    "hUnter2zQ7",
    "hUnter2zQ7",
    "hUnter2zQ7",
    "MIIEpAIBAAKCAQEAZq3Xv9",
});
static_assert(kSecrets.size() == kTraces.size());

constexpr std::string_view kSeparators = " \n\t,;|<>()";

Redactor& redactor() {
  static const auto made = [] {
    sonde::PrivacyConfig config;
    config.redact_keys = {"customer_name"};
    config.redact_patterns = {"CUST-[0-9]+"};
    config.redact_paths = {"$..x", "$.a[0]"};
    return *Redactor::make(config);
  }();
  return *made;
}

bool valid(std::string_view json) {
  static simdjson::dom::parser parser;
  return parser.parse(json.data(), json.size()).error() == simdjson::SUCCESS;
}

void check_planted(std::string_view text, std::size_t which, std::size_t position, char separator) {
  // The fuzzer knows the secrets too: it must not have brought one of its own.
  if (text.find(kTraces[which]) != std::string_view::npos) return;
  std::string planted(text.substr(0, position));
  planted.append(1, separator).append(kSecrets[which]).append(1, separator);
  planted.append(text.substr(position));
  SONDE_CHECK(redactor().redact_text(planted).find(kTraces[which]) == std::string::npos);
  SONDE_CHECK(redactor().redact_json(planted).find(kTraces[which]) == std::string::npos);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size < 4) return 0;
  const std::string_view text(reinterpret_cast<const char*>(data) + 4, size - 4);
  const std::size_t position = (data[0] * std::size_t{256} + data[1]) % (text.size() + 1);
  check_planted(text, data[2] % kSecrets.size(), position,
                kSeparators[data[3] % kSeparators.size()]);

  const std::string once = redactor().redact_text(text);
  SONDE_CHECK(redactor().redact_text(once) == once);

  const std::string json = redactor().redact_json(text);
  if (!valid(text)) return 0;
  SONDE_CHECK(valid(json));
  SONDE_CHECK(redactor().redact_json(json) == json);
  return 0;
}
