#pragma once

#include <algorithm>
#include <array>
#include <string_view>

#include "config/schema.h"

namespace sonde::config {

// What the tables of fields are written with.

template <auto Member>
auto& at(Config& config) {
  return config.*Member;
}

template <auto Section, auto Member>
auto& at(Config& config) {
  return config.*Section.*Member;
}

inline constexpr double kSecond = 1000;
inline constexpr double kMinute = 60 * kSecond;
inline constexpr double kHour = 60 * kMinute;
inline constexpr double kKiB = 1024;
inline constexpr double kMiB = 1024 * kKiB;
inline constexpr double kGiB = 1024 * kMiB;

}  // namespace sonde::config
