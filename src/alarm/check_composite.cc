#include <algorithm>
#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "alarm/check.h"
#include "alarm/check_internal.h"
#include "alarm/rule.h"
#include "alarm/words.h"

namespace sonde::alarm {
namespace {

using Names = std::set<std::string_view>;

/// The different alarms in a rule, as names.
Names children_of(const Rule& rule) {
  Names names;
  for (const std::string& child : rule.children) names.insert(alarm_name(child));
  return names;
}

/// Cycles among composites: depth first, each alarm entered once, so that the time is that
/// of the edges; no recursion, since a chain may be as long as there are alarms.
class CycleSearch {
 public:
  using Graph = std::map<std::string_view, Names>;

  explicit CycleSearch(const Graph& graph) : graph_(graph) {}

  /// Calls `found` with the alarms of each cycle that is met, the first one again at the end.
  void run(const std::function<void(const std::vector<std::string_view>&)>& found) {
    for (const auto& [name, children] : graph_) {
      if (done_.contains(name)) continue;
      enter(name, children);
      while (!path_.empty()) step(found);
    }
  }

 private:
  struct Step {
    std::string_view name;
    Names::const_iterator next;
    Names::const_iterator end;
  };

  void enter(std::string_view name, const Names& children) {
    path_.push_back({.name = name, .next = children.begin(), .end = children.end()});
    open_.insert(name);
  }

  void step(const std::function<void(const std::vector<std::string_view>&)>& found) {
    Step& top = path_.back();
    if (top.next == top.end) {
      open_.erase(top.name);
      done_.insert(top.name);
      path_.pop_back();
      return;
    }
    const std::string_view child = *top.next++;
    if (open_.contains(child)) {
      if (child != top.name) found(cycle(child));  // Itself: has a reason of its own.
      return;
    }
    const auto node = graph_.find(child);
    if (node != graph_.end() && !done_.contains(child)) enter(child, node->second);
  }

  std::vector<std::string_view> cycle(std::string_view from) const {
    std::vector<std::string_view> names;
    auto at = std::ranges::find(path_, from, &Step::name);
    for (; at != path_.end(); ++at) names.push_back(at->name);
    names.push_back(from);
    return names;
  }

  const Graph& graph_;
  std::vector<Step> path_;
  Names open_;
  Names done_;
};

class CompositeCheck {
 public:
  CompositeCheck(std::span<const CompositeAlarm> alarms,
                 std::span<const std::string> metric_alarm_names, std::vector<std::string>& reasons)
      : alarms_(alarms), reasons_(reasons) {
    for (const std::string& name : metric_alarm_names) know(name);
    for (const CompositeAlarm& alarm : alarms) know(alarm.name);
  }

  void run() {
    for (const CompositeAlarm& alarm : alarms_) one(alarm);
    CycleSearch(graph_).run([&](const std::vector<std::string_view>& names) { cycle(names); });
    parents();
  }

 private:
  void know(std::string_view name) {
    if (known_.insert(name).second) {
      candidates_.push_back(name);
    } else if (repeated_.insert(name).second) {
      Refusals("alarm", name, reasons_)
          .add("exists twice; metric and composite alarms share their names");
    }
  }

  void one(const CompositeAlarm& alarm) {
    Refusals refusals("composite alarm", alarm.name, reasons_);
    check_name(alarm.name, refusals);
    check_description(alarm.description, refusals);
    check_actions(alarm.actions, refusals);
    check_suppressor(alarm, refusals);
    const auto rule = parse_rule(alarm.rule);
    if (!rule) return refusals.add("has a " + rule.error().message());
    const auto at = graph_.try_emplace(alarm.name).first;
    // Views of names that live as long as this check: of the known ones, not of the rule.
    for (const std::string_view child : children_of(*rule)) {
      const auto known = known_.find(child);
      if (known == known_.end()) {
        refusals.add("has a rule over an unknown alarm " + with_nearest(child, candidates_));
      } else if (*known == alarm.name) {
        refusals.add("has itself in its rule");
      } else {
        at->second.insert(*known);
      }
    }
  }

  void check_suppressor(const CompositeAlarm& alarm, Refusals& refusals) const {
    const bool wait = alarm.suppressor_wait.count() != 0;
    const bool extension = alarm.suppressor_extension.count() != 0;
    if (alarm.suppressor_wait.count() < 0 || alarm.suppressor_extension.count() < 0) {
      refusals.add("has a negative suppressor period");
    }
    if (alarm.suppressor.empty()) {
      if (wait || extension) refusals.add("has a suppressor period but no suppressor");
      return;
    }
    if (!wait || !extension) {
      refusals.add(
          "has a suppressor but not both periods: set ActionsSuppressorWaitPeriod and "
          "ActionsSuppressorExtensionPeriod, 60 s or longer each");
    }
    if (characters(alarm.suppressor) > kSuppressorMax) {
      refusals.add("has a suppressor of more than 1600 characters");
    }
    const std::string_view name = alarm_name(alarm.suppressor);
    if (name == alarm.name) {
      refusals.add("is its own suppressor");
    } else if (!known_.contains(name)) {
      refusals.add("has an unknown suppressor " + with_nearest(name, candidates_));
    }
  }

  void cycle(const std::vector<std::string_view>& names) {
    std::string path;
    for (const std::string_view name : names) {
      path.append(path.empty() ? "" : " -> ").append("`").append(name).append("`");
    }
    Refusals("composite alarm", names.front(), reasons_)
        .add("is part of a cycle, which CloudWatch never evaluates: " + path);
  }

  void parents() {
    std::map<std::string_view, std::size_t> counts;
    for (const auto& [name, children] : graph_) {
      for (const std::string_view child : children) ++counts[child];
    }
    for (const auto& [name, count] : counts) {
      if (count <= kParentsMax) continue;
      Refusals("alarm", name, reasons_)
          .add("is in the rules of " + std::to_string(count) + " composite alarms; at most 150");
    }
  }

  std::span<const CompositeAlarm> alarms_;
  std::vector<std::string>& reasons_;
  Names known_;
  Names repeated_;
  std::vector<std::string_view> candidates_;
  CycleSearch::Graph graph_;
};

}  // namespace

std::vector<std::string> refusals(std::span<const CompositeAlarm> alarms,
                                  std::span<const std::string> metric_alarm_names) {
  std::vector<std::string> reasons;
  CompositeCheck(alarms, metric_alarm_names, reasons).run();
  return reasons;
}

}  // namespace sonde::alarm
