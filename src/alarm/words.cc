#include "alarm/words.h"

#include <algorithm>
#include <array>
#include <cstddef>

namespace sonde::alarm {
namespace {

// Each in the order of its enumeration.
constexpr std::array<std::string_view, 3> kStates{"INSUFFICIENT_DATA", "OK", "ALARM"};
constexpr std::array<std::string_view, 4> kComparisons{
    "GreaterThanThreshold", "GreaterThanOrEqualToThreshold", "LessThanThreshold",
    "LessThanOrEqualToThreshold"};
constexpr std::array<std::string_view, 4> kInWords{"greater than", "greater than or equal to",
                                                   "less than", "less than or equal to"};
constexpr std::array<std::string_view, 4> kMissingData{"missing", "ignore", "breaching",
                                                       "notBreaching"};

template <class Enum, std::size_t N>
std::optional<Enum> find(const std::array<std::string_view, N>& words, std::string_view text) {
  const auto* const found = std::ranges::find(words, text);
  if (found == words.end()) return {};
  return static_cast<Enum>(found - words.begin());
}

}  // namespace

std::string_view to_string(State state) noexcept {
  return kStates[static_cast<std::size_t>(state)];
}

std::string_view to_string(Comparison comparison) noexcept {
  return kComparisons[static_cast<std::size_t>(comparison)];
}

std::string_view to_string(MissingData missing_data) noexcept {
  return kMissingData[static_cast<std::size_t>(missing_data)];
}

std::string_view in_words(Comparison comparison) noexcept {
  return kInWords[static_cast<std::size_t>(comparison)];
}

std::optional<State> parse_state(std::string_view text) noexcept {
  return find<State>(kStates, text);
}

std::optional<Comparison> parse_comparison(std::string_view text) noexcept {
  return find<Comparison>(kComparisons, text);
}

std::optional<MissingData> parse_missing_data(std::string_view text) noexcept {
  return find<MissingData>(kMissingData, text);
}

std::string_view alarm_name(std::string_view reference) noexcept {
  constexpr std::string_view kMark = ":alarm:";
  if (!reference.starts_with("arn:")) return reference;
  const std::size_t mark = reference.find(kMark);
  return mark == std::string_view::npos ? reference : reference.substr(mark + kMark.size());
}

}  // namespace sonde::alarm
