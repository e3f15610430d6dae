#pragma once

// For tests and fuzzers of this module: is a line what CloudWatch takes metrics from?

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_reader.h"

namespace sonde::sinks {

/// The rules of scripts/check_emf.py, for lines that have metrics.  A sentence per fault.
class EmfChecker {
 public:
  explicit EmfChecker(std::string_view line) {
    JsonMembers members(line);
    while (members.next()) root_[members.key()] = members.value();
    if (!members.ok()) fault("no object");
    if (line.size() > std::size_t{1024} * 1024 - 26) fault("longer than 1 MiB less 26 bytes");
    const std::string_view aws = member("_aws");
    if (aws.empty()) {
      fault("no _aws");
      return;
    }
    const auto time = json_integer(find_member(aws, "Timestamp").value_or(""));
    if (!time || *time < 1'000'000'000'000) fault("Timestamp");
    JsonElements directives(find_member(aws, "CloudWatchMetrics").value_or(""));
    while (directives.next()) directive(directives.value());
    if (!directives.ok()) fault("CloudWatchMetrics");
  }

  bool has_metrics() const { return !member("_aws").empty(); }
  const std::vector<std::string>& faults() const { return faults_; }
  /// Of all directives, in order.
  const std::vector<std::string>& metrics() const { return metrics_; }

  /// The values of a metric.
  std::vector<double> values(std::string_view metric) const {
    std::vector<double> values;
    const std::string_view raw = member(metric);
    if (const auto single = number(raw)) return {*single};
    JsonElements elements(raw);
    while (elements.next()) values.push_back(number(elements.value()).value_or(std::nan("")));
    return values;
  }

 private:
  void fault(std::string text) { faults_.push_back(std::move(text)); }

  static std::optional<double> number(std::string_view raw) {
    double value = 0;
    const auto [end, error] = std::from_chars(raw.data(), raw.data() + raw.size(), value);
    if (error != std::errc() || end != raw.data() + raw.size()) return {};
    return value;
  }

  void directive(std::string_view text) {
    const auto name = json_string(find_member(text, "Namespace").value_or(""));
    if (!name || name->empty() || name->size() > 255 || name->front() == ':') fault("Namespace");
    std::size_t count = 0;
    JsonElements sets(find_member(text, "Dimensions").value_or(""));
    for (; sets.next(); ++count) dimension_set(sets.value());
    if (!sets.ok() || count == 0) fault("Dimensions");

    count = 0;
    JsonElements metrics(find_member(text, "Metrics").value_or(""));
    for (; metrics.next(); ++count) metric(metrics.value());
    if (!metrics.ok() || count == 0 || count > 100) fault("Metrics");
  }

  void dimension_set(std::string_view set) {
    std::size_t count = 0;
    JsonElements names(set);
    for (; names.next(); ++count) dimension(json_string(names.value()).value_or(""));
    if (!names.ok() || count > 30) fault("dimension set");
  }

  void dimension(const std::string& name) {
    const auto value = json_string(member(name));
    if (name.empty() || name.size() > 250) return fault("dimension name");
    const auto printable = [](char c) { return c >= 0x20 && c < 0x7f; };
    const bool valid = value && value->find_first_not_of(' ') != std::string::npos &&
                       value->size() <= 1024 && std::ranges::all_of(*value, printable);
    if (!valid) fault("dimension " + name);
  }

  void metric(std::string_view definition) {
    const std::string name = json_string(find_member(definition, "Name").value_or("")).value_or("");
    const std::string unit = json_string(find_member(definition, "Unit").value_or("")).value_or("");
    if (unit != "Milliseconds" && unit != "Count" && unit != "Bytes" && unit != "None") {
      fault("unit of " + name);
    }
    metrics_.push_back(name);
    if (member(name).empty()) return fault("no member " + name);
    const std::vector<double> all = values(name);
    const auto wrong = [](double value) { return !(std::fabs(value) <= 0x1p360); };
    if (all.empty() || all.size() > 100 || std::ranges::any_of(all, wrong)) fault(name);
  }

  /// The raw value of a member of the line; empty if there is none.
  std::string_view member(std::string_view name) const {
    const auto found = root_.find(name);
    return found == root_.end() ? std::string_view() : found->second;
  }

  std::map<std::string_view, std::string_view> root_;  // Our keys need no unescaping.
  std::vector<std::string> faults_;
  std::vector<std::string> metrics_;
};

}  // namespace sonde::sinks
