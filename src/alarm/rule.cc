#include "alarm/rule.h"

#include <algorithm>
#include <charconv>
#include <optional>
#include <set>
#include <utility>

#include "alarm/words.h"

namespace sonde::alarm {
namespace {

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

bool ends_word(char c) { return is_blank(c) || c == '(' || c == ')' || c == ',' || c == '"'; }

/// Recursive descent.  Every level of the recursion costs a bracket, which is an element,
/// so kRuleElementsMax bounds it.
class RuleParser {
 public:
  explicit RuleParser(std::string_view text) : text_(text) {}

  Result<Rule> parse() {
    if (const auto root = disjunction(); !root) return fail(std::move(error_));
    skip_blanks();
    if (at_ != text_.size()) return fault("expected AND, OR or the end");
    const std::set<std::string_view> different(rule_.children.begin(), rule_.children.end());
    if (different.size() > kRuleChildrenMax) {
      return fail(Errc::kLimitExceeded,
                  "rule: more than " + std::to_string(kRuleChildrenMax) + " different alarms");
    }
    return std::move(rule_);
  }

 private:
  using Index = std::optional<std::size_t>;  // Nothing: error_ says why.

  std::unexpected<Error> fault(std::string_view problem) {
    note(problem);
    return fail(std::move(error_));
  }

  std::nullopt_t note(std::string_view problem) {
    error_ = Error(Errc::kInvalidInput,
                   "rule: at character " + std::to_string(at_ + 1) + ": " + std::string(problem));
    return std::nullopt;
  }

  bool refuse(std::string_view problem) {
    note(problem);
    return false;
  }

  void skip_blanks() {
    while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
  }

  /// The word that begins here, without moving.
  std::string_view word() {
    skip_blanks();
    std::size_t end = at_;
    while (end < text_.size() && !ends_word(text_[end])) ++end;
    return text_.substr(at_, end - at_);
  }

  bool accept(std::string_view keyword) {
    if (word() != keyword) return false;
    at_ += keyword.size();
    return true;
  }

  bool accept(char mark) {
    skip_blanks();
    if (at_ == text_.size() || text_[at_] != mark) return false;
    ++at_;
    return true;
  }

  bool element() {
    if (++elements_ <= kRuleElementsMax) return true;
    error_ = Error(Errc::kLimitExceeded, "rule: more than " + std::to_string(kRuleElementsMax) +
                                             " elements (alarms, TRUE, FALSE and brackets)");
    return false;
  }

  std::size_t add(Rule::Node node) {
    rule_.nodes.push_back(node);
    return rule_.nodes.size() - 1;
  }

  Index disjunction() {
    Index left = conjunction();
    while (left && accept("OR")) {
      const Index right = conjunction();
      if (!right) return right;
      left = add({.kind = Rule::Kind::kOr, .first = *left, .second = *right});
    }
    return left;
  }

  Index conjunction() {
    Index left = unary();
    while (left && accept("AND")) {
      const Index right = unary();
      if (!right) return right;
      left = add({.kind = Rule::Kind::kAnd, .first = *left, .second = *right});
    }
    return left;
  }

  Index unary() {
    std::size_t nots = 0;  // A loop: NOT costs no element, so recursion would have no bound.
    while (accept("NOT")) ++nots;
    Index operand = primary();
    for (; operand && nots > 0; --nots) {
      operand = add({.kind = Rule::Kind::kNot, .first = *operand});
    }
    return operand;
  }

  Index primary() {
    if (accept('(')) return group();
    if (accept("TRUE")) return constant(Rule::Kind::kTrue);
    if (accept("FALSE")) return constant(Rule::Kind::kFalse);
    if (accept("AT_LEAST")) return at_least();
    const std::string_view name = word();
    const auto state = parse_state(name);
    if (!state)
      return note(
          "expected ALARM(…), OK(…), INSUFFICIENT_DATA(…), AT_LEAST(…), TRUE, "
          "FALSE, NOT or a bracket");
    at_ += name.size();
    const Rule::Node node{
        .kind = Rule::Kind::kState, .state = *state, .first = rule_.children.size(), .count = 1};
    if (!accept('(')) return note("expected ( and the name of an alarm");
    if (!child()) return std::nullopt;
    if (!accept(')')) return note("expected ) behind the name; a name with blanks needs quotes");
    return add(node);
  }

  Index group() {
    if (!element() || !element()) return std::nullopt;
    const Index inner = disjunction();
    if (inner && !accept(')')) return note("expected AND, OR or )");
    return inner;
  }

  Index constant(Rule::Kind kind) {
    if (!element()) return std::nullopt;
    return add({.kind = kind});
  }

  Index at_least() {
    Rule::Node node{.kind = Rule::Kind::kAtLeast};
    if (!accept('(') || !number(node))
      return note("expected (, and a number of alarms or a percentage");
    if (!accept(',')) return note("expected a comma behind the number");
    node.negated = accept("NOT");
    const std::string_view name = word();
    const auto state = parse_state(name);
    if (!state) return note("expected ALARM, OK or INSUFFICIENT_DATA");
    node.state = *state;
    at_ += name.size();
    if (!accept(',') || !accept('(')) return note("expected a comma and the alarms in brackets");
    node.first = rule_.children.size();
    do {
      if (!child()) return std::nullopt;
    } while (accept(','));
    node.count = rule_.children.size() - node.first;
    if (!accept(')') || !accept(')')) return note("expected a comma or ))");
    if (!node.percent && node.required > node.count) {
      return note("AT_LEAST wants more alarms than it lists");
    }
    return add(node);
  }

  bool number(Rule::Node& node) {
    const std::string_view digits = word();
    const char* const begin = digits.data();  // NOLINT(bugprone-suspicious-stringview-data-usage)
    const char* const end = begin + digits.size();
    const auto [rest, error] = std::from_chars(begin, end, node.required);
    if (error != std::errc() || node.required == 0) return false;
    node.percent = rest != end && *rest == '%';
    if (rest + (node.percent ? 1 : 0) != end) return false;
    if (node.percent && node.required > 100) return false;
    at_ += digits.size();
    return true;
  }

  bool child() {
    skip_blanks();
    std::string name;
    if (accept('"')) {
      if (!quoted(name)) return refuse("a name in quotes has no end");
    } else {
      name = word();
      at_ += name.size();
    }
    if (name.empty()) return refuse("expected the name of an alarm");
    rule_.children.push_back(std::move(name));
    return element();
  }

  bool quoted(std::string& name) {
    while (at_ < text_.size()) {
      const char c = text_[at_++];
      if (c == '"') return true;
      const bool escape =
          c == '\\' && at_ < text_.size() && (text_[at_] == '"' || text_[at_] == '\\');
      name.push_back(escape ? text_[at_++] : c);
    }
    return false;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  std::size_t elements_ = 0;
  Rule rule_;
  Error error_{Errc::kInternal, "rule"};
};

void append_names(std::string& out, const Rule& rule, const Rule::Node& node) {
  for (std::size_t i = 0; i < node.count; ++i) {
    out.append(i == 0 ? "\"" : ", \"");
    for (const char c : rule.children[node.first + i]) {
      if (c == '"' || c == '\\') out.push_back('\\');
      out.push_back(c);
    }
    out.push_back('"');
  }
}

std::string at_least_text(const Rule& rule, const Rule::Node& node) {
  std::string out = "AT_LEAST(" + std::to_string(node.required) + (node.percent ? "%, " : ", ") +
                    (node.negated ? "NOT " : "") + std::string(to_string(node.state)) + ", (";
  append_names(out, rule, node);
  return out + "))";
}

bool enough(const Rule& rule, const Rule::Node& node, const StateOf& state_of) {
  std::size_t matching = 0;
  for (std::size_t i = 0; i < node.count; ++i) {
    const State state = state_of(rule.children[node.first + i]);
    if ((state == node.state) != node.negated) ++matching;
  }
  // Whether half of three is one or two is not published; two is the cautious reading of
  // "at least".
  return node.percent ? matching * 100 >= node.required * node.count : matching >= node.required;
}

}  // namespace

Result<Rule> parse_rule(std::string_view text) {
  if (text.size() > kRuleBytesMax) {
    return fail(Errc::kLimitExceeded,
                "rule: longer than " + std::to_string(kRuleBytesMax) + " characters");
  }
  return RuleParser(text).parse();
}

std::string to_text(const Rule& rule) {
  std::vector<std::string> texts;  // Of each node; an operator takes those of its operands.
  texts.reserve(rule.nodes.size());
  for (const Rule::Node& node : rule.nodes) {
    std::string text;
    switch (node.kind) {
      case Rule::Kind::kFalse:
        text = "FALSE";
        break;
      case Rule::Kind::kTrue:
        text = "TRUE";
        break;
      case Rule::Kind::kState:
        text.append(to_string(node.state)).append("(");
        append_names(text, rule, node);
        text.append(")");
        break;
      case Rule::Kind::kAtLeast:
        text = at_least_text(rule, node);
        break;
      case Rule::Kind::kNot:
        text = "NOT " + std::move(texts[node.first]);
        break;
      case Rule::Kind::kAnd:
      case Rule::Kind::kOr:
        text = "(" + std::move(texts[node.first]) +
               (node.kind == Rule::Kind::kAnd ? " AND " : " OR ") + std::move(texts[node.second]) +
               ")";
        break;
    }
    texts.push_back(std::move(text));
  }
  return std::move(texts.back());
}

bool holds(const Rule& rule, const StateOf& state_of) {
  std::vector<bool> values;
  values.reserve(rule.nodes.size());
  for (const Rule::Node& node : rule.nodes) {
    bool value = false;
    switch (node.kind) {
      case Rule::Kind::kFalse:
        break;
      case Rule::Kind::kTrue:
        value = true;
        break;
      case Rule::Kind::kState:
        value = state_of(rule.children[node.first]) == node.state;
        break;
      case Rule::Kind::kAtLeast:
        value = enough(rule, node, state_of);
        break;
      case Rule::Kind::kNot:
        value = !values[node.first];
        break;
      case Rule::Kind::kAnd:
        value = values[node.first] && values[node.second];
        break;
      case Rule::Kind::kOr:
        value = values[node.first] || values[node.second];
        break;
    }
    values.push_back(value);
  }
  return values.back();
}

}  // namespace sonde::alarm
