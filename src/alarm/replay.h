#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "alarm/definition.h"
#include "alarm/emf_points.h"
#include "alarm/engine.h"
#include "alarm/metric_store.h"
#include "base/result.h"

namespace sonde::alarm {

struct ReplayOptions {
  Engine::Options engine{};
  MetricStore::Limits limits{};
  /// Whose EMFParsingErrors and EMFValidationErrors (of AWS/Logs) the faults of lines are.
  /// Empty: that of each line, else of every group that an alarm watches for them.
  std::string log_group{};
  /// For how long after the last value the evaluation goes on.
  std::chrono::seconds tail{0};
};

struct ReplayReport {
  std::vector<Change> changes{};  ///< By time.
  std::vector<Notification> notifications{};
  std::chrono::seconds from{};   ///< Of the first evaluation; 0 if there was none.
  std::chrono::seconds until{};  ///< Of the last.
  std::uint64_t lines = 0;
  std::uint64_t metric_lines = 0;
  std::uint64_t faults = 0;        ///< Lines that CloudWatch would not take metrics from.
  std::string first_fault{};       ///< With the number of its line.
  std::uint64_t out_of_range = 0;  ///< Lines more than kJumpMax from the last one.
  MetricStore::Dropped dropped{};
};

/// Would these alarms have fired?  Evaluates alarms over recorded metric lines.
///
/// Purpose.  Time is that of the lines: evaluations happen minute by minute (each ten
/// seconds, if an alarm wants it), the first one at the end of the minute of the first
/// line.  What was before is not known, so heartbeats are missed only after their
/// evaluation periods.  CloudWatch's own delay is not imitated.
/// Limits.  Lines may come kDisorder late; what comes later counts only in evaluations that
/// are still to come, as with CloudWatch.  A line of another fortnight is not taken, so that
/// one wrong clock cannot make a year of minutes.
/// MetricStore::Limits.
/// Threads.  One owner.
class Replay {
 public:
  static constexpr std::chrono::seconds kDisorder{600};
  static constexpr std::chrono::hours kJumpMax{14 * 24};

  /// Fails as Engine::make().
  static Result<Replay> make(AlarmSet alarms, ReplayOptions options);

  /// Takes one log line, of metrics or not.
  void feed(std::string_view line);

  /// Evaluates what is left.  Call once, as the last call.
  ReplayReport finish();

  State state(std::string_view alarm) const;

 private:
  Replay(Engine engine, ReplayOptions options);
  void take_fault(const EmfReading& reading);
  bool plausible(std::chrono::milliseconds at);
  void begin(std::chrono::seconds oldest);
  void evaluate_until(std::chrono::seconds end);

  Engine engine_;
  ReplayOptions options_;
  MetricStore store_;
  std::vector<std::string> watched_groups_;
  ReplayReport report_;
  std::optional<std::chrono::seconds> oldest_;
  std::chrono::seconds newest_{0};
  std::optional<std::chrono::seconds> next_;  ///< Evaluation.
};

}  // namespace sonde::alarm
