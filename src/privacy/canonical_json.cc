#include "privacy/canonical_json.h"

#include <algorithm>
#include <charconv>
#include <cstring>

#include "base/utf8.h"
#include "privacy/es6_number.h"

namespace sonde::privacy {
namespace {

constexpr std::uint32_t kNone = UINT32_MAX;
/// Buffers above this size are given back: one large value must not cost memory for good.
constexpr std::size_t kKeptBytes = std::size_t{128} * 1024;

template <class Buffer>
void empty(Buffer& buffer) {
  buffer.clear();
  if (buffer.capacity() * sizeof(typename Buffer::value_type) > kKeptBytes) Buffer().swap(buffer);
}

/// Makes the order of bytes that of UTF-16 code units: UTF-8 has the characters above
/// U+FFFF behind U+E000 to U+FFFF, UTF-16 before them.
unsigned char utf16_rank(char c) {
  const auto byte = static_cast<unsigned char>(c);
  return byte == 0xee || byte == 0xef ? static_cast<unsigned char>(byte + 0x10) : byte;
}

bool utf16_less(std::string_view a, std::string_view b) {
  const auto [in_a, in_b] = std::mismatch(a.begin(), a.end(), b.begin(), b.end());
  if (in_a == a.end() || in_b == b.end()) return a.size() < b.size();
  return utf16_rank(*in_a) < utf16_rank(*in_b);
}

void append_control(std::string& out, unsigned char c) {
  constexpr std::string_view kShort = "\b\t\n\f\r";
  constexpr std::string_view kLetters = "btnfr";
  constexpr std::string_view kHex = "0123456789abcdef";
  if (const std::size_t i = kShort.find(static_cast<char>(c)); i != std::string_view::npos) {
    out.push_back('\\');
    out.push_back(kLetters[i]);
    return;
  }
  out.append("\\u00");
  out.push_back(kHex[c >> 4]);
  out.push_back(kHex[c & 15]);
}

/// The UTF-16 code unit of the \u escape at the start of `text`.
unsigned unit_of(std::string_view text) {
  unsigned unit = 0;
  std::from_chars(text.data() + 2, text.data() + 6, unit, 16);
  return unit;
}

/// The length of the escape sequence at the start of `text`; 0 for a lone surrogate.
std::size_t escape_length(std::string_view text) {
  if (text[1] != 'u') return 2;
  const unsigned first = unit_of(text);
  if (first < 0xd800 || first >= 0xe000) return 6;
  if (first >= 0xdc00 || !text.substr(6).starts_with("\\u")) return 0;
  const unsigned second = unit_of(text.substr(6));
  return second >= 0xdc00 && second < 0xe000 ? 12 : 0;
}

/// The length of the escape sequence at the start of `text`, which was appended; or 0.
std::size_t append_escape(std::string& out, std::string_view text) {
  const std::size_t length = escape_length(text);
  const std::size_t before = out.size();
  append_unescaped(out, text.substr(0, length));
  if (out.size() != before + 1) return length;
  const char c = out.back();
  if (c != '"' && c != '\\' && static_cast<unsigned char>(c) >= 0x20) return length;
  out.pop_back();
  if (c == '"' || c == '\\') {
    out.push_back('\\');
    out.push_back(c);
  } else {
    append_control(out, static_cast<unsigned char>(c));
  }
  return length;
}

bool plain(char c) noexcept { return c != '\\' && static_cast<unsigned char>(c) < 0x80; }

/// How many bytes at the start of `text` are plain.  Eight at a time: this is most of the
/// work on most values.
std::size_t plain_run(std::string_view text) noexcept {
  constexpr std::uint64_t kOnes = 0x0101010101010101U;
  constexpr std::uint64_t kHighs = 0x8080808080808080U;
  std::size_t at = 0;
  for (; at + 8 <= text.size(); at += 8) {
    std::uint64_t bytes = 0;
    std::memcpy(&bytes, text.data() + at, sizeof bytes);
    const std::uint64_t slashes = bytes ^ (kOnes * '\\');  // A zero byte for each one.
    if (((bytes | ((slashes - kOnes) & ~slashes)) & kHighs) != 0) break;
  }
  while (at < text.size() && plain(text[at])) ++at;
  return at;
}

/// Is the escape sequence at the start of `text` in its canonical form?
bool canonical_escape(std::string_view text) noexcept {
  return std::string_view("nrtbf\"\\").find(text[1]) != std::string_view::npos;
}

/// False for a lone surrogate and for bytes that are no UTF-8.
bool append_string(std::string& out, std::string_view raw) {
  out.push_back('"');
  std::size_t copied = 0;
  for (std::size_t at = plain_run(raw); at < raw.size(); at += plain_run(raw.substr(at))) {
    const std::string_view rest = raw.substr(at);
    if (rest.front() != '\\') {
      const std::size_t length = decode_utf8(rest).length;
      if (length == 0) return false;
      at += length;
    } else if (canonical_escape(rest)) {
      at += 2;
    } else {
      out.append(raw, copied, at - copied);
      const std::size_t length = append_escape(out, rest);
      if (length == 0) return false;
      at += length;
      copied = at;
    }
  }
  out.append(raw, copied);
  out.push_back('"');
  return true;
}

}  // namespace

std::optional<std::string_view> CanonicalJson::canonical(std::string_view json) {
  clear();
  if (json.size() >= kNone / 2 || !flatten(json)) return std::nullopt;
  if (in_order_) return flat_;
  copy_sorted();
  return sorted_;
}

void CanonicalJson::clear() {
  empty(flat_);
  empty(sorted_);
  empty(keys_);
  empty(objects_);
  empty(members_);
  empty(pending_);
  open_.clear();
  comma_ = false;
  in_order_ = true;
}

bool CanonicalJson::flatten(std::string_view json) {
  JsonReader reader(json);
  for (;;) {
    const JsonToken token = reader.next();
    if (token == JsonToken::kEnd) return true;
    if (!take(token, reader.raw())) return false;
  }
}

bool CanonicalJson::take(JsonToken token, std::string_view raw) {
  switch (token) {
    case JsonToken::kBeginObject:
    case JsonToken::kBeginArray:
      return begin(token == JsonToken::kBeginObject);
    case JsonToken::kEndObject:
    case JsonToken::kEndArray:
      return end(token == JsonToken::kEndObject);
    case JsonToken::kKey:
      return key(raw);
    case JsonToken::kString:
      separate();
      return append_string(flat_, raw);
    case JsonToken::kNumber:
      separate();
      return append_canonical_number(flat_, raw);
    case JsonToken::kTrue:
    case JsonToken::kFalse:
    case JsonToken::kNull:
      separate();
      flat_.append(raw);
      return true;
    default:
      return false;
  }
}

/// What follows is a value, or a key.
void CanonicalJson::separate() {
  if (comma_) flat_.push_back(',');
  comma_ = true;
}

bool CanonicalJson::begin(bool object) {
  separate();
  comma_ = false;
  open_.push_back({.object = object ? static_cast<std::uint32_t>(objects_.size()) : kNone,
                   .pending = pending_.size()});
  if (object) objects_.push_back({.begin = static_cast<std::uint32_t>(flat_.size())});
  flat_.push_back(object ? '{' : '[');
  return true;
}

bool CanonicalJson::key(std::string_view raw) {
  if (pending_.size() > open_.back().pending) {
    pending_.back().end = static_cast<std::uint32_t>(flat_.size());
  }
  separate();
  Member member{.begin = static_cast<std::uint32_t>(flat_.size()),
                .key_at = static_cast<std::uint32_t>(keys_.size()),
                .object = static_cast<std::uint32_t>(objects_.size())};
  if (!append_string(flat_, raw)) return false;
  append_unescaped(keys_, raw);
  member.key_size = static_cast<std::uint32_t>(keys_.size()) - member.key_at;
  pending_.push_back(member);
  flat_.push_back(':');
  comma_ = false;
  return true;
}

bool CanonicalJson::end(bool object) {
  const Open closed = open_.back();
  open_.pop_back();
  if (object) {
    if (pending_.size() > closed.pending) {
      pending_.back().end = static_cast<std::uint32_t>(flat_.size());
    }
    Object& ended = objects_[closed.object];
    ended.end = static_cast<std::uint32_t>(flat_.size() + 1);
    ended.after = static_cast<std::uint32_t>(objects_.size());
    ended.member = static_cast<std::uint32_t>(members_.size());
    ended.member_count = static_cast<std::uint32_t>(pending_.size() - closed.pending);
    if (!sort_members(closed.pending)) return false;
  }
  flat_.push_back(object ? '}' : ']');
  comma_ = true;
  return true;
}

std::string_view CanonicalJson::key_of(const Member& member) const {
  return std::string_view(keys_).substr(member.key_at, member.key_size);
}

/// Moves the members behind `pending` to their place.  False if two have the same key.
bool CanonicalJson::sort_members(std::size_t pending) {
  const auto begin = pending_.begin() + static_cast<std::ptrdiff_t>(pending);
  const auto less = [this](const Member& a, const Member& b) {
    return utf16_less(key_of(a), key_of(b));
  };
  if (!std::is_sorted(begin, pending_.end(), less)) {
    in_order_ = false;
    std::sort(begin, pending_.end(), less);
  }
  const auto same = [this](const Member& a, const Member& b) { return key_of(a) == key_of(b); };
  if (std::adjacent_find(begin, pending_.end(), same) != pending_.end()) return false;
  members_.insert(members_.end(), begin, pending_.end());
  pending_.erase(begin, pending_.end());
  return true;
}

void CanonicalJson::copy_sorted() {
  sorted_.reserve(flat_.size());
  copying_.assign(1, {.object = kNone, .end = static_cast<std::uint32_t>(flat_.size())});
  while (!copying_.empty()) copy_step();
}

void CanonicalJson::copy(std::uint32_t begin, std::uint32_t end) {
  sorted_.append(flat_, begin, end - begin);
}

/// Copies up to the next object and enters it, or up to the end of the member and goes on
/// with the next member.
void CanonicalJson::copy_step() {
  Copying& current = copying_.back();
  if (current.inner < objects_.size() && objects_[current.inner].begin < current.end) {
    const std::uint32_t inner = current.inner;
    copy(current.at, objects_[inner].begin);
    current.at = objects_[inner].end;
    current.inner = objects_[inner].after;
    sorted_.push_back('{');
    copying_.push_back({.object = inner, .inner = kNone});
    return;
  }
  copy(current.at, current.end);
  if (current.object == kNone) return copying_.pop_back();
  const Object& object = objects_[current.object];
  if (current.next == object.member_count) {
    sorted_.push_back('}');
    return copying_.pop_back();
  }
  if (current.next > 0) sorted_.push_back(',');
  const Member& member = members_[object.member + current.next++];
  current.at = member.begin;
  current.end = member.end;
  current.inner = member.object;
}

}  // namespace sonde::privacy
