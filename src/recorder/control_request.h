#pragma once

#include <chrono>
#include <string_view>
#include <variant>

#include "base/result.h"

namespace sonde::recorder {

/// "Keep content of the next calls", or no longer.
struct CaptureRequest {
  static constexpr std::chrono::seconds kDefault{900};
  static constexpr std::chrono::seconds kMax{24 * 60 * 60};

  bool on = false;
  std::chrono::seconds duration = kDefault;  ///< 1 s to kMax.
  bool errors_only = false;
  bool operator==(const CaptureRequest&) const = default;
};

/// "Show the stats document."
struct StatsRequest {
  bool operator==(const StatsRequest&) const = default;
};

using ControlRequest = std::variant<CaptureRequest, StatsRequest>;

/// Reads one request, for example `{"command":"capture","on":true,"for_s":900}`
/// (docs/formats/control.md).
///
/// Fails with kInvalidInput on an unknown command, key or value, naming the nearest one
/// that there is: a switch for content must not be half understood.
Result<ControlRequest> parse_control_request(std::string_view line);

}  // namespace sonde::recorder
