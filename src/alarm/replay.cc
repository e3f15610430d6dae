#include "alarm/replay.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

namespace sonde::alarm {
namespace {

using std::chrono::milliseconds;
using std::chrono::seconds;

constexpr std::string_view kLogs = "AWS/Logs";
constexpr std::string_view kLogGroup = "LogGroupName";

/// The log groups whose EMF errors are watched.
std::vector<std::string> groups_watched(const AlarmSet& alarms) {
  std::set<std::string> groups;
  for (const MetricAlarm& alarm : alarms.metric) {
    for (const MetricQuery& query : alarm.metrics) {
      const auto* stat = std::get_if<MetricStat>(&query.source);
      if (stat == nullptr || stat->metric_namespace != kLogs) continue;
      for (const Dimension& dimension : stat->dimensions) {
        if (dimension.name == kLogGroup) groups.insert(dimension.value);
      }
    }
  }
  return {groups.begin(), groups.end()};
}

/// The end of the minute, or of the ten seconds, that `at` lies in.
seconds end_of_interval(milliseconds at, seconds interval) {
  const auto second = std::chrono::floor<seconds>(at);
  return second - second % interval + interval;
}

}  // namespace

Replay::Replay(Engine engine, ReplayOptions options)
    : engine_(std::move(engine)),
      options_(std::move(options)),
      store_(options_.limits),
      watched_groups_(groups_watched(engine_.alarms())) {}

Result<Replay> Replay::make(AlarmSet alarms, ReplayOptions options) {
  auto engine = Engine::make(std::move(alarms), options.engine);
  if (!engine) return fail(std::move(engine).error());
  return Replay(std::move(*engine), std::move(options));
}

State Replay::state(std::string_view alarm) const {
  return engine_.state(alarm).value_or(State::kInsufficientData);
}

void Replay::feed(std::string_view line) {
  ++report_.lines;
  bool taken = false;
  bool refused = false;
  const EmfReading reading = read_emf(line, [&](const EmfPoints& points) {
    if (!taken && !refused) refused = !plausible(points.at);
    taken = !refused;
    if (taken) store_.add(points.metric, points.at, points.values);
  });
  if (reading.metrics) ++report_.metric_lines;
  if (refused) ++report_.out_of_range;
  if (reading.fault != EmfFault::kNone) take_fault(reading);
  if (!oldest_) return;
  if (!next_ && newest_ > *oldest_ + kDisorder) begin(*oldest_);
  evaluate_until(newest_ - kDisorder);
}

/// Whether a line of this time is to be taken; if so, time has come so far.
bool Replay::plausible(milliseconds at) {
  const auto second = std::chrono::floor<seconds>(at);
  if (oldest_ && (second > newest_ + kJumpMax || second + kJumpMax < newest_)) return false;
  oldest_ = std::min(oldest_.value_or(second), second);
  newest_ = std::max(newest_, second);
  return true;
}

void Replay::take_fault(const EmfReading& reading) {
  if (report_.faults++ == 0) {
    report_.first_fault = "line " + std::to_string(report_.lines) + ": " + reading.problem;
  }
  // What cannot be read has no time; CloudWatch would take that of the log event, which
  // here is that of its neighbours.
  const bool timed = reading.at != milliseconds(0) && plausible(reading.at);
  if (!timed && !oldest_) return;
  const milliseconds at = timed ? reading.at : milliseconds(newest_);
  const std::string name =
      reading.fault == EmfFault::kParsing ? "EMFParsingErrors" : "EMFValidationErrors";
  std::vector<std::string> groups = watched_groups_;
  if (reading.log_group) groups = {*reading.log_group};
  if (!options_.log_group.empty()) groups = {options_.log_group};
  for (std::string& group : groups) {
    store_.add(metric_id(std::string(kLogs), name,
                         {{.name = std::string(kLogGroup), .value = std::move(group)}}),
               at, std::array{1.0});
  }
}

void Replay::begin(seconds oldest) {
  next_ = end_of_interval(oldest, engine_.interval());
  engine_.begin(end_of_interval(oldest, engine_.interval()) - engine_.interval());
}

void Replay::evaluate_until(seconds end) {
  if (!next_) return;
  for (; *next_ <= end; *next_ += engine_.interval()) {
    if (report_.from == seconds(0)) report_.from = *next_;
    report_.until = *next_;
    Round round = engine_.evaluate(store_, *next_);
    std::ranges::move(round.changes, std::back_inserter(report_.changes));
    std::ranges::move(round.notifications, std::back_inserter(report_.notifications));
    store_.forget(*next_ - engine_.window());
  }
}

ReplayReport Replay::finish() {
  if (oldest_) {
    if (!next_) begin(*oldest_);
    evaluate_until(end_of_interval(newest_, engine_.interval()) + options_.tail);
  }
  report_.dropped = store_.dropped();
  return std::move(report_);
}

}  // namespace sonde::alarm
