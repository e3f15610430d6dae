#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <utility>

#include "alarm/math_value_internal.h"

namespace sonde::alarm {

/// What metric math does with the points of series: the guide's cases of missing values.

using Point = std::optional<double>;

inline std::unexpected<Error> wrong(std::string problem) {
  return fail(Errc::kInvalidInput, "expression: " + std::move(problem));
}

/// Of two numbers; one without a value makes nothing of the other.
Point calculate_scalar(MathExpression::Op op, Point left, Point right);

/// Of two values that are not both numbers.
Result<MathValue> binary_series(MathExpression::Op op, const MathValue& left,
                                const MathValue& right);

/// `function` of every value that is there; what is not finite is none.
MathValue each_point(const MathValue& value, const std::function<double(double)>& function);

/// The change since the last value before, divided by what `divisor` makes of the number of
/// periods in between.
Series changes(const Series& series, const std::function<double(std::size_t)>& divisor);

/// FILL(series, REPEAT) and FILL(series, LINEAR); gaps without a value before (or, of a
/// line, behind) them stay.
Series fill_repeat(const Series& series);
Series fill_linear(const Series& series);

template <class Body>
Series map(const Series& series, Body body) {
  Series result;
  result.reserve(series.size());
  for (const Point& point : series) result.push_back(body(point));
  return result;
}

/// `body` of the one series, or of each in the array.
template <class Body>
MathValue map_series(const MathValue& value, Body body) {
  if (const auto* series = std::get_if<Series>(&value)) return body(*series);
  MathArray result;
  for (const Series& one : std::get<MathArray>(value)) result.push_back(body(one));
  return result;
}

/// What MIN, MAX, AVG and SUM make of values that are there.
class Reduction {
 public:
  explicit Reduction(MathExpression::Op op) : op_(op) {}

  void add(const Point& point);
  Point result() const;

 private:
  MathExpression::Op op_;
  std::size_t count_ = 0;
  double sum_ = 0;
  Point least_;
  Point most_;
};

}  // namespace sonde::alarm
