#include "privacy/secret_names.h"

#include <algorithm>
#include <array>
#include <span>

#include "privacy/character.h"

namespace sonde::privacy {
namespace {

constexpr std::size_t kNameBytesMax = 96;
constexpr std::size_t kWordsMax = 16;

/// The words of a name in lower case.
class Words {
 public:
  explicit Words(std::string_view name);
  Words(const Words&) = delete;  // The words are views of the bytes.
  Words& operator=(const Words&) = delete;

  std::span<const std::string_view> all() const { return {words_.data(), count_}; }

 private:
  std::array<char, kNameBytesMax> bytes_;
  std::array<std::string_view, kWordsMax> words_;
  std::size_t count_ = 0;
};

/// Does a word begin at `at`, within letters?  At a capital behind a small letter, and at
/// the last capital of a run: APIKey is API and Key.
bool word_begins(std::string_view name, std::size_t at) {
  if (!in(name[at], kUpper)) return false;
  return in(name[at - 1], kLower) || (in(name[at - 1], kUpper) && at_is(name, at + 1, kLower));
}

Words::Words(std::string_view name) {
  if (name.size() > kNameBytesMax) name.remove_prefix(name.size() - kNameBytesMax);
  for (std::size_t at = 0; at < name.size() && count_ < kWordsMax;) {
    if (!in(name[at], kLetter)) {
      ++at;
      continue;
    }
    const std::size_t begin = at;
    do {
      bytes_[at] = lower(name[at]);
      ++at;
    } while (at_is(name, at, kLetter) && !word_begins(name, at));
    words_[count_++] = {bytes_.data() + begin, at - begin};
  }
}

struct Row {
  std::string_view text;
  SecretKind kind;
};

// Sorted.  Words that make a name secret by themselves.
constexpr auto kSecretWords = std::to_array<Row>({
    {"accesskey", SecretKind::kSecret},
    {"apikey", SecretKind::kApiKey},
    {"apikeys", SecretKind::kApiKey},
    {"auth", SecretKind::kAuthorization},
    {"authkey", SecretKind::kSecret},
    {"authorization", SecretKind::kAuthorization},
    {"bearer", SecretKind::kAuthorization},
    {"connectionstring", SecretKind::kConnection},
    {"cookie", SecretKind::kCookie},
    {"cookies", SecretKind::kCookie},
    {"credential", SecretKind::kCredential},
    {"credentials", SecretKind::kCredential},
    {"creds", SecretKind::kCredential},
    {"cvc", SecretKind::kPin},
    {"cvv", SecretKind::kPin},
    {"dsn", SecretKind::kConnection},
    {"encryptionkey", SecretKind::kSecret},
    {"jwt", SecretKind::kJwt},
    {"mnemonic", SecretKind::kSecret},
    {"otp", SecretKind::kPin},
    {"pass", SecretKind::kPassword},
    {"passcode", SecretKind::kPin},
    {"passphrase", SecretKind::kPassword},
    {"passwd", SecretKind::kPassword},
    {"password", SecretKind::kPassword},
    {"passwords", SecretKind::kPassword},
    {"passwort", SecretKind::kPassword},
    {"pin", SecretKind::kPin},
    {"privatekey", SecretKind::kPrivateKey},
    {"pwd", SecretKind::kPassword},
    {"secret", SecretKind::kSecret},
    {"secretkey", SecretKind::kSecret},
    {"secrets", SecretKind::kSecret},
    {"session", SecretKind::kSession},
    {"sessionid", SecretKind::kSession},
    {"sessionkey", SecretKind::kSession},
    {"setcookie", SecretKind::kCookie},
    {"signingkey", SecretKind::kSecret},
    {"ssn", SecretKind::kSsn},
    {"token", SecretKind::kToken},
    {"totp", SecretKind::kPin},
});
static_assert(std::ranges::is_sorted(kSecretWords, {}, &Row::text));

// `pgpassword`, `mytoken`: written as one word.
constexpr auto kSecretEndings = std::to_array<Row>({
    {"password", SecretKind::kPassword},
    {"passwd", SecretKind::kPassword},
    {"passphrase", SecretKind::kPassword},
    {"secret", SecretKind::kSecret},
    {"token", SecretKind::kToken},
    {"apikey", SecretKind::kApiKey},
    {"accesskey", SecretKind::kSecret},
    {"secretkey", SecretKind::kSecret},
    {"privatekey", SecretKind::kPrivateKey},
    {"credentials", SecretKind::kCredential},
});

struct Pair {
  std::string_view first;
  std::string_view second;
  SecretKind kind;
};

constexpr auto kSecretPairs = std::to_array<Pair>({
    {"access", "key", SecretKind::kSecret},
    {"access", "signature", SecretKind::kSecret},
    {"account", "key", SecretKind::kSecret},
    {"aes", "key", SecretKind::kSecret},
    {"api", "key", SecretKind::kApiKey},
    {"api", "keys", SecretKind::kApiKey},
    {"app", "key", SecretKind::kApiKey},
    {"card", "number", SecretKind::kCard},
    {"connection", "string", SecretKind::kConnection},
    {"consumer", "key", SecretKind::kApiKey},
    {"decryption", "key", SecretKind::kSecret},
    {"deploy", "key", SecretKind::kSecret},
    {"encryption", "key", SecretKind::kSecret},
    {"gpg", "key", SecretKind::kPrivateKey},
    {"hmac", "key", SecretKind::kSecret},
    {"license", "key", SecretKind::kSecret},
    {"master", "key", SecretKind::kSecret},
    {"pass", "phrase", SecretKind::kPassword},
    {"pass", "word", SecretKind::kPassword},
    {"pgp", "key", SecretKind::kPrivateKey},
    {"private", "key", SecretKind::kPrivateKey},
    {"recovery", "code", SecretKind::kPin},
    {"recovery", "phrase", SecretKind::kSecret},
    {"rsa", "key", SecretKind::kPrivateKey},
    {"secret", "key", SecretKind::kSecret},
    {"security", "code", SecretKind::kPin},
    {"seed", "phrase", SecretKind::kSecret},
    {"service", "key", SecretKind::kSecret},
    {"shared", "key", SecretKind::kSecret},
    {"signing", "key", SecretKind::kSecret},
    {"social", "security", SecretKind::kSsn},
    {"ssh", "key", SecretKind::kPrivateKey},
    {"storage", "key", SecretKind::kSecret},
    {"subscription", "key", SecretKind::kApiKey},
    {"webhook", "url", SecretKind::kWebhook},
});

// Sorted.  `token_count`, `authMethod`, `password-file`: about a secret, not the secret.
constexpr auto kHarmlessBehind = std::to_array<std::string_view>(
    {"age",       "at",        "attempts", "audience",  "based",       "budget",   "class",
     "consent",   "cost",      "count",    "counts",    "created",     "date",     "dir",
     "directory", "disabled",  "domain",   "duration",  "enabled",     "encoding", "end",
     "endpoint",  "endpoints", "engine",   "env",       "environment", "error",    "expiration",
     "expire",    "expired",   "expires",  "expiry",    "factory",     "failed",   "failure",
     "failures",  "file",      "format",   "handler",   "ids",         "interval", "issuer",
     "jar",       "len",       "length",   "level",     "lifetime",    "limit",    "limits",
     "manager",   "max",       "method",   "methods",   "min",         "mode",     "model",
     "name",      "names",     "needed",   "offset",    "parser",      "path",     "per",
     "policy",    "position",  "provider", "providers", "realm",       "ref",      "required",
     "rotation",  "rule",      "rules",    "scheme",    "schemes",     "server",   "service",
     "size",      "start",     "store",    "strategy",  "strength",    "time",     "timeout",
     "ttl",       "type",      "types",    "updated",   "uri",         "url",      "usage",
     "used",      "user",      "username", "valid",     "validity",    "vault",    "version"});
static_assert(std::ranges::is_sorted(kHarmlessBehind));

// Sorted.  `next_page_token`, `eos_token`, `--no-auth`.
constexpr auto kHarmlessBefore = std::to_array<std::string_view>(
    {"bos",  "cancellation", "cls",        "completion", "continuation", "eos",  "input",
     "mask", "max",          "min",        "next",       "no",           "num",  "output",
     "pad",  "page",         "progress",   "prompt",     "sep",          "skip", "special",
     "stop", "total",        "unexpected", "unk",        "without"});
static_assert(std::ranges::is_sorted(kHarmlessBefore));

// Sorted.  Words with other meanings, which the word before them can show.
constexpr auto kAmbiguous =
    std::to_array<std::string_view>({"auth", "cookie", "cookies", "pin", "session", "token"});
static_assert(std::ranges::is_sorted(kAmbiguous));

// Sorted.  Parameters that give access to what a URL names.
constexpr auto kSecretParameters = std::to_array<std::string_view>(
    {"assertion", "code", "hmac", "jwt", "key", "pass", "pw", "saml", "samlresponse", "sas", "sid",
     "sig", "signature", "ticket"});
static_assert(std::ranges::is_sorted(kSecretParameters));

template <std::size_t N>
bool contains(const std::array<std::string_view, N>& sorted, std::string_view word) {
  return std::ranges::binary_search(sorted, word);
}

std::optional<SecretKind> secret_word(std::string_view word) {
  const auto row = std::ranges::lower_bound(kSecretWords, word, {}, &Row::text);
  if (row != kSecretWords.end() && row->text == word) return row->kind;
  for (const Row& ending : kSecretEndings) {
    if (word.ends_with(ending.text)) return ending.kind;
  }
  return std::nullopt;
}

std::optional<SecretKind> secret_pair(std::string_view first, std::string_view second) {
  for (const Pair& pair : kSecretPairs) {
    if (pair.second == second && pair.first == first) return pair.kind;
  }
  return std::nullopt;
}

struct Found {
  SecretKind kind;
  std::size_t end;  ///< The first word behind.
};

/// What is secret in the words from `at` on.
std::optional<Found> found_at(std::span<const std::string_view> words, std::size_t at) {
  if (at + 1 < words.size()) {
    if (const auto kind = secret_pair(words[at], words[at + 1])) return Found{*kind, at + 2};
  }
  const auto kind = secret_word(words[at]);
  if (!kind) return std::nullopt;
  if (at > 0 && contains(kHarmlessBefore, words[at - 1]) && contains(kAmbiguous, words[at])) {
    return std::nullopt;
  }
  return Found{*kind, at + 1};
}

/// The last find says most: an `authPassword` is a password.
std::optional<Found> last_found(std::span<const std::string_view> words) {
  for (std::size_t at = words.size(); at-- > 0;) {
    const auto found = found_at(words, at);
    if (found && (found->end == words.size() || !contains(kHarmlessBehind, words[found->end]))) {
      return found;
    }
  }
  return std::nullopt;
}

}  // namespace

SecretNames::SecretNames(const std::vector<std::string>& added) {
  for (const std::string& name : added) {
    const Words words(name);
    if (!words.all().empty()) added_.emplace_back(words.all().begin(), words.all().end());
  }
}

std::optional<SecretKind> SecretNames::find(std::string_view name) const {
  return find_phrase(name, name);
}

std::optional<SecretKind> SecretNames::find_phrase(std::string_view phrase,
                                                   std::string_view name) const {
  const Words words(phrase);
  for (const std::vector<std::string>& added : added_) {
    if (!std::ranges::search(words.all(), added).empty()) return SecretKind::kConfigured;
  }
  const auto found = last_found(words.all());
  if (!found) return std::nullopt;
  const std::size_t behind = words.all().size() - found->end;
  if (behind > 0 && behind >= Words(name).all().size()) return std::nullopt;
  return found->kind;
}

std::optional<SecretKind> SecretNames::find_parameter(std::string_view name) const {
  if (const auto kind = find(name)) return kind;
  const Words words(name);
  if (words.all().empty()) return std::nullopt;
  const std::string_view last = words.all().back();
  if (!contains(kSecretParameters, last)) return std::nullopt;
  return SecretKind::kParameter;
}

}  // namespace sonde::privacy
