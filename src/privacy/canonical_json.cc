#include "privacy/canonical_json.h"

#include <algorithm>
#include <bit>
#include <charconv>
#include <cstring>

#include "base/byte_scan.h"
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

template <class Word>
std::uint64_t first_bytes(std::string_view text) {
  Word word = 0;
  const char* const begin = text.data();
  std::memcpy(&word, begin, sizeof word);
  return std::endian::native == std::endian::little ? std::byteswap(word) : word;
}

/// The first eight bytes of `key` as a number, the first one highest; zeros behind its end.
std::uint64_t beginning(std::string_view key) {
  if (key.size() >= 8) return first_bytes<std::uint64_t>(key);
  const std::size_t missing = 8 * (8 - key.size());
  if (key.size() >= 4) {
    const std::uint64_t last = first_bytes<std::uint32_t>(key.substr(key.size() - 4));
    return first_bytes<std::uint32_t>(key) << 32 | last << missing;
  }
  if (key.empty()) return 0;
  std::uint64_t bytes = 0;
  for (const char c : key) bytes = bytes << 8 | static_cast<unsigned char>(c);
  return bytes << missing;
}

/// Of two keys the one with the smaller rank stands first; with the same one, either may.
std::uint64_t rank_of(std::string_view key) {
  constexpr std::uint64_t kHighs = 0x8080808080808080U;
  const std::uint64_t bytes = beginning(key);
  if ((bytes & kHighs) == 0) return bytes;
  std::uint64_t rank = 0;
  for (int shift = 56; shift >= 0; shift -= 8) {
    rank = rank << 8 | utf16_rank(static_cast<char>(bytes >> shift));
  }
  return rank;
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

/// Is the escape sequence at the start of `text` in its canonical form?
bool canonical_escape(std::string_view text) noexcept {
  return std::string_view("nrtbf\"\\").find(text[1]) != std::string_view::npos;
}

/// Appends what stands between the quotes.  False for a lone surrogate and for bytes that
/// are no UTF-8.
bool append_text(std::string& out, std::string_view raw) {
  const auto next = [raw](std::size_t at) { return find_first<BackslashOrNonAscii>(raw, at); };
  std::size_t copied = 0;
  for (std::size_t at = next(0); at < raw.size(); at = next(at)) {
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
  return true;
}

}  // namespace

std::optional<std::string_view> CanonicalJson::canonical(std::string_view json) {
  clear();
  json_ = json;
  if (json.size() >= kNone / 2 || !flatten()) {
    top_level_keys_.clear();
    return std::nullopt;
  }
  if (!flat_.empty()) flush();
  text_ = flat_.empty() ? json.substr(same_begin_, same_end_ - same_begin_) : flat_;
  if (objects_.empty()) return text_;
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
  top_level_keys_.clear();
  same_begin_ = same_end_ = 0;
  comma_ = false;
}

bool CanonicalJson::flatten() {
  JsonReader reader(json_);
  for (;;) {
    const JsonToken token = reader.next();
    if (token == JsonToken::kEnd) return true;
    if (!take(token, reader)) return false;
  }
}

bool CanonicalJson::take(JsonToken token, const JsonReader& reader) {
  switch (token) {
    case JsonToken::kBeginObject:
    case JsonToken::kBeginArray:
      return begin(reader.raw(), token == JsonToken::kBeginObject);
    case JsonToken::kEndObject:
    case JsonToken::kEndArray:
      return end(reader.raw(), token == JsonToken::kEndObject);
    case JsonToken::kKey:
      return key(reader.raw(), reader.spelling());
    case JsonToken::kString:
      separate();
      return string(reader.raw(), reader.spelling());
    case JsonToken::kNumber:
      separate();
      return number(reader.raw());
    case JsonToken::kTrue:
    case JsonToken::kFalse:
    case JsonToken::kNull:
      separate();
      put(reader.raw());
      return true;
    default:
      return false;
  }
}

[[gnu::noinline]] void CanonicalJson::go_on_at(std::size_t at) {
  flush();
  same_begin_ = at;
}

[[gnu::noinline]] void CanonicalJson::put_anew(char c) {
  flush();
  flat_.push_back(c);
}

void CanonicalJson::flush() {
  flat_.append(json_, same_begin_, same_end_ - same_begin_);
  same_begin_ = same_end_;
}

std::uint32_t CanonicalJson::flat_size() const noexcept {
  return static_cast<std::uint32_t>(flat_.size() + same_end_ - same_begin_);
}

/// What follows is a value, or a key.
void CanonicalJson::separate() {
  if (comma_) put(',');
  comma_ = true;
}

/// False for a lone surrogate and for bytes that are no UTF-8.
bool CanonicalJson::string(std::string_view raw, JsonSpelling spelling) {
  if (spelling.shortest) {
    put({raw.data() - 1, raw.size() + 2});  // With its quotes.
    return spelling.ascii || valid_utf8(raw);
  }
  flush();
  flat_.push_back('"');
  if (!append_text(flat_, raw)) return false;
  flat_.push_back('"');
  return true;
}

bool CanonicalJson::number(std::string_view raw) {
  if (is_canonical_number(raw)) {
    put(raw);
    return true;
  }
  flush();
  return append_canonical_number(flat_, raw);
}

bool CanonicalJson::begin(std::string_view brace, bool object) {
  separate();
  comma_ = false;
  open_.push_back({.object = object ? static_cast<std::uint32_t>(objects_.size()) : kNone,
                   .pending = pending_.size()});
  if (object) objects_.push_back({.begin = flat_size()});
  put(brace);
  return true;
}

bool CanonicalJson::key(std::string_view raw, JsonSpelling spelling) {
  if (pending_.size() > open_.back().pending) pending_.back().end = flat_size();
  separate();
  Member member{.begin = flat_size(),
                .key_at = static_cast<std::uint32_t>(raw.data() - json_.data()),
                .key_size = static_cast<std::uint32_t>(raw.size()),
                .object = static_cast<std::uint32_t>(objects_.size()),
                .unescaped = spelling.escapes};
  if (!string(raw, spelling)) return false;
  if (spelling.escapes) {
    member.key_at = static_cast<std::uint32_t>(keys_.size());
    append_unescaped(keys_, raw);
    member.key_size = static_cast<std::uint32_t>(keys_.size()) - member.key_at;
  }
  member.rank = rank_of(key_of(member));
  pending_.push_back(member);
  if (open_.size() == 1 && top_level_keys_.size() < kTopLevelKeysMax) {
    top_level_keys_.push_back(raw);
  }
  put(':');
  comma_ = false;
  return true;
}

bool CanonicalJson::end(std::string_view brace, bool object) {
  const Open closed = open_.back();
  open_.pop_back();
  if (object) {
    if (pending_.size() > closed.pending) pending_.back().end = flat_size();
    const Order order = sort_members(closed.pending);
    if (order == Order::kNone) return false;
    if (order == Order::kAsItStands && objects_.size() == closed.object + 1) {
      objects_.pop_back();  // It is copied as it stands, with what is around it.
    } else {
      keep_object(closed);
    }
    pending_.resize(closed.pending);
  }
  put(brace);
  comma_ = true;
  return true;
}

void CanonicalJson::keep_object(const Open& closed) {
  Object& ended = objects_[closed.object];
  ended.end = flat_size() + 1;
  ended.after = static_cast<std::uint32_t>(objects_.size());
  ended.member = static_cast<std::uint32_t>(members_.size());
  ended.member_count = static_cast<std::uint32_t>(pending_.size() - closed.pending);
  const auto members = pending_.begin() + static_cast<std::ptrdiff_t>(closed.pending);
  members_.insert(members_.end(), members, pending_.end());
}

std::string_view CanonicalJson::key_of(const Member& member) const {
  return (member.unescaped ? std::string_view(keys_) : json_)
      .substr(member.key_at, member.key_size);
}

bool CanonicalJson::less(const Member& a, const Member& b) const {
  return a.rank != b.rank ? a.rank < b.rank : utf16_less(key_of(a), key_of(b));
}

/// Sorts the members behind `pending`.  There is no order if two have the same key.
CanonicalJson::Order CanonicalJson::sort_members(std::size_t pending) {
  const auto begin = pending_.begin() + static_cast<std::ptrdiff_t>(pending);
  const auto before = [this](const Member& a, const Member& b) { return less(a, b); };
  const auto not_before = [this](const Member& a, const Member& b) { return !less(a, b); };
  if (std::adjacent_find(begin, pending_.end(), not_before) == pending_.end()) {
    return Order::kAsItStands;
  }
  std::sort(begin, pending_.end(), before);
  // Now neighbours that are not in order are the same.
  const bool differ = std::adjacent_find(begin, pending_.end(), not_before) == pending_.end();
  return differ ? Order::kOther : Order::kNone;
}

void CanonicalJson::copy_sorted() {
  // As long as the text, whose parts only change their places.
  const std::size_t all = text_.size();
  sorted_.resize_and_overwrite(all, [all](char*, std::size_t) { return all; });
  to_ = sorted_.data();
  copying_.assign(1, {.object = kNone, .end = static_cast<std::uint32_t>(text_.size())});
  while (!copying_.empty()) copy_step();
}

void CanonicalJson::copy(std::uint32_t begin, std::uint32_t end) {
  std::memcpy(to_, text_.data() + begin, end - begin);
  to_ += end - begin;
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
    *to_++ = '{';
    copying_.push_back({.object = inner, .inner = kNone});
    return;
  }
  copy(current.at, current.end);
  if (current.object == kNone) return copying_.pop_back();
  const Object& object = objects_[current.object];
  if (current.next == object.member_count) {
    *to_++ = '}';
    return copying_.pop_back();
  }
  if (current.next > 0) *to_++ = ',';
  const Member& member = members_[object.member + current.next++];
  current.at = member.begin;
  current.end = member.end;
  current.inner = member.object;
}

}  // namespace sonde::privacy
