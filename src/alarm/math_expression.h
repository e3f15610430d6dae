#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace sonde::alarm {

/// A metric math expression, as a tree: "IF(calls >= 20, 100 * errors / calls, 0)".
///
/// CloudWatch does not publish a precedence; ours is that of arithmetic everywhere: OR,
/// AND, comparisons, + and -, * and /, the sign, ^ (from the right).
/// Limits.  kExpressionMax characters (alarm/check.h), kDepthMax brackets in brackets.
struct MathExpression {
  static constexpr std::size_t kDepthMax = 64;

  enum class Op : std::uint8_t {
    kNumber,
    kId,
    kText,     ///< "…": of METRICS.
    kKeyword,  ///< REPEAT and LINEAR: of FILL.
    kArray,
    kNegate,
    kOr,
    kAnd,
    kEqual,
    kNotEqual,
    kLess,
    kLessOrEqual,
    kGreater,
    kGreaterOrEqual,
    kAdd,
    kSubtract,
    kMultiply,
    kDivide,
    kPower,
    kAbs,
    kAvg,
    kCeil,
    kDiff,
    kFill,
    kFloor,
    kIf,
    kLog,
    kLog10,
    kMax,
    kMetrics,
    kMin,
    kPeriod,
    kRate,
    kSum,
  };

  struct Node {
    Op op{};
    double number = 0;                    ///< Of kNumber.
    std::string text{};                   ///< Of kId, kText and kKeyword.
    std::vector<std::size_t> operands{};  ///< Nodes that stand before this one.
    bool operator==(const Node&) const = default;
  };

  std::vector<Node> nodes;  ///< The last one is the root.  Never empty.
  bool operator==(const MathExpression&) const = default;
};

/// Reads an expression.  Fails with kInvalidInput and the place; of a function that
/// CloudWatch has and we have not, the failure says so.
Result<MathExpression> parse_math(std::string_view text);

/// The expression with all brackets; parse_math() makes the same of it, unless it has
/// become too long or too deep.
std::string to_text(const MathExpression& expression);

}  // namespace sonde::alarm
