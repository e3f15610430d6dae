#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "alarm/metric_id.h"

namespace sonde::alarm {

/// The values of one metric in one line.
struct EmfPoints {
  const MetricId& metric;
  std::chrono::milliseconds at{};  ///< `_aws.Timestamp`, since the Unix epoch.
  std::span<const double> values;  ///< Never empty, all finite.
};

/// What CloudWatch would count in AWS/Logs.
enum class EmfFault : std::uint8_t {
  kNone,
  kParsing,     ///< EMFParsingErrors: with `_aws`, but not of the format.
  kValidation,  ///< EMFValidationErrors: of the format, but a target is missing or wrong.
};

struct EmfReading {
  EmfFault fault = EmfFault::kNone;  ///< The worst, kParsing before kValidation.
  std::string problem{};             ///< Of the first fault.
  bool metrics = false;              ///< The line has an `_aws`.
  /// Present in what agents get.
  std::optional<std::string> log_group = std::nullopt;
  std::chrono::milliseconds at{};
};

inline constexpr std::size_t kEmfLineBytesMax = std::size_t{1024} * 1024;
/// Sets times metrics of one line; the format has no limit of its own.
inline constexpr std::size_t kEmfPointsMax = 10'000;

/// Reads a log line as CloudWatch Logs does: every directive of `_aws`, every dimension set.
/// A line without `_aws` is just a log line.  A directive with a fault is dropped whole,
/// the others of the line count.
/// The references in what `take` gets are valid during the call.
EmfReading read_emf(std::string_view line, const std::function<void(const EmfPoints&)>& take);

}  // namespace sonde::alarm
