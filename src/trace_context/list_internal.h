#pragma once

#include <string_view>

namespace sonde::trace_context {

inline std::string_view trim_blanks(std::string_view text) noexcept {
  while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  while (!text.empty() && (text.back() == ' ' || text.back() == '\t')) text.remove_suffix(1);
  return text;
}

/// Cuts the first member off a list, and returns it without blanks around it.
inline std::string_view take_member(std::string_view& list, char separator) noexcept {
  const std::size_t end = list.find(separator);
  const std::string_view member = list.substr(0, end);
  list.remove_prefix(end == std::string_view::npos ? list.size() : end + 1);
  return trim_blanks(member);
}

}  // namespace sonde::trace_context
