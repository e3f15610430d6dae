#include "privacy/spoken_secrets.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

#include "privacy/assignment.h"
#include "privacy/character.h"

namespace sonde::privacy {
namespace {

constexpr std::size_t kBlanksMax = 4;
constexpr unsigned kToken68 = kWordDash | kDot | kTilde | kBase64Mark | kEqual;

/// Skips at least one blank; returns `at` if there is none.
std::size_t skip_blanks(std::string_view text, std::size_t at) {
  return run_end(text, at, kBlank, at + kBlanksMax);
}

std::size_t count(std::string_view text, unsigned set) {
  return static_cast<std::size_t>(
      std::ranges::count_if(text, [set](char c) { return in(c, set); }));
}

std::optional<Found> find_bearer(std::string_view text, std::size_t end) {
  const std::size_t begin = skip_blanks(text, end);
  const std::size_t behind = run_end(text, begin, kToken68);
  const std::string_view token = text.substr(begin, behind - begin);
  if (begin == end || token.size() < 8) return std::nullopt;
  // `Bearer realm="…"` is a challenge, `Bearer authentication` is prose.
  if (token.ends_with('=') && at_is(text, behind, kQuote)) return std::nullopt;
  if (token.size() < 20 && count(token, kLower | kDot) == token.size()) return std::nullopt;
  return Found{begin, behind, SecretKind::kAuthorization};
}

int base64_value(char c) {
  if (in(c, kUpper)) return c - 'A';
  if (in(c, kLower)) return c - 'a' + 26;
  if (in(c, kDigit)) return c - '0' + 52;
  return c == '+' || c == '-' ? 62 : 63;
}

/// Is it the base64 of printable text with a colon in it?
bool encodes_user_and_password(std::string_view base64) {
  std::uint32_t bits = 0;
  int size = 0;
  bool colon = false;
  for (const char c : base64.substr(0, base64.find('='))) {
    bits = bits << 6 | static_cast<std::uint32_t>(base64_value(c));
    size += 6;
    if (size < 8) continue;
    size -= 8;
    const auto byte = static_cast<unsigned char>(bits >> size);
    if (byte < 0x20 || byte == 0x7f) return false;
    colon = colon || byte == ':';
  }
  return colon;
}

std::optional<Found> find_basic(std::string_view text, std::size_t end) {
  const std::size_t begin = skip_blanks(text, end);
  const std::size_t behind = run_end(text, begin, kWordDash | kBase64Mark | kEqual);
  const std::string_view token = text.substr(begin, behind - begin);
  if (begin == end || token.size() < 4 || !encodes_user_and_password(token)) return std::nullopt;
  return Found{begin, behind, SecretKind::kAuthorization};
}

/// Is it a word that nobody would say in a sentence?
bool looks_chosen(std::string_view value, bool said) {
  const std::size_t letters = count(value, kLetter);
  const std::size_t digits = count(value, kDigit);
  if (!said) return letters > 0 && digits > 0 && value.size() >= 6;
  if (letters == 0) return digits >= 4;
  return value.size() >= 4 &&
         value.find_first_of("0123456789!@#$%^&*+=~") != std::string_view::npos;
}

std::optional<Found> find_stated(std::string_view text, std::size_t end, SecretKind kind) {
  std::size_t at = skip_blanks(text, end);
  if (at == end) return std::nullopt;
  bool said = false;
  for (const std::string_view verb : {"is", "was"}) {
    if (!goes_on_with(text, at, verb) || !at_is(text, at + verb.size(), kBlank)) continue;
    at = skip_blanks(text, at + verb.size());
    said = true;
    break;
  }
  if (const auto quoted = quoted_value(text, at)) {
    const std::string_view value = text.substr(quoted->begin, quoted->end - quoted->begin);
    if (innocent_value(value) || (!said && kind != SecretKind::kPassword)) return std::nullopt;
    return Found{quoted->begin, quoted->end, kind};
  }
  const auto word = assigned_value(text, at, ValueForm::kWord, '\0');
  if (!word) return std::nullopt;
  const std::string_view value = text.substr(word->begin, word->end - word->begin);
  if (!said && kind != SecretKind::kPassword) return std::nullopt;
  if (!looks_chosen(value, said) || innocent_value(value)) return std::nullopt;
  return Found{word->begin, word->end, kind};
}

/// IDENTIFIED BY 'x', of SQL.
std::optional<Found> find_identified(std::string_view text, std::size_t end) {
  const std::size_t by = skip_blanks(text, end);
  if (by == end || !goes_on_with(text, by, "by")) return std::nullopt;
  const auto quoted = quoted_value(text, skip_blanks(text, by + 2));
  if (!quoted || innocent_value(text.substr(quoted->begin, quoted->end - quoted->begin))) {
    return std::nullopt;
  }
  return Found{quoted->begin, quoted->end, SecretKind::kPassword};
}

struct Announcing {
  std::string_view word;
  SecretKind kind;
};

constexpr auto kAnnouncing = std::to_array<Announcing>({
    {"password", SecretKind::kPassword},
    {"passwd", SecretKind::kPassword},
    {"passphrase", SecretKind::kPassword},
    {"passcode", SecretKind::kPin},
    {"pwd", SecretKind::kPassword},
    {"pin", SecretKind::kPin},
    {"secret", SecretKind::kSecret},
    {"token", SecretKind::kToken},
});

bool all_hex(std::string_view text) { return run_end(text, 0, kHex) == text.size(); }

bool mixed(std::string_view text) {
  return count(text, kUpper) > 1 && count(text, kLower) > 1 && count(text, kDigit) > 0;
}

std::optional<Found> find_telegram(std::string_view text, std::size_t at) {
  const std::size_t colon = run_end(text, at, kDigit, at + 11);
  if (colon - at < 8 || colon - at > 10 || !text.substr(colon).starts_with(':'))
    return std::nullopt;
  const std::size_t end = run_end(text, colon + 1, kWordDash, colon + 37);
  if (end - colon != 36) return std::nullopt;
  return Found{at, end, SecretKind::kVendorToken};
}

}  // namespace

std::optional<Found> find_announced(std::string_view text, std::size_t at, std::size_t end) {
  const char first = lower(text[at]);
  const auto is = [&](std::string_view word) {
    return end - at == word.size() && goes_on_with(text, at, word);
  };
  if (first == 'b' && is("bearer")) return find_bearer(text, end);
  if (first == 'b' && is("basic")) return find_basic(text, end);
  if (first == 'i' && is("identified")) return find_identified(text, end);
  if (first != 'p' && first != 's' && first != 't') return std::nullopt;
  for (const Announcing& announcing : kAnnouncing) {
    if (is(announcing.word)) return find_stated(text, end, announcing.kind);
  }
  return std::nullopt;
}

bool user_flag(std::string_view flag) {
  return flag == "-u" || flag == "--user" || flag == "-U" || flag == "--proxy-user";
}

std::optional<SecretKind> secret_flag(std::string_view flag, const SecretNames& names) {
  if (!flag.starts_with('-') || flag.find('=') != std::string_view::npos) return std::nullopt;
  return names.find(flag);
}

std::optional<Found> find_flag_value(std::string_view text, std::size_t at,
                                     const SecretNames& names) {
  constexpr std::size_t kFlagBytesMax = 64;
  const std::size_t end = run_end(text, at, kWordDash, at + kFlagBytesMax);
  const std::string_view flag = text.substr(at, end - at);
  if (flag.size() < 2 || flag.back() == '-' || end >= text.size()) return std::nullopt;
  if (!in(text[end], kBlank | kQuote)) return std::nullopt;
  const bool user = user_flag(flag);
  const auto kind = user ? SecretKind::kCredential : secret_flag(flag, names);
  if (!kind) return std::nullopt;

  std::size_t next = skip_blanks(text, end);
  if (in(text[end], kQuote)) {  // "--token", "…": the flag is an element of a list.
    next = skip_blanks(text, end + 1);
    if (next >= text.size() || text[next] != ',') return std::nullopt;
    next = skip_blanks(text, next + 1);
    if (next >= text.size() || text[next] != text[end]) return std::nullopt;
  }
  if (at_is(text, next, kDash)) return std::nullopt;  // Another flag: this one has no value.
  const auto found = assigned_value(text, next, ValueForm::kWord, '\0');
  if (!found) return std::nullopt;
  const std::string_view value = text.substr(found->begin, found->end - found->begin);
  if (innocent_value(value) || (user && value.find(':') == std::string_view::npos)) {
    return std::nullopt;
  }
  return Found{found->begin, found->end, *kind};
}

std::optional<Found> find_random_key(std::string_view text, std::size_t at, bool hinted) {
  constexpr std::size_t kLookBytesMax = 90;
  constexpr unsigned kSet = kAlnum | kBase64Mark;
  const std::size_t end = run_end(text, at, kSet, at + kLookBytesMax);
  const std::string_view run = text.substr(at, end - at);
  const auto found = [&](std::size_t behind, SecretKind kind) { return Found{at, behind, kind}; };
  if (run.size() == 86 && text.substr(end).starts_with("==") &&
      !text.substr(0, at).ends_with("sha512-")) {
    return found(end + 2, SecretKind::kAzureKey);
  }
  if (run.size() == 32 && all_hex(run) && text.substr(end).starts_with("-us")) {
    return found(run_end(text, end + 3, kDigit), SecretKind::kVendorToken);
  }
  if (hinted && run.size() == 40 && mixed(run)) return found(end, SecretKind::kAwsKey);
  if (hinted && run.size() == 64 && all_hex(run)) return found(end, SecretKind::kPrivateKey);
  if (hinted && run.size() == 66 && run.starts_with("0x") && all_hex(run.substr(2))) {
    return found(end, SecretKind::kPrivateKey);
  }
  if (in(text[at], kDigit)) return find_telegram(text, at);
  return std::nullopt;
}

bool hints_at_key(std::string_view word) {
  constexpr auto kHints = std::to_array<std::string_view>(
      {"aws", "secret", "private", "priv", "seed", "wallet", "credential", "credentials", "signing",
       "encryption", "secretkey", "accesskey", "privatekey", "secretaccesskey"});
  return std::ranges::any_of(kHints, [word](std::string_view hint) {
    return hint.size() == word.size() && goes_on_with(word, 0, hint);
  });
}

}  // namespace sonde::privacy
