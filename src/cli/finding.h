#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace sonde::cli {

/// How bad a finding of `sonde doctor` is.
enum class Level : std::uint8_t {
  kOk,
  kWarn,  ///< Works, but something is lost, or not as it should be.
  kRed,   ///< Does not work.
};

/// One thing that was looked at: what, where, and what to do.
struct Finding {
  Level level = Level::kOk;
  std::string what;
  std::string where;   ///< A file with its line, a tap, a variable; may be empty.
  std::string advice;  ///< Empty if nothing has to be done.
};

using Findings = std::vector<Finding>;

}  // namespace sonde::cli
