#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sonde::http {

/// Which bytes may stand where.
inline constexpr std::uint8_t kToken = 1;   ///< RFC 9110 5.6.2.
inline constexpr std::uint8_t kTarget = 2;  ///< RFC 3986 without '#', and [] as browsers write it.
inline constexpr std::uint8_t kHost = 4;    ///< Of a registered name: no escapes, no lists.

namespace internal {

constexpr std::array<std::uint8_t, 256> byte_classes() {
  std::array<std::uint8_t, 256> classes{};
  const auto add = [&classes](std::string_view bytes, unsigned what) {
    for (const char c : bytes) {
      auto& entry = classes[static_cast<unsigned char>(c)];
      entry = static_cast<std::uint8_t>(entry | what);
    }
  };
  add("0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz", kToken | kTarget | kHost);
  add("!#$%&'*+-.^_`|~", kToken);
  add("-._~:/?[]@!$&'()*+,;=%", kTarget);
  add("-._~", kHost);
  return classes;
}

inline constexpr std::array<std::uint8_t, 256> kByteClasses = byte_classes();

}  // namespace internal

constexpr bool is(char c, std::uint8_t what) noexcept {
  return (internal::kByteClasses[static_cast<unsigned char>(c)] & what) != 0;
}

constexpr bool all_are(std::string_view text, std::uint8_t what) noexcept {
  std::uint8_t common = what;
  for (const char c : text) common &= internal::kByteClasses[static_cast<unsigned char>(c)];
  return common != 0;
}

constexpr bool is_blank(char c) noexcept { return c == ' ' || c == '\t'; }
constexpr bool is_digit(char c) noexcept { return c >= '0' && c <= '9'; }

constexpr bool is_control(char c) noexcept {
  const auto byte = static_cast<unsigned char>(c);
  return (byte < 0x20 && byte != '\t') || byte == 0x7f;
}

constexpr char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
}

constexpr bool same_name(std::string_view a, std::string_view b) noexcept {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (lower(a[i]) != lower(b[i])) return false;
  }
  return true;
}

constexpr std::string_view trim_blanks(std::string_view text) noexcept {
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

/// What must not stand in a line: CR and LF are for who reads lines to judge.
struct ControlBytes {
  template <class Byte>
  static constexpr auto holds(Byte byte) noexcept {
    return ((byte < 0x20) & (byte != '\t')) | (byte == 0x7f);
  }
};

}  // namespace sonde::http
