#include "base/json_writer.h"

#include <array>
#include <charconv>
#include <cmath>
#include <cstring>

#include "base/byte_scan.h"
#include "base/utf8.h"

namespace sonde {
namespace {

constexpr std::string_view kHex = "0123456789abcdef";
constexpr std::string_view kReplacement = "\xef\xbf\xbd";  // U+FFFD

void append_escape(std::string& out, std::uint32_t unit) {
  out.append("\\u");
  for (int shift = 12; shift >= 0; shift -= 4) out.push_back(kHex[(unit >> shift) & 15U]);
}

void append_ascii(std::string& out, unsigned char c) {
  switch (c) {
    case '"':
      out.append("\\\"");
      return;
    case '\\':
      out.append("\\\\");
      return;
    case '\n':
      out.append("\\n");
      return;
    case '\r':
      out.append("\\r");
      return;
    case '\t':
      out.append("\\t");
      return;
    default:
      append_escape(out, c);
  }
}

template <std::size_t Size>
void copy_ends(char* to, std::string_view from) noexcept {
  std::array<char, Size> first;
  std::array<char, Size> last;
  const char* const begin = from.data();
  std::memcpy(first.data(), begin, Size);
  std::memcpy(last.data(), begin + from.size() - Size, Size);
  std::memcpy(to, first.data(), Size);
  std::memcpy(to + from.size() - Size, last.data(), Size);
}

/// memcpy() without the call for what is short: a line is made of a hundred short pieces.
char* copy(char* to, std::string_view from) noexcept {
  const std::size_t size = from.size();
  if (size > 32) {
    std::memcpy(to, &from.front(), size);
  } else if (size >= 16) {
    copy_ends<16>(to, from);
  } else if (size >= 8) {
    copy_ends<8>(to, from);
  } else if (size >= 4) {
    copy_ends<4>(to, from);
  } else {
    for (std::size_t i = 0; i < size; ++i) to[i] = from[i];
  }
  return to + size;
}

/// The usual case: nothing to escape.  Room is made once.
void append_plain(std::string& out, std::string_view before, std::string_view text) {
  const std::size_t begin = out.size();
  const std::size_t end = begin + before.size() + text.size() + 2;
  // Older libraries pass the capacity for the size.
  out.resize_and_overwrite(end, [&](char* to, std::size_t /*size*/) {
    to = copy(to + begin, before);
    *to++ = '"';
    to = copy(to, text);
    *to = '"';
    return end;
  });
}

bool shown_as_is(std::uint32_t point) noexcept {
  return point >= 0xa0 && point != 0x2028 && point != 0x2029;
}

/// Appends the first character of `text`, escaped or replaced, and returns its length.
std::size_t append_special(std::string& out, std::string_view text) {
  const auto c = static_cast<unsigned char>(text.front());
  if (c < 0x80) {
    append_ascii(out, c);
    return 1;
  }
  const auto [point, length] = decode_utf8(text);
  if (length == 0) {
    out.append(kReplacement);
    return 1;
  }
  append_escape(out, point);
  return length;
}

/// The length of the first character of `text` if it is beyond ASCII and shown as it is.
std::size_t length_as_is(std::string_view text) noexcept {
  if (static_cast<unsigned char>(text.front()) < 0x80) return 0;
  const auto [point, length] = decode_utf8(text);
  return shown_as_is(point) ? length : 0;
}

}  // namespace

void append_json_string(std::string& out, std::string_view text) {
  append_json_string(out, {}, text);
}

void append_json_string(std::string& out, std::string_view before, std::string_view text) {
  if (holds_none<JsonEscaped>(text)) return append_plain(out, before, text);
  std::size_t at = find_first<JsonEscaped>(text, 0);
  out.append(before);
  out.push_back('"');
  std::size_t begin = 0;  // Of what is not yet written.
  while (at < text.size()) {
    if (const std::size_t length = length_as_is(text.substr(at))) {
      at += length;
    } else {
      out.append(text, begin, at - begin);
      begin = at = at + append_special(out, text.substr(at));
    }
    // What is beyond ASCII seldom comes alone.
    const bool special = at < text.size() && (text[at] & '\x80') != 0;
    if (!special) at = find_first<JsonEscaped>(text, at);
  }
  out.append(text, begin);
  out.push_back('"');
}

void JsonWriter::separate() {
  if (comma_) out_.push_back(',');
  comma_ = true;
}

JsonWriter& JsonWriter::open(char bracket) {
  separate();
  out_.push_back(bracket);
  comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::close(char bracket) {
  out_.push_back(bracket);
  comma_ = true;
  return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
  separate();
  append_json_string(out_, name);
  out_.push_back(':');
  comma_ = false;
  return *this;
}

JsonWriter& JsonWriter::string(std::string_view text) {
  separate();
  append_json_string(out_, text);
  return *this;
}

JsonWriter& JsonWriter::boolean(bool value) { return raw(value ? "true" : "false"); }

JsonWriter& JsonWriter::null() { return raw("null"); }

JsonWriter& JsonWriter::raw(std::string_view json) {
  separate();
  out_.append(json);
  return *this;
}

JsonWriter& JsonWriter::signed_number(std::int64_t value) {
  std::array<char, 24> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  return raw({digits.data(), end});
}

JsonWriter& JsonWriter::unsigned_number(std::uint64_t value) {
  std::array<char, 24> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  return raw({digits.data(), end});
}

JsonWriter& JsonWriter::fixed(double value, int decimals) {
  if (!std::isfinite(value)) return raw("0");
  if (value == std::trunc(value) && std::fabs(value) < 1e15) {
    return signed_number(static_cast<std::int64_t>(value));
  }
  std::array<char, 400> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value,
                                 std::chars_format::fixed, decimals)
                       .ptr;
  return raw({digits.data(), end});
}

}  // namespace sonde
