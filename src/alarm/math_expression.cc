#include "alarm/math_expression.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <utility>

#include "alarm/check.h"
#include "base/nearest.h"

namespace sonde::alarm {
namespace {

using Op = MathExpression::Op;
using Node = MathExpression::Node;

struct Function {
  std::string_view name;
  Op op;
  std::size_t arguments_min;
  std::size_t arguments_max;
};

constexpr auto kFunctions = std::to_array<Function>({
    {"ABS", Op::kAbs, 1, 1},
    {"AVG", Op::kAvg, 1, 1},
    {"CEIL", Op::kCeil, 1, 1},
    {"DIFF", Op::kDiff, 1, 1},
    {"FILL", Op::kFill, 2, 2},
    {"FLOOR", Op::kFloor, 1, 1},
    {"IF", Op::kIf, 2, 3},
    {"LOG", Op::kLog, 1, 1},
    {"LOG10", Op::kLog10, 1, 1},
    {"MAX", Op::kMax, 1, 1},
    {"METRICS", Op::kMetrics, 0, 1},
    {"MIN", Op::kMin, 1, 1},
    {"PERIOD", Op::kPeriod, 1, 1},
    {"RATE", Op::kRate, 1, 1},
    {"SUM", Op::kSum, 1, 1},
});

/// What CloudWatch has, and we have not.
constexpr auto kUnsupported = std::to_array<std::string_view>({"ANOMALY_DETECTION_BAND",
                                                               "DATAPOINT_COUNT",
                                                               "DATE",
                                                               "DAY",
                                                               "DB_PERF_INSIGHTS",
                                                               "DIFF_TIME",
                                                               "EPOCH",
                                                               "FIRST",
                                                               "HOUR",
                                                               "INSIGHT_RULE_METRIC",
                                                               "LAMBDA",
                                                               "LAST",
                                                               "METRIC_COUNT",
                                                               "MINUTE",
                                                               "MONTH",
                                                               "REMOVE_EMPTY",
                                                               "RUNNING_SUM",
                                                               "SERVICE_QUOTA",
                                                               "SLICE",
                                                               "SORT",
                                                               "STDDEV",
                                                               "TIME_SERIES",
                                                               "YEAR"});

struct Operator {
  std::string_view sign;
  Op op;
  int level;
};

// Longer signs before those that they begin with.
constexpr auto kOperators = std::to_array<Operator>({
    {"OR", Op::kOr, 0},
    {"||", Op::kOr, 0},
    {"AND", Op::kAnd, 1},
    {"&&", Op::kAnd, 1},
    {"==", Op::kEqual, 2},
    {"!=", Op::kNotEqual, 2},
    {"<=", Op::kLessOrEqual, 2},
    {">=", Op::kGreaterOrEqual, 2},
    {"<", Op::kLess, 2},
    {">", Op::kGreater, 2},
    {"+", Op::kAdd, 3},
    {"-", Op::kSubtract, 3},
    {"*", Op::kMultiply, 4},
    {"/", Op::kDivide, 4},
});
constexpr int kLevels = 5;

bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_upper(char c) { return c >= 'A' && c <= 'Z'; }
bool is_lower(char c) { return c >= 'a' && c <= 'z'; }
bool is_word(char c) { return is_digit(c) || is_upper(c) || is_lower(c) || c == '_'; }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

std::string unknown_function(std::string_view name) {
  if (name == "SEARCH") return "SEARCH is not allowed in alarms: name the metrics";
  if (std::ranges::find(kUnsupported, name) != kUnsupported.end()) {
    return std::string(name) + " is a function of CloudWatch that is not supported here";
  }
  std::vector<std::string_view> names;
  names.reserve(kFunctions.size());
  for (const Function& function : kFunctions) names.push_back(function.name);
  std::string problem = "unknown function `" + std::string(name) + "`";
  const std::string_view near = nearest(name, names);
  if (!near.empty()) problem.append("; did you mean `").append(near).append("`?");
  return problem;
}

/// Recursive descent over the levels of kOperators; kDepthMax bounds it.
class MathParser {
 public:
  explicit MathParser(std::string_view text) : text_(text) {}

  Result<MathExpression> parse() {
    if (!binary(0)) return fail(std::move(error_));
    skip_blanks();
    if (at_ != text_.size()) {
      note("expected an operator or the end");
      return fail(std::move(error_));
    }
    return std::move(expression_);
  }

 private:
  using Index = std::optional<std::size_t>;  // Nothing: error_ says why.

  std::nullopt_t note(std::string_view problem) {
    error_ = Error(Errc::kInvalidInput, "expression: at character " + std::to_string(at_ + 1) +
                                            ": " + std::string(problem));
    return std::nullopt;
  }

  void skip_blanks() {
    while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
  }

  bool accept(std::string_view sign) {
    skip_blanks();
    const std::string_view rest = text_.substr(at_);
    if (!rest.starts_with(sign)) return false;
    const bool word = is_upper(sign.front());
    if (word && rest.size() > sign.size() && is_word(rest[sign.size()])) return false;
    at_ += sign.size();
    return true;
  }

  std::size_t add(Node node) {
    expression_.nodes.push_back(std::move(node));
    return expression_.nodes.size() - 1;
  }

  std::optional<Op> operator_of(int level) {
    for (const Operator& candidate : kOperators) {
      if (candidate.level == level && accept(candidate.sign)) return candidate.op;
    }
    return {};
  }

  Index binary(int level) {
    if (level == kLevels) return sign();
    Index left = binary(level + 1);
    while (left) {
      const auto op = operator_of(level);
      if (!op) break;
      const Index right = binary(level + 1);
      if (!right) return right;
      left = add({.op = *op, .operands = {*left, *right}});
    }
    return left;
  }

  Index sign() {
    std::size_t negations = 0;
    while (accept("-")) ++negations;
    Index operand = power();
    for (; operand && negations > 0; --negations) {
      operand = add({.op = Op::kNegate, .operands = {*operand}});
    }
    return operand;
  }

  Index power() {
    const Index base = primary();
    if (!base || !accept("^")) return base;
    if (++depth_ > MathExpression::kDepthMax) return note("too many exponents of exponents");
    const Index exponent = sign();
    --depth_;
    if (!exponent) return exponent;
    return add({.op = Op::kPower, .operands = {*base, *exponent}});
  }

  Index primary() {
    skip_blanks();
    if (at_ == text_.size()) return note("the expression ends where a value is expected");
    const char c = text_[at_];
    if (is_digit(c) || c == '.') return number();
    if (is_lower(c)) return add({.op = Op::kId, .text = std::string(word())});
    if (is_upper(c)) return function();
    if (c == '"' || c == '\'') return quoted(c);
    if (accept("(")) {
      if (++depth_ > MathExpression::kDepthMax) return note("brackets nest too deeply");
      const Index inner = binary(0);
      --depth_;
      if (inner && !accept(")")) return note("expected an operator or )");
      return inner;
    }
    if (accept("[")) return list(Op::kArray, "]");
    return note("expected a number, the id of a metric, a function, ( or [");
  }

  std::string_view word() {
    const std::size_t begin = at_;
    while (at_ < text_.size() && is_word(text_[at_])) ++at_;
    return text_.substr(begin, at_ - begin);
  }

  Index number() {
    double value = 0;
    const char* const end = text_.data() + text_.size();
    const auto [rest, error] = std::from_chars(text_.data() + at_, end, value);
    if (error != std::errc()) return note("a number that cannot be read");
    if (rest != end && (is_word(*rest) || *rest == '.')) return note("a number runs into a name");
    at_ = static_cast<std::size_t>(rest - text_.data());
    return add({.op = Op::kNumber, .number = value});
  }

  Index quoted(char quote) {
    const std::size_t end = text_.find(quote, at_ + 1);
    if (end == std::string_view::npos) return note("a text in quotes has no end");
    std::string text(text_.substr(at_ + 1, end - at_ - 1));
    if (text.contains('"')) return note("a text may not hold a quote");
    at_ = end + 1;
    return add({.op = Op::kText, .text = std::move(text)});
  }

  Index function() {
    const std::size_t begin = at_;
    const std::string_view name = word();
    if (name == "REPEAT" || name == "LINEAR")
      return add({.op = Op::kKeyword, .text = std::string(name)});
    const auto* const function = std::ranges::find(kFunctions, name, &Function::name);
    if (function == kFunctions.end()) {
      at_ = begin;
      return note(unknown_function(name));
    }
    if (!accept("(")) return note("expected ( behind " + std::string(name));
    const Index call = list(function->op, ")");
    if (!call) return call;
    const std::size_t arguments = expression_.nodes[*call].operands.size();
    if (arguments < function->arguments_min || arguments > function->arguments_max) {
      at_ = begin;
      return note(wrong_count(*function));
    }
    return call;
  }

  static std::string wrong_count(const Function& function) {
    std::string count = std::to_string(function.arguments_max);
    if (function.arguments_min != function.arguments_max) {
      count = std::to_string(function.arguments_min) + " or " + count;
    }
    return std::string(function.name) + " takes " + count +
           (function.arguments_max == 1 ? " argument" : " arguments") +
           (function.arguments_max == 1 ? "; several series go in an array: [a, b]" : "");
  }

  /// Values and commas up to `closing`; the opening bracket is read.
  Index list(Op op, std::string_view closing) {
    if (++depth_ > MathExpression::kDepthMax) return note("brackets nest too deeply");
    Node node{.op = op};
    bool closed = accept(closing);
    while (!closed) {
      const Index one = binary(0);
      if (!one) return one;
      node.operands.push_back(*one);
      closed = accept(closing);
      if (!closed && !accept(",")) return note("expected a comma or " + std::string(closing));
    }
    --depth_;
    return add(std::move(node));
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t depth_ = 0;
  MathExpression expression_;
  Error error_{Errc::kInternal, "expression"};
};

std::string number_text(double value) {
  std::array<char, 32> buffer{};
  const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value);
  return {buffer.data(), end};
}

std::string joined(const Node& node, std::vector<std::string>& texts) {
  std::string all;
  for (const std::size_t operand : node.operands) {
    if (!all.empty()) all.append(", ");
    all.append(std::exchange(texts[operand], {}));
  }
  return all;
}

std::string text_of(const Node& node, std::vector<std::string>& texts) {
  switch (node.op) {
    case Op::kNumber:
      return number_text(node.number);
    case Op::kId:
    case Op::kKeyword:
      return node.text;
    case Op::kText:
      return '"' + node.text + '"';
    case Op::kArray:
      return "[" + joined(node, texts) + "]";
    case Op::kNegate:
      return "(-" + joined(node, texts) + ")";
    case Op::kPower: {
      std::string base = std::exchange(texts[node.operands[0]], {});
      return "(" + std::move(base) + " ^ " + std::exchange(texts[node.operands[1]], {}) + ")";
    }
    default:
      break;
  }
  const auto* const infix = std::ranges::find(kOperators, node.op, &Operator::op);
  if (infix != kOperators.end()) {
    std::string left = std::exchange(texts[node.operands[0]], {});
    return "(" + std::move(left) + " " + std::string(infix->sign) + " " +
           std::exchange(texts[node.operands[1]], {}) + ")";
  }
  const auto* const function = std::ranges::find(kFunctions, node.op, &Function::op);
  return std::string(function->name) + "(" + joined(node, texts) + ")";
}

}  // namespace

Result<MathExpression> parse_math(std::string_view text) {
  // In bytes, four of which may be one character: the grammar below is ASCII but for texts.
  if (text.size() > 4 * kExpressionMax) {
    return fail(Errc::kLimitExceeded, "expression: longer than 2048 characters");
  }
  return MathParser(text).parse();
}

std::string to_text(const MathExpression& expression) {
  std::vector<std::string> texts;
  texts.reserve(expression.nodes.size());
  for (const Node& node : expression.nodes) texts.push_back(text_of(node, texts));
  return std::move(texts.back());
}

}  // namespace sonde::alarm
