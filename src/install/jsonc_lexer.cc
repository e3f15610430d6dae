#include "install/jsonc_lexer.h"

#include <algorithm>

namespace sonde::install {
namespace {

constexpr std::string_view kByteOrderMark = "\xef\xbb\xbf";

constexpr bool blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
constexpr bool digit(char c) { return c >= '0' && c <= '9'; }
constexpr bool hexadecimal(char c) {
  return digit(c) || (c >= 'a' && c <= 'f') || (c >= 'A' && c <= 'F');
}
constexpr bool of_word(char c) {
  return digit(c) || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_';
}

}  // namespace

JsoncLexer::JsoncLexer(std::string_view text, std::size_t at) : text_(text), at_(at) {
  if (at_ == 0 && text_.starts_with(kByteOrderMark)) at_ = kByteOrderMark.size();
}

JsoncToken JsoncLexer::next() {
  if (!fault_.empty()) return JsoncToken::kError;
  while (at_ < text_.size() && blank(text_[at_])) ++at_;
  span_ = {.begin = at_, .end = at_};
  if (at_ == text_.size()) return JsoncToken::kEnd;
  const JsoncToken found = token();
  if (found != JsoncToken::kError) span_.end = at_;
  return found;
}

JsoncToken JsoncLexer::next_significant() {
  JsoncToken found = next();
  while (found == JsoncToken::kComment) found = next();
  return found;
}

JsoncToken JsoncLexer::token() {
  switch (text_[at_]) {
    case '{':
      return one(JsoncToken::kBeginObject);
    case '}':
      return one(JsoncToken::kEndObject);
    case '[':
      return one(JsoncToken::kBeginArray);
    case ']':
      return one(JsoncToken::kEndArray);
    case ':':
      return one(JsoncToken::kColon);
    case ',':
      return one(JsoncToken::kComma);
    case '"':
      return string();
    case '/':
      return comment();
    case 't':
      return word("true", JsoncToken::kTrue);
    case 'f':
      return word("false", JsoncToken::kFalse);
    case 'n':
      return word("null", JsoncToken::kNull);
    default:
      return number();
  }
}

JsoncToken JsoncLexer::one(JsoncToken token) {
  ++at_;
  return token;
}

JsoncToken JsoncLexer::wrong(std::size_t at, std::string_view fault) {
  fault_ = fault;
  span_ = {.begin = at, .end = at};
  return JsoncToken::kError;
}

/// Of the escape whose backslash stands at `at`; 0 if it is none.
std::size_t JsoncLexer::escape_length(std::size_t at) const noexcept {
  const char letter = this->at(at + 1);
  if (letter != 'u') {
    const bool known =
        letter != '\0' && std::string_view("\"\\/bfnrt").find(letter) != std::string_view::npos;
    return known ? 2 : 0;
  }
  for (std::size_t i = 2; i < 6; ++i) {
    if (!hexadecimal(this->at(at + i))) return 0;
  }
  return 6;
}

JsoncToken JsoncLexer::string() {
  for (std::size_t at = at_ + 1; at < text_.size();) {
    const char c = text_[at];
    if (c == '"') {
      at_ = at + 1;
      return JsoncToken::kString;
    }
    if (c == '\\') {
      const std::size_t length = escape_length(at);
      if (length == 0) return wrong(at, "this escape is none that JSON knows");
      at += length;
      continue;
    }
    if (static_cast<unsigned char>(c) < 0x20) {
      return wrong(at, c == '\n' || c == '\r' ? "the string has no closing quote on its line"
                                              : "a control character stands within a string");
    }
    ++at;
  }
  return wrong(at_, "the string is not closed");
}

JsoncToken JsoncLexer::number() {
  std::size_t at = at_;
  const auto digits = [&] {
    const std::size_t begin = at;
    while (digit(this->at(at))) ++at;
    return at > begin;
  };
  if (this->at(at) == '-') ++at;
  const bool zero = this->at(at) == '0';
  const std::size_t whole = at;
  bool good = digits() && !(zero && at > whole + 1);
  if (good && this->at(at) == '.') {
    ++at;
    good = digits();
  }
  if (good && (this->at(at) == 'e' || this->at(at) == 'E')) {
    ++at;
    if (this->at(at) == '+' || this->at(at) == '-') ++at;
    good = digits();
  }
  if (!good || of_word(this->at(at))) return wrong(at_, "a value was expected here");
  at_ = at;
  return JsoncToken::kNumber;
}

JsoncToken JsoncLexer::comment() {
  if (at(at_ + 1) == '/') {
    at_ = std::min(text_.find_first_of("\r\n", at_), text_.size());
    return JsoncToken::kComment;
  }
  if (at(at_ + 1) != '*') return wrong(at_, "a value was expected here");
  const std::size_t end = text_.find("*/", at_ + 2);
  if (end == std::string_view::npos) return wrong(at_, "the comment is not closed");
  at_ = end + 2;
  return JsoncToken::kComment;
}

JsoncToken JsoncLexer::word(std::string_view text, JsoncToken token) {
  if (!text_.substr(at_).starts_with(text) || of_word(at(at_ + text.size()))) {
    return wrong(at_, "a value was expected here");
  }
  at_ += text.size();
  return token;
}

}  // namespace sonde::install
