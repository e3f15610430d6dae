#include "alarm/math.h"

#include <algorithm>
#include <set>
#include <utility>

#include "alarm/check.h"
#include "alarm/math_value_internal.h"
#include "base/check.h"
#include "base/nearest.h"

namespace sonde::alarm {
namespace {

std::unexpected<Error> of_query(const std::string& id, Error error) {
  return fail(std::move(error).within("`" + id + "`"));
}

Status unknown_id(const std::string& name, std::span<const std::string> ids) {
  std::string problem = "expression: unknown id `" + name + "`";
  const std::vector<std::string_view> candidates(ids.begin(), ids.end());
  const std::string_view near = nearest(name, candidates);
  if (!near.empty()) problem.append("; did you mean `").append(near).append("`?");
  return fail(Errc::kInvalidInput, std::move(problem));
}

/// The ids that an expression names, each of which must exist.
Result<std::set<std::size_t>> needs(const MathExpression& expression,
                                    std::span<const std::string> ids) {
  std::set<std::size_t> needed;
  for (const MathExpression::Node& node : expression.nodes) {
    if (node.op != MathExpression::Op::kId) continue;
    const auto found = std::ranges::find(ids, node.text);
    if (found == ids.end()) return fail(unknown_id(node.text, ids).error());
    needed.insert(static_cast<std::size_t>(found - ids.begin()));
  }
  return needed;
}

}  // namespace

Result<MathProgram> MathProgram::make(std::span<const MetricQuery> queries) {
  if (queries.size() > kQueriesMax) {
    return fail(Errc::kLimitExceeded, "more than 10 metrics and expressions");
  }
  const auto returned = std::ranges::find(queries, true, &MetricQuery::return_data);
  if (returned == queries.end()) return fail(Errc::kInvalidInput, "no metric returns data");
  MathProgram program;
  program.returned_ = static_cast<std::size_t>(returned - queries.begin());
  for (const MetricQuery& query : queries) {
    program.ids_.push_back(query.id);
    const auto* stat = std::get_if<MetricStat>(&query.source);
    program.is_stat_.push_back(stat != nullptr);
    if (stat == nullptr) continue;
    program.period_ = stat->period;
    program.stats_.push_back(*stat);
  }
  SONDE_RETURN_IF_ERROR(program.order(queries));
  SONDE_RETURN_IF_ERROR(program.try_out());
  return program;
}

/// Those go first whose needs are met, until none is left.
Status MathProgram::order(std::span<const MetricQuery> queries) {
  std::vector<std::pair<Step, std::set<std::size_t>>> waiting;
  std::set<std::size_t> ready;
  for (std::size_t i = 0; i < queries.size(); ++i) {
    const auto* text = std::get_if<std::string>(&queries[i].source);
    if (text == nullptr) {
      ready.insert(i);
      continue;
    }
    auto expression = parse_math(*text);
    if (!expression) return of_query(ids_[i], std::move(expression).error());
    auto needed = needs(*expression, ids_);
    if (!needed) return of_query(ids_[i], std::move(needed).error());
    waiting.emplace_back(Step{.query = i, .expression = std::move(*expression)},
                         std::move(*needed));
  }
  while (!waiting.empty()) {
    const auto next = std::ranges::find_if(
        waiting, [&](const auto& one) { return std::ranges::includes(ready, one.second); });
    if (next == waiting.end()) {
      return fail(Errc::kInvalidInput, "expression: `" + ids_[waiting.front().first.query] +
                                           "` and others need each other");
    }
    ready.insert(next->first.query);
    steps_.push_back(std::move(next->first));
    waiting.erase(next);
  }
  return {};
}

Status MathProgram::try_out() const {
  const std::vector<Series> empty(stats_.size(), Series(1));
  const auto tried = run(empty);
  if (!tried) return fail(tried.error());
  return {};
}

Series MathProgram::evaluate(std::span<const Series> stats) const {
  Result<Series> result = run(stats);
  SONDE_CHECK(result.has_value());  // Or make() would have refused the expressions.
  return std::move(*result);
}

Result<Series> MathProgram::run(std::span<const Series> stats) const {
  SONDE_CHECK(stats.size() == stats_.size());
  if (steps_.empty()) return stats[returned_];
  std::vector<MathValue> values(ids_.size());
  std::size_t stat = 0;
  for (std::size_t i = 0; i < ids_.size(); ++i) {
    if (is_stat_[i]) values[i] = stats[stat++];
  }
  const MathScope scope{.ids = ids_,
                        .values = values,
                        .is_stat = is_stat_,
                        .points = stats.empty() ? 0 : stats.front().size(),
                        .period = period_};
  for (const Step& step : steps_) {
    auto value = alarm::evaluate(step.expression, scope);
    if (!value) return of_query(ids_[step.query], std::move(value).error());
    values[step.query] = std::move(*value);
  }
  auto* series = std::get_if<Series>(&values[returned_]);
  if (series != nullptr) return std::move(*series);
  const bool number = std::holds_alternative<MathScalar>(values[returned_]);
  return fail(Errc::kInvalidInput, "expression: `" + ids_[returned_] + "` gives " +
                                       (number ? "a number; an alarm compares a series"
                                               : "several series; an alarm compares one"));
}

}  // namespace sonde::alarm
