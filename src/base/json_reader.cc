#include "base/json_reader.h"

#include <array>
#include <bit>
#include <charconv>

#include "base/byte_scan.h"

namespace sonde {
namespace {

bool blank(char c) noexcept {
  return static_cast<unsigned char>(c) <= ' ' && (c == ' ' || c == '\t' || c == '\n' || c == '\r');
}
bool digit(char c) noexcept { return c >= '0' && c <= '9'; }

int hex_digit(char c) noexcept {
  if (digit(c)) return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// The four digits of a \u escape; -1 if they are none.
int read_unit(std::string_view digits) noexcept {
  if (digits.size() < 4) return -1;
  int unit = 0;
  for (std::size_t i = 0; i < 4; ++i) {
    const int value = hex_digit(digits[i]);
    if (value < 0) return -1;
    unit = unit * 16 + value;
  }
  return unit;
}

constexpr std::array<bool, 256> short_escapes() {
  std::array<bool, 256> found{};
  for (const char c : std::string_view("\"\\bfnrt")) found[static_cast<unsigned char>(c)] = true;
  return found;
}

/// Is there an escape sequence of two bytes that could not do with one?
bool short_escape_at(std::string_view text, std::size_t at) noexcept {
  static constexpr auto kShort = short_escapes();
  return text[at] == '\\' && at + 1 < text.size() &&
         kShort[static_cast<unsigned char>(text[at + 1])];
}

void append_utf8(std::string& out, std::uint32_t point) {
  const auto put = [&out](std::uint32_t byte) { out.push_back(static_cast<char>(byte)); };
  if (point < 0x80) return put(point);
  if (point < 0x800) {
    put(0xc0U | (point >> 6));
  } else {
    if (point < 0x10000) {
      put(0xe0U | (point >> 12));
    } else {
      put(0xf0U | (point >> 18));
      put(0x80U | ((point >> 12) & 0x3fU));
    }
    put(0x80U | ((point >> 6) & 0x3fU));
  }
  put(0x80U | (point & 0x3fU));
}

/// Appends the character of the \u escape at the start of `rest` and returns its length.
std::size_t append_unicode(std::string& out, std::string_view rest) {
  const int first = read_unit(rest.substr(2));
  if (first >= 0xd800 && first < 0xdc00 && rest.substr(6).starts_with("\\u")) {
    const int second = read_unit(rest.substr(8));
    if (second >= 0xdc00 && second < 0xe000) {
      append_utf8(out, 0x10000U + ((static_cast<std::uint32_t>(first) - 0xd800U) << 10) +
                           (static_cast<std::uint32_t>(second) - 0xdc00U));
      return 12;
    }
  }
  const bool lone = first >= 0xd800 && first < 0xe000;
  append_utf8(out, lone || first < 0 ? 0xfffdU : static_cast<std::uint32_t>(first));
  return 6;
}

}  // namespace

JsonReader::JsonReader(std::string_view text, std::size_t depth_max)
    : text_(text), depth_max_(depth_max) {}

void JsonReader::skip_blanks() noexcept {
  while (at_ < text_.size() && blank(text_[at_])) ++at_;
}

JsonToken JsonReader::error() noexcept {
  failed_ = true;
  raw_ = {};
  return JsonToken::kError;
}

// Flat: a token takes some nanoseconds, of which calls were a third.
[[gnu::flatten]] JsonToken JsonReader::next() {
  if (failed_) return JsonToken::kError;
  skip_blanks();
  if (expect_ == Expect::kCommaOrEnd && at_ < text_.size() && text_[at_] == ',') {
    ++at_;
    expect_ = open_.in_object() ? Expect::kKey : Expect::kValue;
    skip_blanks();
  }
  token_begin_ = at_;
  if (expect_ == Expect::kDone) return at_ == text_.size() ? JsonToken::kEnd : error();
  if (at_ == text_.size()) return error();
  switch (expect_) {
    case Expect::kKey:
    case Expect::kKeyOrEnd:
      if (text_[at_] == '}' && expect_ == Expect::kKeyOrEnd) return close(true);
      return key();
    case Expect::kCommaOrEnd:
      return end_of_container();
    case Expect::kValueOrEnd:
      if (text_[at_] == ']') return close(false);
      return value();
    default:
      return value();
  }
}

JsonToken JsonReader::end_of_container() {
  const bool object = open_.in_object();
  return text_[at_] == (object ? '}' : ']') ? close(object) : error();
}

JsonToken JsonReader::key() {
  if (text_[at_] != '"') return error();
  if (string(JsonToken::kKey) == JsonToken::kError) return JsonToken::kError;
  skip_blanks();
  if (at_ == text_.size() || text_[at_] != ':') return error();
  ++at_;
  expect_ = Expect::kValue;
  return JsonToken::kKey;
}

JsonToken JsonReader::value() {
  switch (text_[at_]) {
    case '{':
      return open(true);
    case '[':
      return open(false);
    case '"':
      return string(JsonToken::kString);
    case 't':
      return word("true", JsonToken::kTrue);
    case 'f':
      return word("false", JsonToken::kFalse);
    case 'n':
      return word("null", JsonToken::kNull);
    default:
      return number();
  }
}

JsonToken JsonReader::open(bool object) {
  if (open_.size() == depth_max_) return error();
  open_.push(object);
  raw_ = text_.substr(at_++, 1);
  expect_ = object ? Expect::kKeyOrEnd : Expect::kValueOrEnd;
  return object ? JsonToken::kBeginObject : JsonToken::kBeginArray;
}

JsonToken JsonReader::close(bool object) {
  open_.pop();
  raw_ = text_.substr(at_++, 1);
  expect_ = open_.empty() ? Expect::kDone : Expect::kCommaOrEnd;
  return object ? JsonToken::kEndObject : JsonToken::kEndArray;
}

JsonToken JsonReader::string(JsonToken token) {
  const std::size_t begin = ++at_;
  spelling_ = {};
  at_ = find_first_nearby<JsonStringMarkOrNonAscii>(text_, at_);
  const bool at_quote = at_ < text_.size() && text_[at_] == '"';
  if (!at_quote && !reach_quote()) return error();
  raw_ = text_.substr(begin, at_++ - begin);
  if (token == JsonToken::kString) expect_ = open_.empty() ? Expect::kDone : Expect::kCommaOrEnd;
  return token;
}

/// Goes on to the quote that ends the string; false if there is none, or a fault before.
[[gnu::noinline]] bool JsonReader::reach_quote() noexcept {
  if (!pass_blocks()) return false;
  for (;;) {
    at_ = spelling_.ascii ? find_first<JsonStringMarkOrNonAscii>(text_, at_)
                          : find_first<JsonStringMark>(text_, at_);
    if (at_ == text_.size()) return false;
    if (text_[at_] == '"') return true;
    if (!pass_mark()) return false;
  }
}

/// Over as many whole blocks as the string fills.  Texts within texts are full of escapes,
/// and going from one to the next within a block is cheaper than looking for each.
bool JsonReader::pass_blocks() noexcept {
  while (text_.size() - at_ >= kMarksBytes) {
    const std::size_t begin = at_;
    std::uint64_t marks = spelling_.ascii ? marks_at<JsonStringMarkOrNonAscii>(text_, begin)
                                          : marks_at<JsonStringMark>(text_, begin);
    at_ = begin + kMarksBytes;
    while (marks != 0) {
      at_ = begin + static_cast<std::size_t>(std::countr_zero(marks));
      if (text_[at_] == '"') return true;
      const bool ascii = spelling_.ascii;
      if (short_escape_at(text_, at_)) {
        spelling_.escapes = true;
        at_ += 2;
      } else if (!pass_mark()) {
        return false;
      }
      if (spelling_.ascii != ascii) marks &= marks_at<JsonStringMark>(text_, begin);
      const std::size_t passed = at_ - begin;
      if (passed >= kMarksBytes) break;
      marks = marks >> passed << passed;
      if (marks == 0) at_ = begin + kMarksBytes;
    }
  }
  return true;
}

/// Steps over what is no plain ASCII and no quote.
bool JsonReader::pass_mark() noexcept {
  if (text_[at_] == '\\') return pass_escape();
  // Only the first one is stopped at: the others are no marks any more.
  spelling_.ascii = false;
  return static_cast<unsigned char>(text_[at_]) >= 0x80;
}

/// Steps over an escape sequence; false if it is none.
bool JsonReader::pass_escape() noexcept {
  spelling_.escapes = true;
  if (short_escape_at(text_, at_)) {
    at_ += 2;
    return true;
  }
  spelling_.shortest = false;
  if (++at_ == text_.size()) return false;
  const bool unicode = text_[at_] == 'u';
  if (unicode ? read_unit(text_.substr(at_ + 1)) < 0 : text_[at_] != '/') return false;
  at_ += unicode ? 5 : 1;
  return true;
}

JsonToken JsonReader::number() {
  const std::size_t begin = at_;
  const auto digits = [this] {
    const std::size_t first = at_;
    while (at_ < text_.size() && digit(text_[at_])) ++at_;
    return at_ > first;
  };
  if (text_[at_] == '-') ++at_;
  const std::size_t integer = at_;
  if (!digits()) return error();
  if (text_[integer] == '0' && at_ - integer > 1) return error();
  if (at_ < text_.size() && text_[at_] == '.') {
    ++at_;
    if (!digits()) return error();
  }
  if (at_ < text_.size() && (text_[at_] == 'e' || text_[at_] == 'E')) {
    ++at_;
    if (at_ < text_.size() && (text_[at_] == '+' || text_[at_] == '-')) ++at_;
    if (!digits()) return error();
  }
  raw_ = text_.substr(begin, at_ - begin);
  expect_ = open_.empty() ? Expect::kDone : Expect::kCommaOrEnd;
  return JsonToken::kNumber;
}

JsonToken JsonReader::word(std::string_view text, JsonToken token) {
  if (!text_.substr(at_).starts_with(text)) return error();
  raw_ = text_.substr(at_, text.size());
  at_ += text.size();
  expect_ = open_.empty() ? Expect::kDone : Expect::kCommaOrEnd;
  return token;
}

std::optional<std::string_view> JsonReader::skip(JsonToken token) {
  const std::size_t begin = token_begin_;
  if (token == JsonToken::kBeginObject || token == JsonToken::kBeginArray) {
    const std::size_t outside = open_.size() - 1;
    while (open_.size() > outside) {
      if (next() == JsonToken::kError) return std::nullopt;
    }
  } else if (token == JsonToken::kError) {
    return std::nullopt;
  }
  return text_.substr(begin, at_ - begin);
}

JsonMembers::JsonMembers(std::string_view object) : reader_(object) {
  done_ = reader_.next() != JsonToken::kBeginObject;
}

bool JsonMembers::next() {
  if (done_) return false;
  const JsonToken token = reader_.next();
  if (token == JsonToken::kKey) {
    key_ = reader_.raw();
    if (const auto value = reader_.skip(reader_.next())) {
      value_ = *value;
      return true;
    }
  }
  done_ = true;
  ok_ = token == JsonToken::kEndObject && reader_.next() == JsonToken::kEnd;
  return false;
}

JsonElements::JsonElements(std::string_view array) : reader_(array) {
  done_ = reader_.next() != JsonToken::kBeginArray;
}

bool JsonElements::next() {
  if (done_) return false;
  const JsonToken token = reader_.next();
  if (token != JsonToken::kEndArray) {
    if (const auto value = reader_.skip(token)) {
      value_ = *value;
      return true;
    }
  }
  done_ = true;
  ok_ = token == JsonToken::kEndArray && reader_.next() == JsonToken::kEnd;
  return false;
}

std::optional<std::string_view> find_member(std::string_view object, std::string_view key) {
  std::optional<std::string_view> found;
  JsonMembers members(object);
  while (members.next()) {
    if (key_equals(members.key(), key)) found = members.value();
  }
  return found;
}

std::optional<std::string> json_string(std::string_view raw_value) {
  JsonReader reader(raw_value);
  if (reader.next() != JsonToken::kString) return std::nullopt;
  std::string text;
  append_unescaped(text, reader.raw());
  return text;
}

std::optional<std::int64_t> json_integer(std::string_view raw_value) {
  std::int64_t value = 0;
  const auto [stop, error] = std::from_chars(raw_value.begin(), raw_value.end(), value);
  if (error != std::errc{} || stop != raw_value.end()) return std::nullopt;
  return value;
}

void append_unescaped(std::string& out, std::string_view raw) {
  constexpr std::string_view kShort = "bfnrt";
  constexpr std::string_view kMeaning = "\b\f\n\r\t";
  for (std::size_t at = 0; at < raw.size();) {
    const std::size_t escape = raw.find('\\', at);
    out.append(raw.substr(at, escape - at));
    if (escape == std::string_view::npos || escape + 1 == raw.size()) return;
    at = escape + 2;
    const char c = raw[escape + 1];
    if (c == 'u') {
      at = escape + append_unicode(out, raw.substr(escape));
    } else if (const std::size_t i = kShort.find(c); i != std::string_view::npos) {
      out.push_back(kMeaning[i]);
    } else {
      out.push_back(c);
    }
  }
}

bool key_equals(std::string_view raw, std::string_view key) {
  if (raw.find('\\') == std::string_view::npos) return raw == key;
  std::string plain;
  append_unescaped(plain, raw);
  return plain == key;
}

}  // namespace sonde
