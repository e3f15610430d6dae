#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <span>
#include <vector>

#include "alarm/evaluate.h"
#include "alarm/metric_id.h"
#include "alarm/statistics.h"

namespace sonde::alarm {

/// The recent values of metrics, for the evaluation of alarms.
///
/// Purpose.  Keeps every value, in slices of ten seconds, so that the periods of an
/// evaluation can end at any of them and percentiles are exact.
/// Limits.  Limits; what comes beyond is dropped and counted.  Values count 8 bytes each, a
/// slice about 90.
/// Threads.  One owner.
class MetricStore {
 public:
  /// Slices begin at multiples of it; the shortest period of CloudWatch.
  static constexpr std::chrono::seconds kSlice{10};

  struct Limits {
    std::size_t series_max = 20'000;
    std::size_t values_max = 8'000'000;
  };

  struct Dropped {
    std::uint64_t series = 0;  ///< Values of metrics beyond series_max.
    std::uint64_t values = 0;  ///< Values beyond values_max.
    std::uint64_t late = 0;    ///< Values older than what forget() was told.
  };

  MetricStore() = default;
  explicit MetricStore(Limits limits) : limits_(limits) {}

  void add(const MetricId& metric, std::chrono::milliseconds at, std::span<const double> values);

  /// Drops what is older than `before`, and metrics of which nothing is left.
  void forget(std::chrono::seconds before);

  /// The statistic over each of `periods` periods that end at `end`, oldest first.
  /// REQUIRES: `end` and `period` are multiples of kSlice.
  std::vector<Datapoint> aggregate(const MetricId& metric, const Statistic& statistic,
                                   std::chrono::seconds period, std::size_t periods,
                                   std::chrono::seconds end) const;

  std::size_t series() const noexcept { return series_.size(); }
  std::size_t values() const noexcept { return values_; }
  const Dropped& dropped() const noexcept { return dropped_; }

 private:
  struct Slice {
    std::chrono::seconds start{};
    std::vector<double> values;
  };
  using Slices = std::deque<Slice>;  ///< By time.

  static Slice& slice_at(Slices& slices, std::chrono::seconds start);

  Limits limits_;
  std::map<MetricId, Slices> series_;
  std::size_t values_ = 0;
  std::chrono::seconds forgotten_{0};
  Dropped dropped_;
};

}  // namespace sonde::alarm
