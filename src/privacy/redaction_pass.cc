#include "privacy/redaction_pass.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>

#include "privacy/assignment.h"
#include "privacy/character.h"
#include "privacy/key_blocks.h"
#include "privacy/numbers.h"
#include "privacy/spoken_secrets.h"
#include "privacy/url_secrets.h"
#include "privacy/vendor_tokens.h"

namespace sonde::privacy {
namespace {

/// How far behind a word such as "aws" a key is looked for.
constexpr std::size_t kHintBytes = 100;

/// One pass over one text.
class Pass {
 public:
  Pass(std::string& out, std::string_view text, const SecretNames& names)
      : out_(out), text_(text), names_(names) {}

  std::size_t run();

 private:
  void word();
  void mark();
  std::optional<Found> at_word(std::size_t end);
  std::optional<Found> at_mark();
  std::optional<Found> at_operator(std::size_t size);
  std::optional<SecretKind> secret(const AssignedName& name) const;
  std::optional<Found> at_percent();
  std::optional<Found> at_colon();
  void replace(const Found& found);
  bool skip_marker();

  std::string& out_;
  const std::string_view text_;
  const SecretNames& names_;
  std::size_t at_ = 0;
  std::size_t floor_ = 0;       ///< Behind the last marker; nothing before it is looked at.
  std::size_t copied_ = 0;      ///< How far text_ is in out_.
  std::size_t hint_until_ = 0;  ///< Up to here, digits and letters may be a secret key.
  std::size_t count_ = 0;
};

std::size_t Pass::run() {
  while (at_ < text_.size()) {
    if (in(text_[at_], kAlnum)) {
      word();
    } else {
      mark();
    }
  }
  out_.append(text_.substr(copied_));
  return count_;
}

void Pass::replace(const Found& found) {
  out_.append(text_.substr(copied_, found.begin - copied_));
  append_marker(out_, found.kind);
  at_ = floor_ = copied_ = found.end;
  // The other half of the pair is often beside it.
  hint_until_ = found.kind == SecretKind::kAwsKey ? at_ + kHintBytes : 0;
  ++count_;
}

/// Steps over a marker as if it had just been written.
bool Pass::skip_marker() {
  const std::size_t size = marker_length(text_.substr(at_));
  if (size == 0) return false;
  const bool aws = is_marker_of(text_.substr(at_), SecretKind::kAwsKey);
  at_ = floor_ = at_ + size;
  hint_until_ = aws ? at_ + kHintBytes : 0;
  return true;
}

/// The length of what an escape sequence adds to the word at `at`: the n of `\nword`.
std::size_t escaped_prefix(std::string_view text, std::size_t at) {
  constexpr std::string_view kLetters = "nrtbfvae0";
  if (at == 0) return 0;
  const auto hex = [&](std::size_t begin, std::size_t size) {
    return begin + size <= text.size() && run_end(text, begin, kHex, begin + size) == begin + size;
  };
  if (text[at - 1] == '%') return hex(at, 2) ? 2 : 0;
  // Behind ESC [ stand digits and a letter, which a terminal takes for a colour.
  if (text[at - 1] == '[' && at >= 2 && (text[at - 2] == '\x1b' || in(text[at - 2], kAlnum))) {
    const std::size_t end = run_end(text, at, kDigit, at + 3);
    return at_is(text, end, kLetter) ? end + 1 - at : 0;
  }
  if (text[at - 1] == ';' && text[at] != 'm') {
    const std::size_t end = run_end(text, at, kDigit, at + 3);
    return end > at && end < text.size() && text[end] == 'm' ? end + 1 - at : 0;
  }
  if (text[at - 1] != '\\') return 0;
  if (text[at] == 'u' && hex(at + 1, 4)) return 5;
  if (text[at] == 'x' && hex(at + 1, 2)) return 3;
  return kLetters.find(text[at]) == std::string_view::npos ? 0 : 1;
}

void Pass::word() {
  const std::size_t end = run_end(text_, at_, kAlnum);
  if (const auto found = at_word(end)) return replace(*found);
  const std::size_t prefix = escaped_prefix(text_, at_);
  at_ = prefix > 0 && at_ + prefix < end ? at_ + prefix : end;
}

std::optional<Found> Pass::at_word(std::size_t end) {
  if (const auto found = find_vendor_token(text_, at_)) return found;
  if (text_[at_] == 'P') {
    if (const auto found = find_key_block(text_, floor_, at_)) return found;
  }
  const bool fraction = at_ >= 2 && text_[at_ - 1] == '.' && in(text_[at_ - 2], kDigit);
  if (!fraction) {
    if (const auto found = find_number(text_, at_)) return found;
  }
  if (const auto found = find_random_key(text_, at_, at_ < hint_until_)) return found;
  if (const auto found = find_announced(text_, at_, end)) return found;
  if (hints_at_key(text_.substr(at_, end - at_))) hint_until_ = end + kHintBytes;
  return std::nullopt;
}

void Pass::mark() {
  if (text_[at_] == '[' && skip_marker()) return;
  if (const auto found = at_mark()) return replace(*found);
  // All dashes of a flag or a rule at once: only the first is looked at.
  at_ = text_[at_] == '-' ? run_end(text_, at_, kDash) : at_ + 1;
}

std::optional<Found> Pass::at_mark() {
  const bool inside = at_ > floor_ && in(text_[at_ - 1], kAlnum);
  switch (text_[at_]) {
    case '=':
    case '>':
      return at_operator(1);
    case ':':
      return at_colon();
    case '%':
      return at_percent();
    case '@':
      return find_email(text_, floor_, at_, 1);
    case '+':
    case '(':
      return inside ? std::nullopt : find_number(text_, at_);
    case '-':
      if (const auto found = find_key_block(text_, floor_, at_)) return found;
      return inside ? std::nullopt : find_flag_value(text_, at_, names_);
    default:
      return std::nullopt;
  }
}

std::optional<Found> Pass::at_colon() {
  if (text_.substr(at_).starts_with("://")) return find_url_secret(text_, at_);
  return at_operator(1);
}

std::optional<Found> Pass::at_percent() {
  constexpr std::size_t kSize = 3;
  if (goes_on_with(text_, at_, "%40")) return find_email(text_, floor_, at_, kSize);
  if (goes_on_with(text_, at_, "%3a%2f%2f")) return find_encoded_userinfo(text_, at_);
  if (goes_on_with(text_, at_, "%3d") || goes_on_with(text_, at_, "%3a")) return at_operator(kSize);
  return std::nullopt;
}

std::optional<SecretKind> Pass::secret(const AssignedName& name) const {
  if (name.parameter) return names_.find_parameter(name.name);
  if (const auto kind = names_.find_phrase(name.phrase, name.name)) return kind;
  // Was it `\token`, or a token at the beginning of a line?
  return name.escaped ? names_.find(name.name.substr(1)) : std::nullopt;
}

ValueForm form_of(const AssignedName& name, SecretKind kind, std::string_view mark) {
  if (mark.size() > 1) return ValueForm::kEncoded;
  if (mark == ">") return ValueForm::kElement;
  if (name.parameter) return ValueForm::kParameter;
  const bool phrase = name.phrase.ends_with("hrase") || name.phrase.ends_with("nemonic");
  const bool header =
      mark == ":" && (kind == SecretKind::kCookie ||
                      goes_on_with(name.name, name.name.size() - 13, "authorization"));
  return header || phrase || kind == SecretKind::kConnection ? ValueForm::kLine : ValueForm::kWord;
}

/// `token=Bearer abc`: the secret is the second word.
bool authorization_scheme(std::string_view value) {
  constexpr auto kSchemes = std::to_array<std::string_view>(
      {"apikey", "basic", "bearer", "digest", "negotiate", "token"});
  return std::ranges::any_of(kSchemes, [value](std::string_view scheme) {
    return value.size() == scheme.size() && goes_on_with(value, 0, scheme);
  });
}

std::optional<Found> Pass::at_operator(std::size_t size) {
  const std::string_view mark = text_.substr(at_, size);
  auto name = assigned_name(text_, floor_, at_);
  if (!name || (mark == ">" && !name->element)) return std::nullopt;
  if (size > 1) name->parameter = true;
  const auto kind = secret(*name);
  if (!kind) return std::nullopt;
  std::size_t value_at = at_ + size;  // Behind `==`, `=>` and `:=` too.
  while (mark != ">" && value_at < at_ + 3 && at_is(text_, value_at, kEqual)) ++value_at;
  if (mark == "=" && text_.substr(value_at).starts_with('>')) ++value_at;
  const ValueForm form = form_of(*name, *kind, mark);
  auto value = assigned_value(text_, value_at, form, name->open_quote);
  if (value && authorization_scheme(text_.substr(value->begin, value->end - value->begin))) {
    const auto next = assigned_value(text_, value->end, form, name->open_quote);
    if (next) value->end = next->end;
  }
  if (!value) return std::nullopt;
  const std::string_view shown = text_.substr(value->begin, value->end - value->begin);
  if (innocent_value(shown) || working_folder(name->name, shown)) return std::nullopt;
  return Found{value->begin, value->end, *kind};
}

}  // namespace

std::size_t append_redacted(std::string& out, std::string_view text, const SecretNames& names) {
  return Pass(out, text, names).run();
}

}  // namespace sonde::privacy
