#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "sinks/emf_layout.h"

namespace sonde::sinks {

/// One metric with all its values.  A value that is not finite is written as 0.
struct EmfMetric {
  std::string_view name;
  std::string_view unit;
  std::span<const double> values;
};

/// Metrics of one time and one set of dimension values.
///
/// Lifetime.  Views only; used within one call.
struct EmfDocument {
  const EmfLayout& layout;
  std::int64_t timestamp_ms = 0;
  std::string_view head;        ///< Of every line: `{` and at least one member.
  std::string_view first;       ///< Of the first line only: members, each begun by a comma.
  std::string_view dimensions;  ///< Of every line: the dimensions' values, likewise.
  std::string_view envelope;    ///< For the agent: `"LogGroupName":…,`, or empty.
  std::span<const EmfMetric> metrics;
};

/// Appends the lines of `document`, each ended by a newline, and returns their number.
///
/// Limits.  100 values of a metric and 100 metrics in a line, as CloudWatch has them; what
/// is over goes to further lines in the way of AWS's own library: each line takes the next
/// 100 values of every metric that has some left, a single value is written bare.  Metrics
/// without values are left out; without any, there is no line.
std::size_t append_emf_lines(std::string& out, const EmfDocument& document);

/// Appends `,"_aws":{"Timestamp":…,` up to and with the opening of the layout.
void append_aws_opening(std::string& out, const EmfLayout& layout, std::int64_t timestamp_ms,
                        std::string_view envelope);

/// Appends `{"Name":…,"Unit":…}`.
void append_definition(std::string& out, std::string_view name, std::string_view unit);

/// Whether CloudWatch could take metrics of that time: a clock that stands in 1970 would
/// only make it drop them.
bool plausible_time(std::chrono::nanoseconds wall) noexcept;

/// Milliseconds since the Unix epoch.
std::int64_t to_milliseconds(std::chrono::nanoseconds wall) noexcept;

}  // namespace sonde::sinks
