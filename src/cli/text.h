#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <string_view>

#include "cli/io.h"

namespace sonde::cli {

enum class Colour : std::uint8_t { kNone, kGreen, kYellow, kRed, kDim, kBold };

/// Whether to use colours: on a terminal that has them, unless NO_COLOR is set and not
/// empty.
bool colours(const Io& io);

/// `text` in `colour`, if `on`.
std::string coloured(std::string_view text, Colour colour, bool on);

/// `text` filled with blanks to `width` columns, on the right or (for numbers) the left.
std::string padded(std::string_view text, std::size_t width);
std::string padded_left(std::string_view text, std::size_t width);

/// Cut to `width` columns, the last of which is then "…".
std::string clipped(std::string_view text, std::size_t width);

/// "0.42ms", "12.5ms", "1.23s", "2m05s", "3h12m", "41d": at most eight columns.
std::string show_milliseconds(double milliseconds);
/// "48B", "2.0K", "1.5M"
std::string show_size(std::uint64_t bytes);
/// "11-20 12:00:00.012" in local time.
std::string show_time(std::chrono::nanoseconds wall, const Io& io);
/// With `decimals` digits behind the point.
std::string show_fixed(double value, int decimals);

}  // namespace sonde::cli
