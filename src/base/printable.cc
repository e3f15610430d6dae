#include "base/printable.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>

#include "base/utf8.h"

namespace sonde {
namespace {

constexpr std::string_view kReplacement = "\xef\xbf\xbd";  // U+FFFD
constexpr std::string_view kEllipsis = "\xe2\x80\xa6";     // U+2026

struct Range {
  std::uint32_t first;
  std::uint32_t last;
};

// What a terminal acts upon, or what turns the direction of writing (Unicode TR 36 2.5).
constexpr std::array<Range, 8> kActing = {{{0x00, 0x1f},
                                           {0x7f, 0x9f},
                                           {0x61c, 0x61c},
                                           {0x200e, 0x200f},
                                           {0x2028, 0x202e},
                                           {0x2060, 0x206f},
                                           {0xfeff, 0xfeff},
                                           {0xe0000, 0xe007f}}};
constexpr std::array<Range, 4> kZeroWidth = {
    {{0x300, 0x36f}, {0x200b, 0x200d}, {0x20d0, 0x20ff}, {0xfe00, 0xfe0f}}};
// Unicode TR 11, roughly: Hangul Jamo, CJK, Hangul, full-width forms, emoji.
constexpr std::array<Range, 6> kWide = {{{0x1100, 0x115f},
                                         {0x2e80, 0xa4cf},
                                         {0xac00, 0xd7a3},
                                         {0xf900, 0xfaff},
                                         {0xff00, 0xff60},
                                         {0x1f300, 0x1faff}}};

bool in(std::span<const Range> ranges, std::uint32_t point) noexcept {
  return std::ranges::any_of(
      ranges, [point](Range range) { return point >= range.first && point <= range.last; });
}

DecodedCharacter character(std::string_view text) noexcept {
  const auto first = static_cast<unsigned char>(text.front());
  return first < 0x80 ? DecodedCharacter{first, 1} : decode_utf8(text);
}

}  // namespace

std::string printable(std::string_view text, std::size_t characters_max) {
  std::string out;
  out.reserve(std::min(text.size(), characters_max));
  for (std::size_t shown = 0; !text.empty(); ++shown) {
    if (shown == characters_max) return out.append(kEllipsis);
    const auto [point, length] = character(text);
    const bool bad = length == 0 || in(kActing, point);
    out.append(bad ? kReplacement : text.substr(0, length));
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return out;
}

std::size_t columns(std::string_view text) noexcept {
  std::size_t count = 0;
  while (!text.empty()) {
    const auto [point, length] = character(text);
    if (in(kWide, point)) {
      count += 2;
    } else if (!in(kZeroWidth, point)) {
      ++count;
    }
    text.remove_prefix(std::max<std::size_t>(length, 1));
  }
  return count;
}

}  // namespace sonde
