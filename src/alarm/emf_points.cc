#include "alarm/emf_points.h"

#include <array>
#include <charconv>
#include <cmath>
#include <map>
#include <set>
#include <utility>
#include <vector>

#include "base/json_reader.h"

namespace sonde::alarm {
namespace {

constexpr std::size_t kNamesMax = 255;
constexpr std::size_t kDimensionsPerSetMax = 30;
constexpr std::size_t kDimensionValueBytesMax = 1024;
constexpr std::size_t kMetricsPerDirectiveMax = 100;
constexpr std::size_t kValuesMax = 100;
constexpr double kMagnitudeMax = 0x1p360;

constexpr auto kUnits = std::to_array<std::string_view>({"Seconds",
                                                         "Microseconds",
                                                         "Milliseconds",
                                                         "Bytes",
                                                         "Kilobytes",
                                                         "Megabytes",
                                                         "Gigabytes",
                                                         "Terabytes",
                                                         "Bits",
                                                         "Kilobits",
                                                         "Megabits",
                                                         "Gigabits",
                                                         "Terabits",
                                                         "Percent",
                                                         "Count",
                                                         "Bytes/Second",
                                                         "Kilobytes/Second",
                                                         "Megabytes/Second",
                                                         "Gigabytes/Second",
                                                         "Terabytes/Second",
                                                         "Bits/Second",
                                                         "Kilobits/Second",
                                                         "Megabits/Second",
                                                         "Gigabits/Second",
                                                         "Terabits/Second",
                                                         "Count/Second",
                                                         "None"});

using Root = std::map<std::string, std::string_view, std::less<>>;

struct Metric {
  std::string name;
  std::vector<double> values;
};

struct Directive {
  std::string metric_namespace;
  std::set<std::vector<Dimension>> sets;
  std::vector<Metric> metrics;
};

std::optional<double> number(std::string_view raw) {
  double value = 0;
  const auto [end, error] = std::from_chars(raw.data(), raw.data() + raw.size(), value);
  if (error != std::errc() || end != raw.data() + raw.size()) return {};
  if (!(std::fabs(value) <= kMagnitudeMax)) return {};
  return value;
}

/// Of a number, or of an array of 1 to 100.
std::optional<std::vector<double>> numbers(std::string_view raw) {
  if (const auto single = number(raw)) return std::vector{*single};
  std::vector<double> values;
  JsonElements elements(raw);
  while (elements.next()) {
    const auto value = number(elements.value());
    if (!value || values.size() == kValuesMax) return {};
    values.push_back(*value);
  }
  if (!elements.ok() || values.empty()) return {};
  return values;
}

bool is_dimension_value(std::string_view text) {
  const auto ascii = [](char c) { return c >= 0x20 && c < 0x7f; };
  return text.size() <= kDimensionValueBytesMax && std::ranges::all_of(text, ascii) &&
         text.find_first_not_of(' ') != text.npos;
}

std::string text_of(std::optional<std::string_view> raw) {
  return json_string(raw.value_or("")).value_or("");
}

class EmfReader {
 public:
  EmfReader(std::string_view line, const std::function<void(const EmfPoints&)>& take)
      : line_(line), take_(take) {}

  EmfReading read() {
    const auto aws = metadata();
    if (!aws) return std::move(reading_);
    const auto time = json_integer(find_member(*aws, "Timestamp").value_or(""));
    // Also keeps what follows from overflow: 2^53 ms are 285,000 years.
    if (!time || *time < 0 || *time > (std::int64_t{1} << 53)) {
      fault(EmfFault::kParsing, "`Timestamp` is not a whole number of milliseconds");
      return std::move(reading_);
    }
    reading_.at = std::chrono::milliseconds(*time);
    if (const auto group = find_member(*aws, "LogGroupName"))
      reading_.log_group = json_string(*group);
    JsonElements directives(find_member(*aws, "CloudWatchMetrics").value_or(""));
    while (directives.next()) {
      if (const auto directive = read_directive(directives.value())) emit(*directive);
    }
    if (!directives.ok()) fault(EmfFault::kParsing, "`CloudWatchMetrics` is not an array");
    return std::move(reading_);
  }

 private:
  std::nullopt_t fault(EmfFault kind, std::string problem) {
    if (reading_.fault == EmfFault::kNone) reading_.problem = std::move(problem);
    if (reading_.fault != EmfFault::kParsing) reading_.fault = kind;
    return std::nullopt;
  }

  /// The raw `_aws`, its line read into root_.
  std::optional<std::string_view> metadata() {
    // What is no JSON object is a plain log line, unless it was meant to be more.
    const bool meant = line_.contains("\"_aws\"");
    if (!meant) return {};
    if (line_.size() > kEmfLineBytesMax) return fault(EmfFault::kParsing, "longer than 1 MiB");
    JsonMembers members(line_);
    while (members.next()) {
      std::string key;
      append_unescaped(key, members.key());
      root_[std::move(key)] = members.value();
    }
    if (!members.ok()) return fault(EmfFault::kParsing, "not one JSON object");
    const auto found = root_.find("_aws");
    if (found == root_.end()) return {};  // Somewhere deeper.
    reading_.metrics = true;
    if (!found->second.starts_with('{')) return fault(EmfFault::kParsing, "`_aws` is no object");
    return found->second;
  }

  std::optional<Directive> read_directive(std::string_view text) {
    Directive directive{
        .metric_namespace = text_of(find_member(text, "Namespace")), .sets = {}, .metrics = {}};
    const std::string& name = directive.metric_namespace;
    if (name.empty() || name.size() > kNamesMax || name.front() == ':') {
      return fault(EmfFault::kParsing, "`Namespace` is not a text of 1 to 255 characters");
    }
    JsonElements sets(find_member(text, "Dimensions").value_or(""));
    while (sets.next()) {
      auto set = read_set(sets.value());
      if (!set) return {};
      directive.sets.insert(std::move(*set));
      if (directive.sets.size() > kEmfPointsMax) break;
    }
    if (!sets.ok() && directive.sets.size() <= kEmfPointsMax) {
      return fault(EmfFault::kParsing, "`Dimensions` is not an array of arrays");
    }
    if (directive.sets.empty()) return fault(EmfFault::kParsing, "`Dimensions` has no set");
    if (!read_metrics(text, directive)) return {};
    return directive;
  }

  std::optional<std::vector<Dimension>> read_set(std::string_view raw) {
    std::vector<Dimension> set;
    JsonElements names(raw);
    while (names.next()) {
      auto name = json_string(names.value());
      if (!name) return fault(EmfFault::kParsing, "a dimension's name is no text");
      auto value = json_string(target(*name));
      if (name->empty() || name->size() > kNamesMax || !value || !is_dimension_value(*value)) {
        return fault(EmfFault::kValidation,
                     "dimension `" + *name + "` is not a text of 1 to 1024 ASCII characters");
      }
      set.push_back({.name = std::move(*name), .value = std::move(*value)});
      if (set.size() > kDimensionsPerSetMax) {
        return fault(EmfFault::kParsing, "a set of more than 30 dimensions");
      }
    }
    if (!names.ok()) return fault(EmfFault::kParsing, "a dimension set is not an array");
    std::ranges::sort(set);
    const auto repeated = std::ranges::unique(set);
    set.erase(repeated.begin(), repeated.end());
    return set;
  }

  bool read_metrics(std::string_view text, Directive& directive) {
    JsonElements metrics(find_member(text, "Metrics").value_or(""));
    while (metrics.next()) {
      if (!read_metric(metrics.value(), directive)) return false;
      if (directive.metrics.size() <= kMetricsPerDirectiveMax) continue;
      fault(EmfFault::kParsing, "more than 100 metrics in a directive");
      return false;
    }
    if (metrics.ok() && !directive.metrics.empty()) return true;
    fault(EmfFault::kParsing, "`Metrics` is not an array of 1 to 100 metrics");
    return false;
  }

  bool read_metric(std::string_view definition, Directive& directive) {
    std::string name = text_of(find_member(definition, "Name"));
    if (name.empty() || name.size() > kNamesMax) {
      fault(EmfFault::kParsing, "a metric without `Name`");
      return false;
    }
    const auto unit = find_member(definition, "Unit");
    if (unit && std::ranges::find(kUnits, text_of(unit)) == kUnits.end()) {
      fault(EmfFault::kParsing, "metric `" + name + "` has no unit of CloudWatch's");
      return false;
    }
    auto values = numbers(target(name));
    if (!values) {
      fault(EmfFault::kValidation,
            "metric `" + name + "` is not a number, or an array of 1 to 100");
      return false;
    }
    directive.metrics.push_back({.name = std::move(name), .values = std::move(*values)});
    return true;
  }

  void emit(const Directive& directive) {
    points_ += directive.sets.size() * directive.metrics.size();
    if (points_ > kEmfPointsMax) {
      fault(EmfFault::kValidation, "more than 10,000 metrics in a line");
      return;
    }
    for (const auto& set : directive.sets) {
      MetricId id{.metric_namespace = directive.metric_namespace, .name = {}, .dimensions = set};
      for (const Metric& metric : directive.metrics) {
        id.name = metric.name;
        take_({.metric = id, .at = reading_.at, .values = metric.values});
      }
    }
  }

  /// The raw member of the line; empty if there is none.
  std::string_view target(std::string_view name) const {
    const auto found = root_.find(name);
    return found == root_.end() ? std::string_view() : found->second;
  }

  std::string_view line_;
  const std::function<void(const EmfPoints&)>& take_;
  Root root_;
  EmfReading reading_;
  std::size_t points_ = 0;
};

}  // namespace

EmfReading read_emf(std::string_view line, const std::function<void(const EmfPoints&)>& take) {
  return EmfReader(line, take).read();
}

}  // namespace sonde::alarm
