#include <algorithm>
#include <cmath>
#include <functional>
#include <utility>

#include "alarm/math_points_internal.h"
#include "alarm/math_value_internal.h"

namespace sonde::alarm {
namespace {

using Op = MathExpression::Op;
using Node = MathExpression::Node;

/// One evaluation; the operands of a node are in `values_` when it is its turn.
class Evaluation {
 public:
  Evaluation(const MathExpression& expression, const MathScope& scope)
      : expression_(expression), scope_(scope) {}

  Result<MathValue> run() {
    values_.reserve(expression_.nodes.size());
    for (const Node& node : expression_.nodes) {
      Result<MathValue> value = value_of(node);
      if (!value) return value;
      const auto* array = std::get_if<MathArray>(&*value);
      if (array != nullptr && array->size() > MathProgram::kArraySeriesMax) {
        return wrong("an array of more than 500 series");
      }
      // A tree: nobody else wants the operands, and of many series they are large.
      for (const std::size_t index : node.operands) values_[index] = MathScalar();
      values_.push_back(std::move(*value));
    }
    return std::move(values_.back());
  }

 private:
  const MathValue& operand(const Node& node, std::size_t index) const {
    return values_[node.operands[index]];
  }

  Result<MathValue> value_of(const Node& node) const {
    switch (node.op) {
      case Op::kNumber:
        return MathScalar(node.number);
      case Op::kId:
        return id(node);
      case Op::kText:
      case Op::kKeyword:
        return MathScalar();  // Read by those that may have them.
      default:
        break;
    }
    if (const Status texts = check_texts(node); !texts) return fail(texts.error());
    switch (node.op) {
      case Op::kArray:
        return array(node);
      case Op::kNegate:
        return each_point(operand(node, 0), std::negate<>());
      case Op::kAbs:
        return each_point(operand(node, 0), [](double v) { return std::fabs(v); });
      case Op::kCeil:
        return each_point(operand(node, 0), [](double v) { return std::ceil(v); });
      case Op::kFloor:
        return each_point(operand(node, 0), [](double v) { return std::floor(v); });
      case Op::kLog:
        return each_point(operand(node, 0), [](double v) { return std::log(v); });
      case Op::kLog10:
        return each_point(operand(node, 0), [](double v) { return std::log10(v); });
      default:
        return call(node);
    }
  }

  Result<MathValue> call(const Node& node) const {
    switch (node.op) {
      case Op::kMin:
      case Op::kMax:
      case Op::kAvg:
      case Op::kSum:
        return reduce(node);
      case Op::kRate:
      case Op::kDiff:
        return change(node);
      case Op::kPeriod:
        return period(node);
      case Op::kFill:
        return fill(node);
      case Op::kIf:
        return choose(node);
      case Op::kMetrics:
        return metrics(node);
      default:
        return binary(node);
    }
  }

  /// A text or keyword belongs to the one function that knows it.
  Status check_texts(const Node& node) const {
    for (std::size_t i = 0; i < node.operands.size(); ++i) {
      const Node& argument = expression_.nodes[node.operands[i]];
      if (argument.op == Op::kText && node.op != Op::kMetrics) {
        return wrong("a text in quotes belongs into METRICS(…)");
      }
      if (argument.op == Op::kKeyword && (node.op != Op::kFill || i != 1)) {
        return wrong(argument.text + " belongs into FILL(…, " + argument.text + ")");
      }
    }
    return {};
  }

  Result<MathValue> id(const Node& node) const {
    const auto found = std::ranges::find(scope_.ids, node.text);
    if (found == scope_.ids.end()) return wrong("unknown id `" + node.text + "`");
    return scope_.values[static_cast<std::size_t>(found - scope_.ids.begin())];
  }

  Result<MathValue> array(const Node& node) const {
    MathArray result;
    for (const std::size_t index : node.operands) {
      const MathValue& value = values_[index];
      if (const auto* series = std::get_if<Series>(&value)) {
        result.push_back(*series);
      } else if (const auto* several = std::get_if<MathArray>(&value)) {
        result.insert(result.end(), several->begin(), several->end());
      } else {
        return wrong("an array holds series, not numbers");
      }
      if (result.size() > MathProgram::kArraySeriesMax) {
        return wrong("an array of more than 500 series");
      }
    }
    if (result.empty()) return wrong("an array without series");
    return result;
  }

  Result<MathValue> binary(const Node& node) const {
    const MathValue& left = operand(node, 0);
    const MathValue& right = operand(node, 1);
    const auto* left_number = std::get_if<MathScalar>(&left);
    const auto* right_number = std::get_if<MathScalar>(&right);
    if (left_number != nullptr && right_number != nullptr) {
      return calculate_scalar(node.op, *left_number, *right_number);
    }
    return binary_series(node.op, left, right);
  }

  /// A number of one series, a series of several.
  Result<MathValue> reduce(const Node& node) const {
    const MathValue& value = operand(node, 0);
    if (const auto* series = std::get_if<Series>(&value)) {
      Reduction reduction(node.op);
      for (const Point& point : *series) reduction.add(point);
      return reduction.result();
    }
    const auto* array = std::get_if<MathArray>(&value);
    if (array == nullptr)
      return wrong("MIN, MAX, AVG and SUM are of a series or an array, not of a number");
    Series result(scope_.points);
    for (std::size_t i = 0; i < result.size(); ++i) {
      Reduction reduction(node.op);
      for (const Series& series : *array) reduction.add(series[i]);
      result[i] = reduction.result();
    }
    return result;
  }

  Result<MathValue> change(const Node& node) const {
    const MathValue& value = operand(node, 0);
    if (std::holds_alternative<MathScalar>(value)) return wrong("RATE and DIFF are of a series");
    const double seconds = node.op == Op::kRate ? static_cast<double>(scope_.period.count()) : 0;
    return map_series(value, [&](const Series& series) {
      return changes(series, [&](std::size_t periods) {
        return seconds == 0 ? 1 : seconds * static_cast<double>(periods);
      });
    });
  }

  Result<MathValue> period(const Node& node) const {
    if (!std::holds_alternative<Series>(operand(node, 0))) return wrong("PERIOD is of a series");
    return MathScalar(static_cast<double>(scope_.period.count()));
  }

  Result<MathValue> fill(const Node& node) const {
    const MathValue& value = operand(node, 0);
    if (std::holds_alternative<MathScalar>(value)) return wrong("FILL is of a series");
    const Node& how = expression_.nodes[node.operands[1]];
    if (how.op == Op::kKeyword) {
      return map_series(value, how.text == "REPEAT" ? fill_repeat : fill_linear);
    }
    const MathValue& filler = operand(node, 1);
    if (std::holds_alternative<MathArray>(filler)) {
      return wrong("FILL takes a number, a series, REPEAT or LINEAR");
    }
    return map_series(value, [&](const Series& series) {
      Series result = series;
      for (std::size_t i = 0; i < result.size(); ++i) {
        if (!result[i]) result[i] = point_of(filler, i);
      }
      return result;
    });
  }

  static Point point_of(const MathValue& value, std::size_t index) {
    if (const auto* number = std::get_if<MathScalar>(&value)) return *number;
    return std::get<Series>(value)[index];
  }

  Result<MathValue> choose(const Node& node) const {
    bool series = false;
    for (const std::size_t index : node.operands) {
      if (std::holds_alternative<MathArray>(values_[index]))
        return wrong("IF does not take arrays");
      series = series || std::holds_alternative<Series>(values_[index]);
    }
    if (!series) return choice(node, 0);
    Series result(scope_.points);
    for (std::size_t i = 0; i < result.size(); ++i) result[i] = choice(node, i);
    return result;
  }

  /// TRUE without a value is 0, FALSE without one is none: the guide's table of 2023.
  Point choice(const Node& node, std::size_t index) const {
    const Point condition = point_of(operand(node, 0), index);
    if (!condition) return {};
    if (*condition != 0) {
      const MathValue& chosen = operand(node, 1);
      const Point point = point_of(chosen, index);
      return std::holds_alternative<Series>(chosen) ? Point(point.value_or(0)) : point;
    }
    return node.operands.size() == 3 ? point_of(operand(node, 2), index) : Point();
  }

  Result<MathValue> metrics(const Node& node) const {
    std::string_view part;
    if (!node.operands.empty()) {
      const Node& argument = expression_.nodes[node.operands[0]];
      if (argument.op != Op::kText) return wrong("METRICS takes a text in quotes, or nothing");
      part = argument.text;
    }
    MathArray result;
    for (std::size_t i = 0; i < scope_.ids.size(); ++i) {
      if (!scope_.is_stat[i] || !scope_.ids[i].contains(part)) continue;
      result.push_back(std::get<Series>(scope_.values[i]));
    }
    if (result.empty()) return wrong("METRICS(\"" + std::string(part) + "\") finds no metric");
    return result;
  }

  const MathExpression& expression_;
  const MathScope& scope_;
  std::vector<MathValue> values_;
};

}  // namespace

Result<MathValue> evaluate(const MathExpression& expression, const MathScope& scope) {
  const Op root = expression.nodes.back().op;
  if (root == Op::kText || root == Op::kKeyword) return wrong("a text is no value");
  return Evaluation(expression, scope).run();
}

}  // namespace sonde::alarm
