#pragma once

#include <algorithm>
#include <array>
#include <charconv>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "base/json_writer.h"

namespace sonde::sinks {

/// A member's key as it stands in the line, `,"name":`, made by the compiler: lines have
/// some forty members, and each key is then one copy.
template <std::size_t N>
struct MemberKey {
  std::array<char, N + 3> bytes{};  // N counts the literal's terminating zero.

  consteval explicit(false) MemberKey(const char (&name)[N]) {
    bytes[0] = ',';
    bytes[1] = '"';
    std::copy_n(name, N - 1, bytes.begin() + 2);
    bytes[N + 1] = '"';
    bytes[N + 2] = ':';
  }
  constexpr std::string_view view() const { return {bytes.data(), bytes.size()}; }
};

inline namespace literals {
template <MemberKey Key>
constexpr std::string_view operator""_key() {
  static constexpr auto kStored = Key;
  return kStored.view();
}
}  // namespace literals

/// Appends an integer in decimal.
template <std::integral Integer>
void append_integer(std::string& out, Integer value) {
  std::array<char, 24> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), value).ptr;
  out.append(digits.data(), end);
}

/// The longest prefix of `text` of at most `bytes_max` bytes that ends with a character.
inline std::string_view clip(std::string_view text, std::size_t bytes_max) noexcept {
  if (text.size() <= bytes_max) return text;
  std::size_t size = bytes_max;
  // Not within a UTF-8 sequence; bytes that are none are cut anywhere.
  for (int back = 0; back < 3 && size > 0; ++back, --size) {
    if ((static_cast<unsigned char>(text[size]) & 0xc0U) != 0x80U) return text.substr(0, size);
  }
  return text.substr(0, size);
}

/// Appends members to an object that is open and not empty.
///
/// Purpose.  A line's members without a branch per comma and an escape per key.
/// Limits.  A text is cut to `text_bytes_max`; clipped() says how many were.
/// Lifetime.  `out` must outlive the writer.
class MemberWriter {
 public:
  MemberWriter(std::string& out, std::size_t text_bytes_max)
      : out_(out), text_bytes_max_(text_bytes_max) {}

  /// Left out if empty.
  void text(std::string_view key, std::string_view value) {
    if (!value.empty()) always(key, value);
  }
  /// Written even if empty.
  void always(std::string_view key, std::string_view value) { string(key, value, text_bytes_max_); }
  /// A value that is JSON already.
  void raw(std::string_view key, std::string_view json) {
    out_.append(key);
    out_.append(json);
  }
  template <std::integral Integer>
  void number(std::string_view key, Integer value) {
    out_.append(key);
    append_integer(out_, value);
  }
  /// Left out if zero.
  template <std::integral Integer>
  void count(std::string_view key, Integer value) {
    if (value != 0) number(key, value);
  }
  /// Left out if empty; at most `items_max` items of `bytes_max` bytes each.
  template <class Texts>
  void list(std::string_view key, const Texts& texts, std::size_t items_max,
            std::size_t bytes_max) {
    if (texts.empty()) return;
    out_.append(key);
    std::string_view before = "[";
    for (std::size_t i = 0; i < std::min(texts.size(), items_max); ++i) {
      string(std::exchange(before, ","), texts[i], bytes_max);
    }
    out_.push_back(']');
    if (texts.size() > items_max) ++clipped_;
  }

  std::uint32_t clipped() const { return clipped_; }

 private:
  void string(std::string_view before, std::string_view text, std::size_t bytes_max) {
    if (text.size() > bytes_max) {
      text = clip(text, bytes_max);
      ++clipped_;
    }
    append_json_string(out_, before, text);
  }

  std::string& out_;
  const std::size_t text_bytes_max_;
  std::uint32_t clipped_ = 0;
};

}  // namespace sonde::sinks
