#include "privacy/secret_names.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators_all.hpp>

namespace sonde::privacy {
namespace {

/// The kind as it is shown; "-" if the name is not secret.
std::string kind(std::string_view name, const std::vector<std::string>& added = {}) {
  const auto found = SecretNames(added).find(name);
  return std::string(found ? to_string(*found) : "-");
}

TEST_CASE("names of secrets are known however they are written", "[privacy][names]") {
  const auto [name, expected] = GENERATE(table<std::string, std::string>({
      {"password", "password"},
      {"dbPassword", "password"},
      {"PGPASSWORD", "password"},
      {"user.password_hash", "password"},
      {"X-Api-Key", "api_key"},
      {"apikey", "api_key"},
      {"OPENAI_API_KEY", "api_key"},
      {"APIKey", "api_key"},
      {"AWS_SECRET_ACCESS_KEY", "secret"},
      {"clientSecret", "secret"},
      {"client_secret_id", "secret"},
      {"accessToken", "token"},
      {"session_token", "token"},
      {"oauth2Token", "token"},
      {"GITHUB_TOKEN", "token"},
      {"Authorization", "authorization"},
      {"proxy-authorization", "authorization"},
      {"auth", "authorization"},
      {"Set-Cookie", "cookie"},
      {"sessionId", "session"},
      {"ssh_private_key", "private_key"},
      {"privateKeyPem", "private_key"},
      {"encryption-key", "secret"},
      {"SharedAccessKey", "secret"},
      {"ConnectionString", "connection"},
      {"SENTRY_DSN", "connection"},
      {"credentials", "credential"},
      {"cvv2", "pin"},
      {"PIN", "pin"},
      {"ssn", "ssn"},
      {"bearer", "authorization"},
      {"smtp_pass", "password"},
      {"--token", "token"},
      {"ODBC_PWD", "password"},
  }));
  INFO(name);
  CHECK(kind(name) == expected);
}

TEST_CASE("names that only look so are not secret", "[privacy][names]") {
  const std::string name = GENERATE(
      as<std::string>(), "", "_", "author", "authority", "tokens_used", "max_tokens", "maxToken",
      "tokenizer", "keyboard", "monkey", "key", "primaryKey", "public_key", "token_count",
      "tokenLimit", "nextPageToken", "progressToken", "token_expires_at", "passwordPolicy",
      "--password-file", "secret_name", "cookieJar", "auth_type", "no-auth", "sessions",
      "session_timeout", "pinned", "spinner", "compass", "OAuthProvider", "secretary", "12345");
  INFO(name);
  CHECK(kind(name) == "-");
}

TEST_CASE("the configuration adds names by their words", "[privacy][names]") {
  const std::vector<std::string> added = {"customer_name", "IBAN"};
  CHECK(kind("customerName", added) == "configured");
  CHECK(kind("old-customer-name-2", added) == "configured");
  CHECK(kind("iban", added) == "configured");
  CHECK(kind("name_customer", added) == "-");
  CHECK(kind("customer", added) == "-");
  CHECK(kind("anything", {"", "--"}) == "-");
}

TEST_CASE("a URL has secret parameters of its own", "[privacy][names]") {
  const SecretNames names;
  for (const std::string_view name : {"key", "sig", "X-Amz-Signature", "code", "access_token"}) {
    INFO(name);
    CHECK(names.find_parameter(name));
  }
  for (const std::string_view name : {"page", "keyword", "encode", "design", ""}) {
    INFO(name);
    CHECK_FALSE(names.find_parameter(name));
  }
}

TEST_CASE("the words before a name in a sentence tell too", "[privacy][names]") {
  const SecretNames names;
  CHECK(names.find_phrase("my private key", "key"));
  CHECK(names.find_phrase("the api key", "key"));
  CHECK_FALSE(names.find_phrase("unexpected token", "token"));
  CHECK_FALSE(names.find_phrase("password for user", "user"));
}

TEST_CASE("a name of any length is decided by its end", "[privacy][names]") {
  CHECK(kind(std::string(100'000, 'x') + "_password") == "password");
  CHECK(kind(std::string(100'000, '_')) == "-");
}

}  // namespace
}  // namespace sonde::privacy
