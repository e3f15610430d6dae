#pragma once

#include <cstdint>

#include "base/result.h"
#include "model/config.h"

namespace sonde::aws {

/// How many bytes lines take, measured by writing sample lines through the sinks.
struct LineBytes {
  double plain = 0;           ///< A call without metrics.
  double with_metrics = 0;    ///< A call that carries its metrics.
  double gathered = 0;        ///< The metric lines of an interval, per call in it.
  double gathered_lines = 0;  ///< How many such lines there are per call.
  double gauges = 0;          ///< A `tap.gauges` line.
  double pulse = 0;           ///< A `server.pulse` line.
};

/// What one tap sees.
struct TapLoad {
  double calls_per_second = 1;
  std::uint64_t servers = 1;
  std::uint64_t tools = 20;  ///< Of one server.
  std::uint64_t clients = 1;
};

/// Writes a call, events, and an interval of calls spread evenly over all series.
///
/// Limits.  At most EmfAggregate::kCallsMax calls are written, some ten milliseconds.
/// Failure.  As sinks::Emf::make: `config` has dimensions that CloudWatch would refuse.
Result<LineBytes> measure_lines(const Config& config, const TapLoad& load);

}  // namespace sonde::aws
