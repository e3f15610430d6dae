#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "alarm/definition.h"
#include "base/result.h"

namespace sonde::alarm {

/// The AlarmRule of a composite alarm, as a tree.
///
///     (ALARM("MCP-HighToolErrorRate") AND ALARM("MCP-HighP99Latency")) OR ALARM("MCP-ServerDown")
///
/// Purpose.  What parse_rule() reads, for checks and for evaluation.  CloudWatch does not
/// publish a precedence; ours is NOT, then AND, then OR, and to_text() brackets everything
/// so that it does not matter.
/// Limits.  kRuleBytesMax, kRuleElementsMax, kRuleChildrenMax.
struct Rule {
  enum class Kind : std::uint8_t { kFalse, kTrue, kState, kAtLeast, kNot, kAnd, kOr };

  struct Node {
    Kind kind{};
    /// Of kState and kAtLeast: what a child must be in, or (negated) must not.
    State state{};
    bool negated = false;        ///< Of kAtLeast.
    bool percent = false;        ///< Of kAtLeast: `required` is a share of the children.
    std::uint32_t required = 0;  ///< Of kAtLeast.
    /// Of kState and kAtLeast: `count` entries of Rule::children from `first` on.
    /// Of kNot, kAnd and kOr: the operands are the nodes `first` and `second`.
    std::size_t first = 0;
    std::size_t second = 0;
    std::size_t count = 0;
    bool operator==(const Node&) const = default;
  };

  /// Operands stand before their operator; the last one is the root.  Never empty.
  std::vector<Node> nodes;
  /// Names as they are written, ARNs too, in the order of their appearance.
  std::vector<std::string> children;
  bool operator==(const Rule&) const = default;
};

inline constexpr std::size_t kRuleBytesMax = 10'240;
/// Children, TRUE and FALSE, and brackets; the brackets of ALARM(…) are part of the child.
inline constexpr std::size_t kRuleElementsMax = 500;
inline constexpr std::size_t kRuleChildrenMax = 100;  ///< Different ones.

/// Reads a rule.  Fails with kInvalidInput and the place, on what the grammar does not
/// have; with kLimitExceeded beyond the limits above.
Result<Rule> parse_rule(std::string_view text);

/// The rule with every operator in brackets and every name in quotes; parse_rule() makes
/// the same rule of it, if it is not too long.
std::string to_text(const Rule& rule);

/// What state an alarm of this name is in.
using StateOf = std::function<State(std::string_view name)>;

/// Whether the rule holds: the composite's state is ALARM, else OK.
bool holds(const Rule& rule, const StateOf& state_of);

}  // namespace sonde::alarm
