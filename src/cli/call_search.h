#pragma once

#include <cstddef>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "cli/log_files.h"

namespace sonde::cli {

/// What a search for an id has found.
struct Found {
  std::vector<std::string> lines;   ///< Oldest first.
  std::set<std::string> ambiguous;  ///< Several ids that begin so; then `lines` is empty.
  bool more = false;                ///< There were more than kFoundMax.
};

inline constexpr std::size_t kFoundMax = 1000;
inline constexpr std::size_t kPrefixMin = 4;

/// Finds the lines whose request, wire, tool-call, correlation, trace or span id is `id`;
/// if there is none, those with the one id that begins so (kPrefixMin characters).
///
/// A line is only parsed if the id stands somewhere in it, so a search runs at the speed
/// of the disk.
Found find_calls(const std::vector<LogSeries>& series, std::string_view id, Skipped& skipped);

/// Everything a line says, one labelled value a line.
std::string describe_call(std::string_view line);

}  // namespace sonde::cli
