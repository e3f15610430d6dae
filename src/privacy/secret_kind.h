#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace sonde::privacy {

// What a value that was replaced had been, as in `[redacted:<name>]`.
#define SONDE_SECRET_KINDS(ROW)               \
  ROW(kPassword, "password")                  \
  ROW(kSecret, "secret")                      \
  ROW(kToken, "token")                        \
  ROW(kApiKey, "api_key")                     \
  ROW(kAuthorization, "authorization")        \
  ROW(kCookie, "cookie")                      \
  ROW(kPrivateKey, "private_key")             \
  ROW(kCredential, "credential")              \
  ROW(kSession, "session")                    \
  ROW(kConnection, "connection")              \
  ROW(kUserinfo, "userinfo")                  \
  ROW(kParameter, "parameter")                \
  ROW(kPin, "pin")                            \
  ROW(kCard, "card")                          \
  ROW(kIban, "iban")                          \
  ROW(kSsn, "ssn")                            \
  ROW(kEmail, "email")                        \
  ROW(kPhone, "phone")                        \
  ROW(kJwt, "jwt")                            \
  ROW(kAwsKey, "aws_key")                     \
  ROW(kGithubToken, "github_token")           \
  ROW(kGitlabToken, "gitlab_token")           \
  ROW(kSlackToken, "slack_token")             \
  ROW(kStripeKey, "stripe_key")               \
  ROW(kOpenaiKey, "openai_key")               \
  ROW(kAnthropicKey, "anthropic_key")         \
  ROW(kGoogleKey, "google_key")               \
  ROW(kNpmToken, "npm_token")                 \
  ROW(kPypiToken, "pypi_token")               \
  ROW(kHuggingfaceToken, "huggingface_token") \
  ROW(kSendgridKey, "sendgrid_key")           \
  ROW(kTwilioKey, "twilio_key")               \
  ROW(kAzureKey, "azure_key")                 \
  ROW(kVendorToken, "vendor_token")           \
  ROW(kWebhook, "webhook")                    \
  ROW(kHeader, "header")                      \
  ROW(kConfigured, "configured")              \
  ROW(kText, "text")

enum class SecretKind : std::uint8_t {
#define SONDE_ROW(id, name) id,
  SONDE_SECRET_KINDS(SONDE_ROW)
#undef SONDE_ROW
};

std::string_view to_string(SecretKind kind) noexcept;

/// `[redacted:<kind>]`
void append_marker(std::string& out, SecretKind kind);

/// The length of the marker at the start of `text`; 0 if there is none.
std::size_t marker_length(std::string_view text) noexcept;

/// The kind of the marker at the start of `text`, which has one.
bool is_marker_of(std::string_view text, SecretKind kind) noexcept;

}  // namespace sonde::privacy
