#include "privacy/assignment.h"

#include <algorithm>
#include <array>

#include "privacy/character.h"
#include "privacy/secret_kind.h"

namespace sonde::privacy {
namespace {

constexpr std::size_t kNameBytesMax = 64;
constexpr std::size_t kBlanksMax = 4;
constexpr unsigned kNameSet = kWordDash | kDot;

/// Reads a text backwards.
struct Backwards {
  std::string_view text;
  std::size_t floor;
  std::size_t at;

  bool any() const { return at > floor; }
  char last() const { return text[at - 1]; }
  bool drop(std::string_view suffix) {
    if (!text.substr(floor, at - floor).ends_with(suffix)) return false;
    at -= suffix.size();
    return true;
  }
  std::size_t drop_run(unsigned set, std::size_t count_max) {
    const std::size_t begin = at;
    while (any() && begin - at < count_max && in(last(), set)) --at;
    return begin - at;
  }
};

/// Steps over the quote that closes a name, as `"`, `\"`, `']`, `&quot;` or `%22`.
char drop_quote(Backwards& back) {
  if (back.drop("&quot;") || back.drop("%22")) return '"';
  back.drop("]");
  if (!back.any() || !in(back.last(), kQuote)) return '\0';
  const char quote = back.last();
  --back.at;
  for (int i = 0; i < 8 && back.drop("\\"); ++i) {
  }
  return quote;
}

/// One word of a sentence and the blank behind it.
bool drop_word(Backwards& back) {
  Backwards before = back;
  if (before.drop_run(kBlank, 1) == 0 || before.drop_run(kAlnum, 24) == 0) return false;
  back = before;
  return true;
}

bool escape_letter(char c) { return c == 'n' || c == 'r' || c == 't'; }

/// The position behind the closing quote of a value that `quote` has opened, with
/// `backslashes` before it.
std::size_t closing_quote(std::string_view text, std::size_t at, char quote,
                          std::size_t backslashes) {
  for (std::size_t end = text.find(quote, at); end != std::string_view::npos;
       end = text.find(quote, end + 1)) {
    std::size_t before = 0;
    while (end - before > at && text[end - before - 1] == '\\') ++before;
    if (backslashes == 0 ? before % 2 == 0 : before == backslashes) return end - backslashes;
  }
  return std::min(text.find('\n', at), text.size());  // Cut off, or never closed.
}

/// What may follow a bracket or a quote that ends a value.
bool value_ends_before(std::string_view text, std::size_t at) {
  return at >= text.size() || !at_is(text, at, kWord);
}

/// Does another assignment begin at `at`, as in `user=bob,password=x,host=y`?
bool assignment_begins(std::string_view text, std::size_t at) {
  const std::size_t end = run_end(text, at, kWordDash | kDot | kBlank, at + 48);
  return end > at && end < text.size() && (text[end] == '=' || text[end] == ':');
}

bool separates(std::string_view text, std::size_t at) {
  return at + 1 >= text.size() || at_is(text, at + 1, kSpace | kQuote) ||
         assignment_begins(text, at + 1);
}

bool ends_word(std::string_view text, std::size_t at) {
  switch (text[at]) {
    case ' ':
    case '\t':
    case '\n':
    case '\r':
    case '\v':
    case '\f':
    case '<':
    case '>':
      return true;
    case '"':
    case '\'':
    case '`':  // Within a word it is part of it, elsewhere it opens or closes something.
      return at == 0 || !in(text[at - 1], kWord) || value_ends_before(text, at + 1);
    case ')':
    case ']':
    case '}':
      return value_ends_before(text, at + 1);
    case '\\':
      return at + 1 < text.size() && (escape_letter(text[at + 1]) || in(text[at + 1], kQuote));
    case ',':
    case ';':
    case '&':
    case '|':
      return separates(text, at);
    default:
      return false;
  }
}

bool ends_encoded(std::string_view text, std::size_t at) {
  constexpr auto kSeparators =
      std::to_array<std::string_view>({"%20", "%22", "%26", "%27", "%2c", "%3b", "%7d", "%0"});
  return text[at] == '&' || std::ranges::any_of(kSeparators, [&](std::string_view separator) {
           return goes_on_with(text, at, separator);
         });
}

bool ends_line(std::string_view text, std::size_t at, char open_quote) {
  if (in(text[at], kLineEnd) || (open_quote != '\0' && text[at] == open_quote)) return true;
  return text[at] == '\\' && at + 1 < text.size() && (text[at + 1] == 'n' || text[at + 1] == 'r');
}

bool ends_value(std::string_view text, std::size_t at, ValueForm form, char open_quote) {
  switch (form) {
    case ValueForm::kWord:
      return ends_word(text, at);
    case ValueForm::kParameter:
      return text[at] == '&' || text[at] == '#' || ends_word(text, at);
    case ValueForm::kEncoded:
      return ends_encoded(text, at) || ends_word(text, at);
    case ValueForm::kLine:
      return ends_line(text, at, open_quote);
    case ValueForm::kElement:
      return text[at] == '<';
  }
  return true;
}

/// `{"`, `[1` or a bracket at the end of a line: what follows is no value but several.
bool opens_container(std::string_view text, std::size_t at) {
  if (marker_length(text.substr(at)) > 0) return false;
  const std::size_t next = run_end(text, at + 1, kBlank);
  const bool inside = next >= text.size() || in(text[next], kQuote | kLineEnd) ||
                      std::string_view("{}[]\\").find(text[next]) != std::string_view::npos;
  return (text[at] == '{' || text[at] == '[') && inside;
}

bool all_of(std::string_view text, std::string_view set) {
  return text.find_first_not_of(set) == std::string_view::npos;
}

// Sorted.  What sentences and programs say about a secret without saying it.
constexpr auto kInnocent = std::to_array<std::string_view>(
    {"accepted",    "already",   "and",       "any",       "are",        "argument", "base64",
     "bcrypt",      "bool",      "boolean",   "bytes",     "cached",     "can",      "cannot",
     "changed",     "could",     "default",   "denied",    "disabled",   "does",     "empty",
     "enabled",     "error",     "expected",  "expired",   "failed",     "failure",  "false",
     "flag",        "for",       "from",      "got",       "has",        "hidden",   "if",
     "ignored",     "in",        "incorrect", "int",       "integer",    "invalid",  "is",
     "it",          "length",    "login",     "malformed", "masked",     "mismatch", "missing",
     "must",        "nil",       "no",        "none",      "not",        "null",     "number",
     "object",      "of",        "ok",        "only",      "option",     "optional", "or",
     "parameter",   "provided",  "redacted",  "refused",   "rejected",   "removed",  "required",
     "revoked",     "set",       "sha256",    "sha512",    "should",     "some",     "str",
     "string",      "supported", "text",      "that",      "the",        "this",     "to",
     "too",         "true",      "type",      "undefined", "unexpected", "unknown",  "unset",
     "unsupported", "updated",   "used",      "valid",     "value",      "verified", "was",
     "were",        "when",      "will",      "with",      "without",    "wrong",    "yes",
     "you",         "your"});

bool innocent_word(std::string_view value) {
  constexpr std::size_t kSizeMax = 11;
  if (value.size() > kSizeMax) return false;
  std::array<char, kSizeMax> small{};
  std::ranges::transform(value, small.begin(), lower);
  return std::ranges::find(kInnocent, std::string_view(small.data(), value.size())) !=
         kInnocent.end();
}

/// `${NAME}`, `$NAME` and `%NAME%` stand for a value elsewhere.
bool reference(std::string_view value) {
  const auto name = [](std::string_view text) {
    return !text.empty() && !in(text.front(), kDigit) &&
           run_end(text, 0, kUpper | kDigit | kUnderscore) == text.size();
  };
  if (value.starts_with("${") && value.ends_with('}')) {
    return name(value.substr(2, value.size() - 3));
  }
  if (value.starts_with('$')) return name(value.substr(1));
  return value.size() > 2 && value.starts_with('%') && value.ends_with('%') &&
         name(value.substr(1, value.size() - 2));
}

/// The end of `${NAME}` at `at`, if nothing is joined to it; else `at`.
std::size_t reference_end(std::string_view text, std::size_t at) {
  if (!text.substr(at).starts_with("${")) return at;
  const std::size_t end = run_end(text, at + 2, kUpper | kDigit | kUnderscore) + 1;
  return end <= text.size() && text[end - 1] == '}' && value_ends_before(text, end) ? end : at;
}

}  // namespace

std::optional<AssignedName> assigned_name(std::string_view text, std::size_t floor,
                                          std::size_t operator_at) {
  Backwards back{text, floor, operator_at};
  back.drop_run(kBlank, kBlanksMax);
  const char closed = drop_quote(back);
  const std::size_t end = back.at;
  if (back.drop_run(kNameSet, kNameBytesMax) == 0) return std::nullopt;

  AssignedName found;
  found.escaped = back.any() && back.last() == '\\' && escape_letter(text[back.at]);
  found.name = found.phrase = text.substr(back.at, end - back.at);
  if (found.escaped || !back.any()) return found;
  const char before = back.last();
  found.parameter = before == '?' || before == '&' || before == '#' || back.drop("&amp;");
  found.element = before == '<' || before == ':';
  if (in(before, kQuote) && before != closed) found.open_quote = before;
  if (closed == '\0') {
    for (int words = 0; words < 2 && drop_word(back); ++words) {
    }
    found.phrase = text.substr(back.at, end - back.at);
  }
  return found;
}

std::optional<Extent> quoted_value(std::string_view text, std::size_t at) {
  for (const std::string_view quote : {std::string_view("&quot;"), std::string_view("%22")}) {
    if (!goes_on_with(text, at, quote)) continue;
    const std::size_t begin = at + quote.size();
    return Extent{begin, std::min(text.find(quote, begin), text.size())};
  }
  std::size_t backslashes = 0;
  while (at < text.size() && text[at] == '\\' && backslashes < 8) {
    ++at;
    ++backslashes;
  }
  if (!at_is(text, at, kQuote)) return std::nullopt;
  return Extent{at + 1, closing_quote(text, at + 1, text[at], backslashes)};
}

std::optional<Extent> assigned_value(std::string_view text, std::size_t at, ValueForm form,
                                     char open_quote) {
  at = run_end(text, at, kBlank, at + kBlanksMax);
  if (at >= text.size()) return std::nullopt;
  // `'token='`: that quote closes what was opened before the name.
  if (open_quote != '\0' && text[at] == open_quote) return std::nullopt;
  if (const auto quoted = quoted_value(text, at)) return quoted;
  if (opens_container(text, at)) return std::nullopt;
  if (std::string_view(",;&|)]}").find(text[at]) != std::string_view::npos) return std::nullopt;
  if (const std::size_t end = reference_end(text, at); end > at) return Extent{at, end};
  std::size_t end = at;
  while (end < text.size() && !ends_value(text, end, form, open_quote)) {
    end += std::max<std::size_t>(marker_length(text.substr(end)), 1);
  }
  // The full stop of a sentence.
  while (end > at && std::string_view(".,;:").find(text[end - 1]) != std::string_view::npos) --end;
  if (run_end(text, at, kSpace) >= end) return std::nullopt;
  return Extent{at, end};
}

bool working_folder(std::string_view name, std::string_view value) {
  return (name == "PWD" || name == "OLDPWD") && value.starts_with('/');
}

bool innocent_value(std::string_view value) {
  return value.empty() || marker_length(value) == value.size() || all_of(value, "*") ||
         all_of(value, ".") || (value.size() > 2 && all_of(value, "xX")) || innocent_word(value) ||
         reference(value);
}

}  // namespace sonde::privacy
