#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace sonde::aws {

/// The AWS distribution of the OpenTelemetry collector.  By version: what starts in a year
/// is what was tried today.
inline constexpr std::string_view kCollectorImage = "amazon/aws-otel-collector:v0.49.0";

/// What the collector beside a tap is told.
struct CollectorOptions {
  std::string region = "us-east-1";
  std::string log_group{};         ///< Where X-Ray finds the log lines of a trace; empty: nowhere.
  std::uint32_t memory_mib = 256;  ///< Of its container; it refuses spans before that is full.
};

/// Its configuration, YAML: OTLP on loopback, 4317 and 4318, to X-Ray.
///
/// Purpose.  Spans of instrumented hosts and servers, with what joins them to log lines
/// indexed.  Traces only: the metrics of calls come from the tap's log lines, and a second
/// copy through a collector would count them twice.
/// Failure.  kInvalidInput for a region that is none, and for less than 64 MiB.
Result<std::string> collector_yaml(const CollectorOptions& options);

/// Whether an image is named by a version or a digest, and so stays what it is.
bool pinned(std::string_view image);

/// "us-east-1", "cn-north-1", "us-gov-west-1"
bool is_region(std::string_view text);

}  // namespace sonde::aws
