#pragma once

#include <chrono>
#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "alarm/definition.h"
#include "alarm/math.h"
#include "alarm/metric_store.h"
#include "alarm/rule.h"
#include "alarm/statistics.h"
#include "alarm/suppression.h"
#include "base/result.h"

namespace sonde::alarm {

/// An alarm has changed its state.
struct Change {
  std::string alarm{};
  bool composite = false;
  std::chrono::seconds at{};
  State before{};
  State after{};
  std::string reason{};
  std::string reason_data{};  ///< JSON.
};

/// An action is due.  Of a composite with a suppressor it may come later than the change.
struct Notification {
  std::string alarm{};
  std::chrono::seconds at{};
  State state{};
  std::vector<std::string> actions{};  ///< Never empty.
};

/// What one evaluation brought, in order.
struct Round {
  std::vector<Change> changes{};
  std::vector<Notification> notifications{};
};

/// Evaluates alarms as CloudWatch does.
///
/// Purpose.  The states of a set of alarms, from their creation on: metric alarms by the
/// values of a MetricStore, each at its own interval; then composites, children first, by
/// the changes of their children; then what is suppressed.
/// Limits.  Those of check(); the window of the longest alarm says how long a store must
/// keep its values.
/// Ownership.  Owns the definitions and the states, not the store.  Threads.  One owner.
class Engine {
 public:
  struct Options {
    /// In front of a name makes its ARN, in reasons.
    std::string arn_prefix = "arn:aws:cloudwatch:us-east-1:123456789012:alarm:";
  };

  /// Fails with every reason why CloudWatch would refuse an alarm (alarm/check.h).
  static Result<Engine> make(AlarmSet alarms, Options options);

  /// Says that nothing is known of the time before: alarms that treat missing data as
  /// breaching wait until their evaluation periods lie behind `start`.
  void begin(std::chrono::seconds start) noexcept { start_ = start; }

  /// Evaluates what is due.
  /// REQUIRES: `now` is a multiple of interval() and later than that of the last call.
  Round evaluate(const MetricStore& store, std::chrono::seconds now);

  /// How often evaluate() is to be called: each 10 s if any alarm needs it, else each minute.
  std::chrono::seconds interval() const noexcept { return interval_; }
  /// How far back an evaluation looks.
  std::chrono::seconds window() const noexcept { return window_; }
  /// Nothing for a name that no alarm has.
  std::optional<State> state(std::string_view name) const;
  const AlarmSet& alarms() const noexcept { return alarms_; }

 private:
  struct Stat {
    MetricId metric;
    Statistic statistic;
  };
  struct Watch {  ///< Of alarms_.metric, by index.
    MathProgram program;
    std::vector<Stat> stats;
    std::chrono::seconds interval{};
    std::chrono::seconds window{};
  };
  struct Composite {  ///< Of alarms_.composite, by `index`; in the order of evaluation.
    std::size_t index = 0;
    Rule rule;
    std::set<std::string, std::less<>> children;
    std::optional<Suppression> suppression;
    bool evaluated = false;
  };

  explicit Engine(AlarmSet alarms, Options options)
      : alarms_(std::move(alarms)), options_(std::move(options)) {}
  Status prepare();
  Status prepare_composites();
  void sort_composites(std::vector<Composite> waiting);
  std::vector<Datapoint> range_of(std::size_t index, const MetricStore& store,
                                  std::chrono::seconds now) const;
  bool begun(std::size_t index, std::chrono::seconds now) const;
  void evaluate_metric(std::size_t index, const MetricStore& store, std::chrono::seconds now,
                       Round& round);
  void evaluate_composite(Composite& composite, std::chrono::seconds now, Round& round);
  void suppress(Composite& composite, std::chrono::seconds now, Round& round);
  void notify(std::string_view name, const Actions& actions, State state, std::chrono::seconds now,
              Round& round) const;
  void record(Change change, Round& round);
  /// The change of this round with this name; nullptr if there is none.
  const Change* find_change(const Round& round, std::string_view name) const;
  std::string triggers_data(const std::vector<Change>& triggers) const;
  std::string arn(std::string_view name) const { return options_.arn_prefix + std::string(name); }

  AlarmSet alarms_;
  Options options_;
  std::vector<Watch> watches_;
  std::vector<Composite> composites_;
  std::map<std::string, State, std::less<>> states_;
  std::map<std::string, std::size_t, std::less<>> changed_;  ///< In this round.
  std::chrono::seconds start_{0};
  std::chrono::seconds interval_{60};
  std::chrono::seconds window_{60};
};

}  // namespace sonde::alarm
