#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "base/byte_scan.h"

namespace sonde {

/// One character, and how many bytes it took; 0 if the bytes are no UTF-8.
struct DecodedCharacter {
  std::uint32_t point;
  std::size_t length;
};

/// The character at the start of `text`, which begins with a byte >= 0x80 (RFC 3629 4).
inline DecodedCharacter decode_utf8(std::string_view text) noexcept {
  const auto byte = [text](std::size_t i) -> std::uint32_t {
    return i < text.size() ? static_cast<unsigned char>(text[i]) : 0U;
  };
  const auto more = [&byte](std::size_t i) { return (byte(i) & 0xc0U) == 0x80U; };
  const std::uint32_t lead = byte(0);
  if (lead >= 0xc2 && lead < 0xe0 && more(1)) {
    return {((lead & 0x1fU) << 6) | (byte(1) & 0x3fU), 2};
  }
  if (lead >= 0xe0 && lead < 0xf0 && more(1) && more(2)) {
    const std::uint32_t point =
        ((lead & 0x0fU) << 12) | ((byte(1) & 0x3fU) << 6) | (byte(2) & 0x3fU);
    const bool surrogate = point >= 0xd800 && point < 0xe000;
    return {point, point < 0x800 || surrogate ? std::size_t{0} : std::size_t{3}};
  }
  if (lead >= 0xf0 && lead < 0xf5 && more(1) && more(2) && more(3)) {
    const std::uint32_t point = ((lead & 0x07U) << 18) | ((byte(1) & 0x3fU) << 12) |
                                ((byte(2) & 0x3fU) << 6) | (byte(3) & 0x3fU);
    return {point, point < 0x10000 || point > 0x10ffff ? std::size_t{0} : std::size_t{4}};
  }
  return {0, 0};
}

/// Is all of it UTF-8?
inline bool valid_utf8(std::string_view text) noexcept {
  for (std::size_t at = find_first<NonAscii>(text, 0); at < text.size();) {
    const std::size_t length = decode_utf8(text.substr(at)).length;
    if (length == 0) return false;
    at += length;
    // What is beyond ASCII seldom comes alone.
    const bool more = at < text.size() && NonAscii::holds(static_cast<unsigned char>(text[at]));
    if (!more) at = find_first<NonAscii>(text, at);
  }
  return true;
}

}  // namespace sonde
