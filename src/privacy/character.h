#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sonde::privacy {

/// Sets of bytes, one bit each, looked up in a table: what a locale says does not matter,
/// and bytes >= 0x80 are in none of them.
enum CharacterSet : std::uint16_t {
  kDigit = 1U << 0,
  kUpper = 1U << 1,
  kLower = 1U << 2,
  kHexLetterLower = 1U << 3,
  kHexLetterUpper = 1U << 4,
  kUnderscore = 1U << 5,
  kDash = 1U << 6,
  kDot = 1U << 7,
  kBase64Mark = 1U << 8,  ///< + and /
  kEqual = 1U << 9,
  kBlank = 1U << 10,  ///< Space and tab.
  kLineEnd = 1U << 11,
  kQuote = 1U << 12,  ///< " ' `
  kPercent = 1U << 13,
  kTilde = 1U << 14,
};

constexpr unsigned kLetter = kUpper | kLower;
constexpr unsigned kAlnum = kLetter | kDigit;
constexpr unsigned kHex = kDigit | kHexLetterLower | kHexLetterUpper;
constexpr unsigned kWord = kAlnum | kUnderscore;
constexpr unsigned kWordDash = kWord | kDash;
constexpr unsigned kSpace = kBlank | kLineEnd;

namespace internal {

constexpr std::array<std::uint16_t, 256> character_sets() {
  std::array<std::uint16_t, 256> sets{};
  const auto add = [&sets](std::string_view bytes, unsigned set) {
    for (const char c : bytes)
      sets[static_cast<unsigned char>(c)] |= static_cast<std::uint16_t>(set);
  };
  add("0123456789", kDigit);
  add("ABCDEFGHIJKLMNOPQRSTUVWXYZ", kUpper);
  add("abcdefghijklmnopqrstuvwxyz", kLower);
  add("abcdef", kHexLetterLower);
  add("ABCDEF", kHexLetterUpper);
  add("_", kUnderscore);
  add("-", kDash);
  add(".", kDot);
  add("+/", kBase64Mark);
  add("=", kEqual);
  add(" \t", kBlank);
  add("\n\r\v\f", kLineEnd);
  add("\"'`", kQuote);
  add("%", kPercent);
  add("~", kTilde);
  return sets;
}

inline constexpr auto kCharacterSets = character_sets();

}  // namespace internal

constexpr bool in(char c, unsigned set) noexcept {
  return (internal::kCharacterSets[static_cast<unsigned char>(c)] & set) != 0;
}

/// Is there a character of `set` at `at`?  False behind the end.
constexpr bool at_is(std::string_view text, std::size_t at, unsigned set) noexcept {
  return at < text.size() && in(text[at], set);
}

/// The first position from `at` on that is not in `set`, at most `end`.
constexpr std::size_t run_end(std::string_view text, std::size_t at, unsigned set,
                              std::size_t end = std::string_view::npos) noexcept {
  if (end > text.size()) end = text.size();
  while (at < end && in(text[at], set)) ++at;
  return at;
}

constexpr char lower(char c) noexcept {
  return in(c, kUpper) ? static_cast<char>(c - 'A' + 'a') : c;
}

/// Does `text` go on with `word`, which is in lower case, at `at`, in whatever case?
constexpr bool goes_on_with(std::string_view text, std::size_t at, std::string_view word) noexcept {
  if (at > text.size() || text.size() - at < word.size()) return false;
  for (std::size_t i = 0; i < word.size(); ++i) {
    if (lower(text[at + i]) != word[i]) return false;
  }
  return true;
}

}  // namespace sonde::privacy
