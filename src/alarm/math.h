#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "alarm/definition.h"
#include "alarm/math_expression.h"
#include "base/result.h"

namespace sonde::alarm {

/// One value for each of consecutive periods, oldest first; nothing where there is none.
using Series = std::vector<std::optional<double>>;

/// The `Metrics` of an alarm, ready to be computed again and again.
///
/// Purpose.  Metric math as CloudWatch computes it (README.md has its table of cases): of
/// two series, one without a value counts as 0 where the other has one; what divides by zero
/// has no value; IF with a condition without a value has none.
/// Limits.  kQueriesMax entries; kArraySeriesMax series in an array.
/// Threads.  Immutable.
class MathProgram {
 public:
  static constexpr std::size_t kArraySeriesMax = 500;

  /// Reads, orders and tries the expressions.  Fails with kInvalidInput on what check() in
  /// alarm/check.h calls a fault of an expression: grammar, unknown ids, expressions that
  /// need each other, functions of the wrong kind of value, and a result that is not one
  /// series.  REQUIRES of nobody that check() was called before.
  static Result<MathProgram> make(std::span<const MetricQuery> queries);

  /// The series that is compared with the threshold.
  /// REQUIRES: one series for each MetricStat of the queries, in their order, all of one
  /// length.
  Series evaluate(std::span<const Series> stats) const;

  /// The statistics to fetch, in the order of evaluate().
  const std::vector<MetricStat>& stats() const noexcept { return stats_; }
  std::chrono::seconds period() const noexcept { return period_; }
  /// Whether there is nothing to compute: one statistic, compared as it is.
  bool plain() const noexcept { return steps_.empty(); }

 private:
  struct Step {
    std::size_t query = 0;
    MathExpression expression;
  };

  MathProgram() = default;
  Status order(std::span<const MetricQuery> queries);
  Status try_out() const;
  Result<Series> run(std::span<const Series> stats) const;

  std::vector<std::string> ids_;
  std::vector<bool> is_stat_;
  std::vector<MetricStat> stats_;
  std::vector<Step> steps_;  ///< Each behind those that it needs.
  std::size_t returned_ = 0;
  std::chrono::seconds period_{60};
};

}  // namespace sonde::alarm
