#include <algorithm>
#include <set>
#include <string>

#include "alarm/check.h"
#include "alarm/check_internal.h"
#include "alarm/math.h"
#include "alarm/statistics.h"

namespace sonde::alarm {
namespace {

bool is_ascii(std::string_view text) {
  return std::ranges::all_of(text, [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

bool is_blank(std::string_view text) { return text.find_first_not_of(' ') == text.npos; }

/// `^[a-z][A-Za-z0-9_]{0,254}$`
bool is_id(std::string_view id) {
  const auto follows = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  };
  return !id.empty() && id.size() <= kNameMax && id.front() >= 'a' && id.front() <= 'z' &&
         std::ranges::all_of(id, follows);
}

bool is_name(std::string_view name) {
  return !name.empty() && characters(name) <= kNameMax && !has_control_characters(name) &&
         name.front() != ':';
}

class MetricsCheck {
 public:
  MetricsCheck(const MetricAlarm& alarm, Refusals& refusals) : alarm_(alarm), refusals_(refusals) {}

  void run() {
    count();
    for (const MetricQuery& query : alarm_.metrics) one(query);
    for (const MetricQuery& query : alarm_.metrics) {
      if (const auto* stat = std::get_if<MetricStat>(&query.source)) window(*stat);
    }
    if (sound_) math();
  }

 private:
  void count() {
    const std::size_t queries = alarm_.metrics.size();
    if (queries > kQueriesMax) {
      refusals_.add("has " + std::to_string(queries) + " metrics and expressions; at most 10");
    }
    const auto returned = std::ranges::count(alarm_.metrics, true, &MetricQuery::return_data);
    if (returned != 1) {
      refusals_.add("has " + std::to_string(returned) +
                    " metrics or expressions that return data; exactly one is compared with the "
                    "threshold");
    }
    const auto is_stat = [](const MetricQuery& query) {
      return std::holds_alternative<MetricStat>(query.source);
    };
    if (std::ranges::none_of(alarm_.metrics, is_stat)) {
      refusals_.add("has no metric: an expression needs at least one to compute with");
    }
    sound_ = queries <= kQueriesMax && returned == 1;
  }

  void math() {
    const auto program = MathProgram::make(alarm_.metrics);
    if (!program)
      refusals_.add("has an expression that cannot be computed: " + program.error().message());
  }

  void one(const MetricQuery& query) {
    // A single statistic is written without `Metrics`, so it needs no id.
    const bool alone = alarm_.metrics.size() == 1 && query.id.empty();
    if (!alone && !is_id(query.id)) {
      refusals_.add("has the metric id `" + query.id +
                    "`; an id is a small letter, then letters, digits and _");
    }
    if (!query.id.empty() && !ids_.insert(query.id).second) {
      refusals_.add("has two metrics with the id `" + query.id + "`");
      sound_ = false;
    }
    if (const auto* stat = std::get_if<MetricStat>(&query.source)) {
      metric(*stat);
    } else {
      expression(query);
    }
  }

  void expression(const MetricQuery& query) {
    const std::size_t length = characters(std::get<std::string>(query.source));
    if (length == 0 || length > kExpressionMax) {
      refusals_.add("has an expression `" + query.id + "` of " + std::to_string(length) +
                    " characters; 1 to 2048");
      sound_ = false;
    }
  }

  void metric(const MetricStat& stat) {
    if (!is_name(stat.metric_namespace)) {
      refusals_.add("has the namespace `" + stat.metric_namespace +
                    "`; 1 to 255 characters, none of control, and no : in front");
    }
    if (stat.metric_name.empty() || characters(stat.metric_name) > kNameMax ||
        has_control_characters(stat.metric_name)) {
      refusals_.add("has the metric name `" + stat.metric_name +
                    "`; 1 to 255 characters, none of control");
    }
    if (const auto statistic = parse_statistic(stat.stat); !statistic) {
      refusals_.add("has the " + statistic.error().message());
    }
    dimensions(stat);
  }

  void dimensions(const MetricStat& stat) {
    if (stat.dimensions.size() > kDimensionsMax) {
      refusals_.add("has " + std::to_string(stat.dimensions.size()) + " dimensions; at most 30");
    }
    std::set<std::string_view> names;
    for (const Dimension& dimension : stat.dimensions) {
      if (!is_name(dimension.name) || !is_ascii(dimension.name)) {
        refusals_.add("has the dimension name `" + dimension.name +
                      "`; 1 to 255 characters of ASCII, no : in front");
      }
      if (is_blank(dimension.value) || dimension.value.size() > kDimensionValueMax ||
          !is_ascii(dimension.value) || has_control_characters(dimension.value)) {
        refusals_.add("has a value of dimension `" + dimension.name +
                      "` that is not 1 to 1024 characters of ASCII, or is blank");
      }
      if (!names.insert(dimension.name).second) {
        refusals_.add("has the dimension `" + dimension.name + "` twice");
      }
    }
  }

  void window(const MetricStat& stat) {
    const std::string seconds = std::to_string(stat.period.count());
    const bool high_resolution =
        stat.period.count() == 10 || stat.period.count() == 20 || stat.period.count() == 30;
    if (!high_resolution && (stat.period.count() <= 0 || stat.period.count() % 60 != 0)) {
      refusals_.add("has a period of " + seconds + " s; 10, 20, 30 or a multiple of 60");
    }
    if (first_period_ && *first_period_ != stat.period) {
      refusals_.add("computes with periods of " + std::to_string(first_period_->count()) +
                    " s and " + seconds + " s; metric math of an alarm has one period");
    }
    if (first_period_) return;  // Of one window the first says all.
    first_period_ = stat.period;
    const auto limit = stat.period < std::chrono::hours(1) ? kWindowMax : kLongWindowMax;
    // In this order, since a period has no limit of its own and their product may overflow.
    if (stat.period.count() > 0 && alarm_.evaluation_periods > limit / stat.period) {
      refusals_.add("looks back " + std::to_string(alarm_.evaluation_periods) + " periods of " +
                    seconds + " s; together at most " + std::to_string(limit.count()) +
                    " s: take fewer or shorter ones");
    }
  }

  const MetricAlarm& alarm_;
  Refusals& refusals_;
  std::set<std::string_view> ids_;
  std::optional<std::chrono::seconds> first_period_;
  bool sound_ = false;  ///< Enough for the expressions to be tried.
};

}  // namespace

void check_metrics(const MetricAlarm& alarm, Refusals& refusals) {
  MetricsCheck(alarm, refusals).run();
}

}  // namespace sonde::alarm
