#pragma once

#include <cstddef>
#include <string_view>

namespace sonde::sinks {

/// The front of `lines`: whole lines of at most `bytes_max` bytes together, or the first
/// alone if it is longer.
inline std::string_view front_lines(std::string_view lines, std::size_t bytes_max) noexcept {
  if (lines.size() <= bytes_max) return lines;
  std::size_t end = lines.rfind('\n', bytes_max - 1);
  if (end == std::string_view::npos) end = lines.find('\n');
  return end == std::string_view::npos ? lines : lines.substr(0, end + 1);
}

/// How many lines there are.
inline std::size_t count_lines(std::string_view lines) noexcept {
  std::size_t count = 0;
  for (std::size_t at = lines.find('\n'); at != std::string_view::npos;
       at = lines.find('\n', at + 1)) {
    ++count;
  }
  return count;
}

}  // namespace sonde::sinks
