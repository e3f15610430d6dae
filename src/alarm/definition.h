#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace sonde::alarm {

/// Alarms as CloudWatch defines them (PutMetricAlarm, PutCompositeAlarm), so that the same
/// definition becomes a template for CloudWatch and is evaluated by us.
///
/// Plain data; what CloudWatch would refuse is found by check() in alarm/check.h.

enum class Comparison : std::uint8_t { kGreater, kGreaterOrEqual, kLess, kLessOrEqual };
enum class MissingData : std::uint8_t { kMissing, kIgnore, kBreaching, kNotBreaching };
enum class State : std::uint8_t { kInsufficientData, kOk, kAlarm };

struct Dimension {
  std::string name{};
  std::string value{};
  auto operator<=>(const Dimension&) const = default;
};

/// One statistic of one metric.
struct MetricStat {
  std::string metric_namespace{};
  std::string metric_name{};
  std::vector<Dimension> dimensions{};
  std::chrono::seconds period{60};  ///< 10, 20, 30 or a multiple of 60.
  std::string stat{};               ///< "Sum", "p99", "TM(10%:90%)", …
  bool operator==(const MetricStat&) const = default;
};

/// An entry of `Metrics`: a statistic, or an expression over the others.
struct MetricQuery {
  std::string id{};
  std::variant<MetricStat, std::string> source{};  ///< A text is metric math.
  std::string label{};
  bool return_data = true;
  bool operator==(const MetricQuery&) const = default;
};

/// Where the notifications of a change of state go; ARNs, or `Ref`s of a template.
struct Actions {
  std::vector<std::string> alarm{};
  std::vector<std::string> ok{};
  std::vector<std::string> insufficient_data{};
};

struct MetricAlarm {
  std::string name{};
  std::string description{};
  /// Exactly one returns data.  A single statistic is one entry.
  std::vector<MetricQuery> metrics{};
  Comparison comparison{};
  double threshold = 0;
  std::uint32_t evaluation_periods = 1;
  std::optional<std::uint32_t> datapoints_to_alarm{};  ///< None: all of them.
  MissingData missing_data{};
  bool ignore_low_samples = false;  ///< EvaluateLowSampleCountPercentile: ignore.
  Actions actions{};
};

struct CompositeAlarm {
  std::string name{};
  std::string description{};
  std::string rule{};  ///< An AlarmRule over names of other alarms.
  Actions actions{};
  std::string suppressor{};  ///< Name of an alarm; empty: none.
  std::chrono::seconds suppressor_wait{0};
  std::chrono::seconds suppressor_extension{0};
};

/// Alarms that know each other's names.
struct AlarmSet {
  std::vector<MetricAlarm> metric{};
  std::vector<CompositeAlarm> composite{};
};

}  // namespace sonde::alarm
