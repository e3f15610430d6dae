#include "alarm/math_points_internal.h"

#include <algorithm>
#include <cmath>

namespace sonde::alarm {
namespace {

using Op = MathExpression::Op;

Point finite(double value) { return std::isfinite(value) ? Point(value) : Point(); }

Point calculate(Op op, double left, double right) {
  switch (op) {
    case Op::kAdd:
      return finite(left + right);
    case Op::kSubtract:
      return finite(left - right);
    case Op::kMultiply:
      return finite(left * right);
    case Op::kDivide:
      return right == 0 ? Point() : finite(left / right);
    case Op::kPower:
      return finite(std::pow(left, right));
    case Op::kEqual:
      return left == right ? 1 : 0;
    case Op::kNotEqual:
      return left != right ? 1 : 0;
    case Op::kLess:
      return left < right ? 1 : 0;
    case Op::kLessOrEqual:
      return left <= right ? 1 : 0;
    case Op::kGreater:
      return left > right ? 1 : 0;
    case Op::kGreaterOrEqual:
      return left >= right ? 1 : 0;
    case Op::kAnd:
      return left != 0 && right != 0 ? 1 : 0;
    case Op::kOr:
      return left != 0 || right != 0 ? 1 : 0;
    default:
      return {};
  }
}

/// Of two series: a side without a value counts as 0.
Point calculate_points(Op op, Point left, Point right) {
  if (!left && !right) return {};
  return calculate(op, left.value_or(0), right.value_or(0));
}

Series combine(Op op, const Series& left, const Series& right) {
  Series result(left.size());
  for (std::size_t i = 0; i < left.size(); ++i) result[i] = calculate_points(op, left[i], right[i]);
  return result;
}

}  // namespace

Point calculate_scalar(Op op, Point left, Point right) {
  if (!left || !right) return {};
  return calculate(op, *left, *right);
}

Result<MathValue> binary_series(Op op, const MathValue& left, const MathValue& right) {
  if (const auto* number = std::get_if<MathScalar>(&left)) {
    return map_series(right, [&](const Series& series) {
      return map(series, [&](const Point& p) { return calculate_scalar(op, *number, p); });
    });
  }
  if (const auto* number = std::get_if<MathScalar>(&right)) {
    return map_series(left, [&](const Series& series) {
      return map(series, [&](const Point& p) { return calculate_scalar(op, p, *number); });
    });
  }
  if (const auto* series = std::get_if<Series>(&left)) {
    return map_series(right, [&](const Series& other) { return combine(op, *series, other); });
  }
  if (const auto* series = std::get_if<Series>(&right)) {
    return map_series(left, [&](const Series& other) { return combine(op, other, *series); });
  }
  const auto& lefts = std::get<MathArray>(left);
  const auto& rights = std::get<MathArray>(right);
  if (lefts.size() != rights.size()) {
    return wrong("arrays of " + std::to_string(lefts.size()) + " and " +
                 std::to_string(rights.size()) + " series do not pair");
  }
  MathArray result;
  for (std::size_t i = 0; i < lefts.size(); ++i) {
    result.push_back(combine(op, lefts[i], rights[i]));
  }
  return result;
}

MathValue each_point(const MathValue& value, const std::function<double(double)>& function) {
  const auto apply = [&](const Point& point) { return point ? finite(function(*point)) : point; };
  if (const auto* number = std::get_if<MathScalar>(&value)) return apply(*number);
  return map_series(value, [&](const Series& series) { return map(series, apply); });
}

Series changes(const Series& series, const std::function<double(std::size_t)>& divisor) {
  Series result(series.size());
  Point before;
  std::size_t before_at = 0;
  for (std::size_t i = 0; i < series.size(); ++i) {
    const Point& point = series[i];
    if (!point) continue;
    if (before) result[i] = finite((*point - *before) / divisor(i - before_at));
    before = point;
    before_at = i;
  }
  return result;
}

void Reduction::add(const Point& point) {
  if (!point) return;
  ++count_;
  sum_ += *point;
  least_ = std::min(least_.value_or(*point), *point);
  most_ = std::max(most_.value_or(*point), *point);
}

Point Reduction::result() const {
  if (count_ == 0) return {};
  switch (op_) {
    case Op::kMin:
      return least_;
    case Op::kMax:
      return most_;
    case Op::kAvg:
      return finite(sum_ / static_cast<double>(count_));
    default:
      return finite(sum_);
  }
}

Series fill_repeat(const Series& series) {
  Series result = series;
  for (std::size_t i = 1; i < result.size(); ++i) {
    if (!result[i]) result[i] = result[i - 1];
  }
  return result;
}

Series fill_linear(const Series& series) {
  Series result = series;
  Point before;
  std::size_t before_at = 0;
  for (std::size_t i = 0; i < series.size(); ++i) {
    const Point& point = series[i];
    if (!point) continue;
    for (std::size_t gap = before_at + 1; before && gap < i; ++gap) {
      const double share =
          static_cast<double>(gap - before_at) / static_cast<double>(i - before_at);
      result[gap] = finite(*before + (*point - *before) * share);
    }
    before = point;
    before_at = i;
  }
  return result;
}

}  // namespace sonde::alarm
