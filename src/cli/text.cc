#include "cli/text.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>

#include "base/printable.h"
#include "base/timestamp.h"

namespace sonde::cli {
namespace {

std::string two_digits(std::uint64_t value) {
  return (value < 10 ? "0" : "") + std::to_string(value);
}

}  // namespace

bool colours(const Io& io) {
  if (!io.terminal || config::variable(io.lookup, "NO_COLOR")) return false;
  const auto terminal = config::variable(io.lookup, "TERM");
  return terminal && *terminal != "dumb";
}

std::string coloured(std::string_view text, Colour colour, bool on) {
  constexpr std::array<std::string_view, 6> kCodes = {"", "32", "33", "31", "2", "1"};
  if (!on || colour == Colour::kNone) return std::string(text);
  return "\x1b[" + std::string(kCodes[static_cast<std::size_t>(colour)]) + 'm' + std::string(text) +
         "\x1b[0m";
}

std::string padded(std::string_view text, std::size_t width) {
  std::string out(text);
  const std::size_t used = columns(text);
  if (used < width) out.append(width - used, ' ');
  return out;
}

std::string padded_left(std::string_view text, std::size_t width) {
  const std::size_t used = columns(text);
  return std::string(used < width ? width - used : 0, ' ') + std::string(text);
}

std::string clipped(std::string_view text, std::size_t width) {
  if (columns(text) <= width) return std::string(text);
  std::string out;
  // A wide character takes two columns, so fewer characters than columns may fit.
  for (std::size_t characters = width; characters > 0; --characters) {
    out = printable(text, characters - 1);
    if (columns(out) <= width) return out;
  }
  return {};
}

std::string show_fixed(double value, int decimals) {
  if (!std::isfinite(value) || std::abs(value) > 1e15) value = 0;
  std::array<char, 64> buffer{};
  const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                    std::chars_format::fixed, decimals);
  return {buffer.data(), result.ptr};
}

std::string show_milliseconds(double milliseconds) {
  constexpr double kMax = 1e14;  // Three thousand years; no call took longer.
  if (!(milliseconds >= 0) || milliseconds > kMax) milliseconds = 0;
  if (milliseconds < 9.995) return show_fixed(milliseconds, 2) + "ms";
  if (milliseconds < 999.95) return show_fixed(milliseconds, 1) + "ms";
  if (milliseconds < 59'995) return show_fixed(milliseconds / 1000, 2) + 's';
  const auto seconds = static_cast<std::uint64_t>(std::llround(milliseconds / 1000));
  if (seconds < 3600) return std::to_string(seconds / 60) + 'm' + two_digits(seconds % 60) + 's';
  const auto hours = seconds / 3600;
  if (hours < 1000) return std::to_string(hours) + 'h' + two_digits(seconds / 60 % 60) + 'm';
  return std::to_string(hours / 24) + 'd';
}

std::string show_size(std::uint64_t bytes) {
  constexpr std::array<char, 5> kUnits = {'K', 'M', 'G', 'T', 'P'};
  if (bytes < 1024) return std::to_string(bytes) + 'B';
  double size = static_cast<double>(bytes) / 1024;
  std::size_t unit = 0;
  while (size >= 1023.95 && unit + 1 < kUnits.size()) {
    size /= 1024;
    ++unit;
  }
  return show_fixed(size, size < 99.95 ? 1 : 0) + kUnits[unit];
}

std::string show_time(std::chrono::nanoseconds wall, const Io& io) {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(wall);
  std::string text;
  append_rfc3339(text, std::max(wall + io.utc_offset(seconds), std::chrono::nanoseconds(0)));
  std::string shown = text.substr(5, 18);  // "2026-11-20T12:00:00.012Z"
  shown[5] = ' ';
  return shown;
}

}  // namespace sonde::cli
