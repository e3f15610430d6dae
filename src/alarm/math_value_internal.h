#pragma once

#include <chrono>
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <variant>
#include <vector>

#include "alarm/math.h"
#include "alarm/math_expression.h"
#include "base/result.h"

namespace sonde::alarm {

/// What an expression may be: a number (which a series without values has none), a series,
/// or several.
using MathScalar = std::optional<double>;
using MathArray = std::vector<Series>;
using MathValue = std::variant<MathScalar, Series, MathArray>;

/// What the ids of an expression stand for.
struct MathScope {
  std::span<const std::string> ids;
  std::span<const MathValue> values;  ///< Of each id.
  const std::vector<bool>& is_stat;   ///< Which of them METRICS() means.
  std::size_t points = 0;             ///< In each series.
  std::chrono::seconds period{60};
};

/// Whether it fails depends on the kinds of the values alone, never on the values.
Result<MathValue> evaluate(const MathExpression& expression, const MathScope& scope);

}  // namespace sonde::alarm
