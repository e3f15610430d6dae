#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

#include "base/result.h"

namespace sonde::alarm {

/// A statistic over the values of one period, as CloudWatch names it: "Sum", "p99.9",
/// "tm95", "TM(10%:90%)", "PR(:300)", "IQM".
struct Statistic {
  enum class Kind : std::uint8_t {
    kSampleCount,
    kAverage,
    kSum,
    kMinimum,
    kMaximum,
    kPercentile,      ///< pNN: `upper` is NN.
    kTrimmedMean,     ///< tm, TM, IQM.
    kWinsorizedMean,  ///< wm, WM.
    kTrimmedCount,    ///< tc, TC.
    kTrimmedSum,      ///< ts, TS.
    kPercentileRank,  ///< PR.
  };
  Kind kind{};
  bool percent = false;  ///< The bounds are shares of the values (0 to 100), not values.
  std::optional<double> lower = std::nullopt;  ///< Exclusive.
  std::optional<double> upper = std::nullopt;  ///< Inclusive.
  bool operator==(const Statistic&) const = default;
};

/// Reads the name of a statistic.  Fails with kInvalidInput and what is wrong.
Result<Statistic> parse_statistic(std::string_view text);

/// The statistic of the values of one period; nothing, if it has none: there are no values,
/// none lies between the bounds of a mean, or one is negative and the statistic is none of
/// the five simple ones (CloudWatch has percentiles of non-negative metrics only).
///
/// Exact, where CloudWatch's own estimator is unpublished.  A percentile is by nearest rank:
/// the smallest value that at least NN % of all do not exceed.  A trimmed statistic with
/// bounds in percent takes of the sorted values what lies between the two shares of their
/// number, and the value that a share cuts through in part, so that the trimmed count of
/// TC(:90%) of five values is 4.5 and IQM is the textbook's interquartile mean.
/// Sorts `values`.
/// REQUIRES: all finite.
std::optional<double> compute(const Statistic& statistic, std::span<double> values);

}  // namespace sonde::alarm
