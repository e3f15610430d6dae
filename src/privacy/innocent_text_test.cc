#include <catch2/catch_test_macros.hpp>

#include "base/json_writer.h"
#include "privacy/redactor.h"

namespace sonde::privacy {
namespace {

// Texts with nothing secret in them, of the kinds that agents and servers write.  Each one
// has something that a careless pattern takes for a secret.
constexpr auto kInnocent = std::to_array<std::string_view>({
    // Tokens of language models, of parsers and of pages.
    "max_tokens=4096 temperature=0.2",
    "tokens_used: 1532, prompt_tokens: 1200",
    "{\"usage\":{\"input_tokens\":12,\"output_tokens\":345}}",
    "SyntaxError: Unexpected token } in JSON at position 42",
    "Unexpected token '<', \"<!DOCTYPE \"... is not valid JSON",
    "the tokenizer splits text into tokens",
    "next_page_token=CAoQAA&page_size=10",
    "progressToken: 7",
    "eos_token: </s>",
    "token_count = 17",
    "token limit exceeded: 200000 > 128000",
    // Sentences about secrets.
    "Invalid token",
    "password is required",
    "password: required",
    "the password must be at least 8 characters long",
    "password is too short",
    "Bearer authentication required",
    "WWW-Authenticate: Bearer realm=\"example\"",
    "Basic authentication is not supported",
    "secret: missing",
    "error: authorization failed",
    "session expired, please sign in again",
    "cookie policy updated",
    "api key: not set",
    "token is expired",
    "credentials could not be loaded",
    "authentication: none",
    "auth: disabled",
    "--token is required",
    "set the --password option",
    "use 'token=' or 'password:' in the file",
    "password=${DB_PASSWORD}",
    "token: $API_TOKEN",
    "api_key=***",
    // Words that only look like those.
    "author: Jane Austen",
    "authority: example.com",
    "keyboard: us-intl",
    "secretary general of the assembly",
    "pinned: true, pinging: 12ms",
    "shipping: free",
    "the monkey passed the key: C major",
    "primary_key: id, foreign_key: user_id",
    "cache_key=users:42",
    "sort_key = created_at",
    "public_key_algorithm: ed25519",
    "idempotency key: order-17",
    "compass: north",
    "bypass=1",
    // Numbers.
    "1731926400000",
    "1731926400000000000",
    "id 12345678901234567",
    "0.41111111111111111",
    "4111111111111112",
    "1234 5678 9012 3456",
    "2024-11-21T08:07:22.123456Z",
    "20241121080722",
    "2026-11-21",
    "192.168.1.10:8080",
    "version 10.0.19045.3803",
    "300 400 5000",
    "100-200-3000",
    "+1 vote, +200 lines, -35 lines",
    "@@ -12,7 +12,9 @@ int main()",
    "2 + 34567 = 34569",
    "978-3-16-148410-0",
    "DE000BASF111",
    "DE89370400440532013001",
    "219-00-9999",
    "GB29 is a road",
    "matrix[1234567890][12]",
    // Hashes and ids.
    "550e8400-e29b-41d4-a716-446655440000",
    "018f3c2e-7b1a-7c3d-9e4f-123456789012",
    "9bef50b6526b18a75ef963f83d110446bd6dc43a0b9",
    "commit 3f83d11c2b5a6978e4d0f1a2b3c4d5e6f7081920",
    "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "sha256:e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
    "\"integrity\": \"sha512-z4PhNX7vuL3xVChQ1m2AB9Yg5AULVxXcg/SpIdNs6c5H0NE8XYXysP+DGNKHfuwvY7k"
    "xvUdBeoGlODJ6+SfaPg==\"",
    "4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7",
    "c1:9b09ffa71b942fcb27635fbcd5b0e944bfdc63644f0713938a7f51535c3a35e2",
    "arn:aws:iam::123456789012:role/reader",
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5E",
    // Addresses that are no persons'.
    "git@github.com:org/repo.git",
    "ssh://git@github.com/org/repo.git",
    "https://example.com/path?page=2&limit=10#top",
    "https://example.com:8443/a/b@c/d",
    "npm install @types/node@18.0.0",
    "icon@2x.png",
    "user@localhost",
    "@decorator",
    "postgres://db.example.com:5432/shop",
    "s3://bucket/prefix/key.parquet",
    "C:\\Users\\Public\\new\\table.txt",
    "/usr/lib/x86_64-linux-gnu/libcrypto.a",
    // Code.
    "def authenticate(user, realm):",
    "const items = list.map((x) => x.id);",
    "SELECT id, name FROM users WHERE state = 'open'",
    "if (a == b && c != d) return e;",
    "sk-learn and risk-based-approach-of-many-words-in-one",
    "npm_config_cache=/tmp/cache",
    "hf_hub_download(repo, file)",
    "re_compile_internal_with_flags",
    "pk_test and sk_live are prefixes",
    "PATH=/usr/local/bin:/usr/bin",
    "PWD=/home/build",
    "time=12:30:45 level=info msg=\"server started\" port=8080",
    "key: value",
    "a:b:c::d",
    "-----BEGIN CERTIFICATE-----",
    "--dry-run --max-tokens 100 --no-auth --port 80 --token-limit 5",
    "The quick brown fox jumps over the lazy dog.",
    "Größe: 12 µm, 価格: 100 円",
    "",
});

TEST_CASE("innocent texts stay as they are", "[privacy][redact]") {
  const auto redactor = *Redactor::make({});
  for (const std::string_view text : kInnocent) {
    INFO(text);
    CHECK(redactor->redact_text(text) == text);
  }
  CHECK(kInnocent.size() >= 100);
}

TEST_CASE("innocent texts stay as they are within a document", "[privacy][redact]") {
  const auto redactor = *Redactor::make({});
  std::string json;
  JsonWriter writer(json);
  writer.begin_object().key("lines").begin_array();
  for (const std::string_view text : kInnocent) {
    if (!text.starts_with("--")) writer.string(text);  // A flag says something of the next.
  }
  writer.end_array().end_object();
  CHECK(redactor->redact_json(json) == json);
}

TEST_CASE("keys that are not about secrets keep their values", "[privacy][redact]") {
  const auto redactor = *Redactor::make({});
  const std::string json =
      R"({"max_tokens":5,"tokens":["a","b"],"author":"x","tokenizer":"cl100k","keyboard":"us",)"
      R"("primary_key":"id","next_page_token":"abc","token_type":"x","auth_method":"oauth",)"
      R"("sessions":3,"session_count":"4","password_policy":"strict","secret_name":"db",)"
      R"("cookie_domain":"example.com","authorization_endpoint":"https://example.com/a",)"
      R"("requires_auth":true,"token":null,"has_password":false,"hotkey":"ctrl+k"})";
  CHECK(redactor->redact_json(json) == json);
}

}  // namespace
}  // namespace sonde::privacy
