#include "alarm/engine.h"

#include <algorithm>
#include <utility>

#include "alarm/check.h"
#include "alarm/evaluate.h"
#include "alarm/time_text_internal.h"
#include "alarm/words.h"
#include "base/check.h"
#include "base/json_writer.h"

namespace sonde::alarm {
namespace {

using std::chrono::seconds;

const std::vector<std::string>& actions_of(const Actions& actions, State state) {
  switch (state) {
    case State::kAlarm:
      return actions.alarm;
    case State::kOk:
      return actions.ok;
    case State::kInsufficientData:
      break;
  }
  return actions.insufficient_data;
}

std::string created_reason(const std::string& arn, State after) {
  return arn + " was created and its alarm rule evaluates to " + std::string(to_string(after));
}

std::string changed_reason(const std::string& arn, const Change& trigger) {
  return arn + " transitioned to " + std::string(to_string(trigger.after)) + " at " +
         day_time(trigger.at);
}

}  // namespace

Result<Engine> Engine::make(AlarmSet alarms, Options options) {
  std::vector<std::string> names;
  for (const MetricAlarm& alarm : alarms.metric) {
    SONDE_RETURN_IF_ERROR(check(alarm));
    names.push_back(alarm.name);
  }
  SONDE_RETURN_IF_ERROR(check(alarms.composite, names));
  Engine engine(std::move(alarms), std::move(options));
  SONDE_RETURN_IF_ERROR(engine.prepare());
  SONDE_RETURN_IF_ERROR(engine.prepare_composites());
  return engine;
}

Status Engine::prepare() {
  for (const MetricAlarm& alarm : alarms_.metric) {
    auto program = MathProgram::make(alarm.metrics);
    if (!program) return fail(std::move(program).error());
    const seconds period = program->period();
    const auto periods = static_cast<std::int64_t>(evaluation_range(alarm.evaluation_periods));
    Watch watch{.program = std::move(*program),
                .stats = {},
                .interval = evaluation_interval(period, alarm.evaluation_periods),
                .window = period * periods};
    for (const MetricStat& stat : watch.program.stats()) {
      auto statistic = parse_statistic(stat.stat);
      if (!statistic) return fail(std::move(statistic).error());
      watch.stats.push_back(
          {.metric = metric_id(stat.metric_namespace, stat.metric_name, stat.dimensions),
           .statistic = *statistic});
    }
    interval_ = std::min(interval_, watch.interval);
    // An hour's evaluation may look back from the last full hour.
    window_ = std::max(window_, watch.window + watch.interval);
    watches_.push_back(std::move(watch));
    states_.emplace(alarm.name, State::kInsufficientData);
  }
  return {};
}

Status Engine::prepare_composites() {
  std::vector<Composite> waiting;
  for (std::size_t i = 0; i < alarms_.composite.size(); ++i) {
    const CompositeAlarm& alarm = alarms_.composite[i];
    auto rule = parse_rule(alarm.rule);
    if (!rule) return fail(std::move(rule).error());
    Composite composite{.index = i, .rule = std::move(*rule), .children = {}, .suppression = {}};
    for (const std::string& child : composite.rule.children) {
      composite.children.emplace(alarm_name(child));
    }
    if (!alarm.suppressor.empty()) {
      composite.suppression =
          Suppression({.wait = alarm.suppressor_wait, .extension = alarm.suppressor_extension});
    }
    waiting.push_back(std::move(composite));
  }
  sort_composites(std::move(waiting));
  return {};
}

/// Children before their parents, so that one pass of an evaluation is enough.
void Engine::sort_composites(std::vector<Composite> waiting) {
  const auto name_of = [&](const Composite& one) -> const std::string& {
    return alarms_.composite[one.index].name;
  };
  std::map<std::string_view, std::vector<std::size_t>> parents;  // Of composites, by child.
  for (const Composite& composite : waiting) parents.try_emplace(name_of(composite));
  std::vector<std::size_t> missing(waiting.size());  // Children that are not placed yet.
  std::vector<std::size_t> ready;
  for (std::size_t i = 0; i < waiting.size(); ++i) {
    for (const std::string& child : waiting[i].children) {
      const auto found = parents.find(child);
      if (found == parents.end()) continue;
      found->second.push_back(i);
      ++missing[i];
    }
    if (missing[i] == 0) ready.push_back(i);
  }
  while (!ready.empty()) {
    const std::size_t next = ready.back();
    ready.pop_back();
    for (const std::size_t parent : parents.find(name_of(waiting[next]))->second) {
      if (--missing[parent] == 0) ready.push_back(parent);
    }
    states_.emplace(name_of(waiting[next]), State::kInsufficientData);
    composites_.push_back(std::move(waiting[next]));
  }
  SONDE_CHECK(composites_.size() == waiting.size());  // check() has refused cycles.
}

Round Engine::evaluate(const MetricStore& store, seconds now) {
  SONDE_CHECK(now % interval_ == seconds(0));
  Round round;
  changed_.clear();
  for (std::size_t i = 0; i < watches_.size(); ++i) {
    if (now % watches_[i].interval == seconds(0)) evaluate_metric(i, store, now, round);
  }
  for (Composite& composite : composites_) evaluate_composite(composite, now, round);
  for (Composite& composite : composites_) suppress(composite, now, round);
  return round;
}

void Engine::record(Change change, Round& round) {
  changed_[change.alarm] = round.changes.size();
  round.changes.push_back(std::move(change));
}

const Change* Engine::find_change(const Round& round, std::string_view name) const {
  const auto found = changed_.find(name);
  return found == changed_.end() ? nullptr : &round.changes[found->second];
}

std::optional<State> Engine::state(std::string_view name) const {
  const auto found = states_.find(name);
  if (found == states_.end()) return {};
  return found->second;
}

std::vector<Datapoint> Engine::range_of(std::size_t index, const MetricStore& store,
                                        seconds now) const {
  const Watch& watch = watches_[index];
  const std::size_t periods = evaluation_range(alarms_.metric[index].evaluation_periods);
  std::vector<Series> series;
  std::vector<Datapoint> range;
  for (const Stat& stat : watch.stats) {
    range = store.aggregate(stat.metric, stat.statistic, watch.program.period(), periods, now);
    if (watch.program.plain()) return range;
    Series& points = series.emplace_back();
    points.reserve(range.size());
    for (const Datapoint& point : range) points.push_back(point.value);
  }
  const Series result = watch.program.evaluate(series);
  for (std::size_t i = 0; i < range.size(); ++i) {
    range[i].value = result[i];
    range[i].samples = 0;
  }
  return range;
}

bool Engine::begun(std::size_t index, seconds now) const {
  const MetricAlarm& alarm = alarms_.metric[index];
  if (alarm.missing_data != MissingData::kBreaching) return true;
  const auto periods = static_cast<std::int64_t>(alarm.evaluation_periods);
  return now - start_ >= watches_[index].program.period() * periods;
}

void Engine::evaluate_metric(std::size_t index, const MetricStore& store, seconds now,
                             Round& round) {
  if (!begun(index, now)) return;
  const MetricAlarm& alarm = alarms_.metric[index];
  State& state = states_.find(alarm.name)->second;
  auto judgement = alarm::evaluate(alarm, range_of(index, store, now), state, now);
  if (!judgement) return;
  record({.alarm = alarm.name,
          .at = now,
          .before = std::exchange(state, judgement->state),
          .after = judgement->state,
          .reason = std::move(judgement->reason),
          .reason_data = std::move(judgement->reason_data)},
         round);
  notify(alarm.name, alarm.actions, state, now, round);
}

void Engine::evaluate_composite(Composite& composite, seconds now, Round& round) {
  const CompositeAlarm& alarm = alarms_.composite[composite.index];
  std::vector<Change> triggers;  // Copies: the round's may move.
  for (const std::string& child : composite.children) {
    if (const Change* change = find_change(round, child)) triggers.push_back(*change);
  }
  const bool created = !std::exchange(composite.evaluated, true);
  if (!created && triggers.empty()) return;
  const bool alarming = holds(composite.rule, [&](std::string_view name) {
    return states_.find(alarm_name(name))->second;
  });
  State& state = states_.find(alarm.name)->second;
  const State after = alarming ? State::kAlarm : State::kOk;
  if (state == after) return;
  record({.alarm = alarm.name,
          .composite = true,
          .at = now,
          .before = std::exchange(state, after),
          .after = after,
          .reason = created ? created_reason(arn(alarm.name), after)
                            : changed_reason(arn(triggers.front().alarm), triggers.front()),
          .reason_data = triggers_data(triggers)},
         round);
  if (!composite.suppression) notify(alarm.name, alarm.actions, after, now, round);
}

std::string Engine::triggers_data(const std::vector<Change>& triggers) const {
  std::string data;
  JsonWriter json(data);
  json.begin_object().key("triggeringAlarms").begin_array();
  for (const Change& trigger : triggers) {
    json.begin_object().member("arn", arn(trigger.alarm)).key("state").begin_object();
    json.member("value", to_string(trigger.after)).member("timestamp", long_time(trigger.at));
    json.end_object().end_object();
  }
  json.end_array().end_object();
  return data;
}

void Engine::suppress(Composite& composite, seconds now, Round& round) {
  if (!composite.suppression) return;
  const CompositeAlarm& alarm = alarms_.composite[composite.index];
  const auto due = composite.suppression->advance(now);
  if (const Change* change = find_change(round, alarm_name(alarm.suppressor))) {
    composite.suppression->suppressor_changed(change->after, now);
  }
  const Change* change = find_change(round, alarm.name);
  if (change != nullptr) composite.suppression->composite_changed(change->after, now);
  if (due) notify(alarm.name, alarm.actions, *due, now, round);
}

void Engine::notify(std::string_view name, const Actions& actions, State state, seconds now,
                    Round& round) const {
  const std::vector<std::string>& targets = actions_of(actions, state);
  if (targets.empty()) return;
  round.notifications.push_back(
      {.alarm = std::string(name), .at = now, .state = state, .actions = targets});
}

}  // namespace sonde::alarm
