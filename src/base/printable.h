#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace sonde {

/// `text` as it may be shown on a terminal: what could move the cursor, change colours
/// or turn the direction of writing (control characters, ESC, C1, bidirectional marks)
/// and bytes that are no UTF-8 become U+FFFD.  Cut with "…" behind `characters_max`
/// characters.
std::string printable(std::string_view text,
                      std::size_t characters_max = static_cast<std::size_t>(-1));

/// How many columns `text`, which must be printable, takes on a terminal: wide East Asian
/// characters and emoji take two, combining marks none.
std::size_t columns(std::string_view text) noexcept;

}  // namespace sonde
