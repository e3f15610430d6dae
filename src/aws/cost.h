#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "alarm/definition.h"
#include "aws/cost_lines.h"
#include "aws/prices.h"
#include "base/result.h"
#include "model/config.h"

namespace sonde::aws {

/// How much is going on; with the configuration, all that the bill depends on.
struct Usage {
  double calls_per_second = 1;  ///< On average over the month, of all taps together.
  std::uint64_t servers = 1;
  std::uint64_t tools = 20;      ///< Of one server; no two servers have a tool of one name.
  std::uint64_t clients = 3;     ///< Distinct client names; matter with dimension ClientName.
  std::uint64_t taps = 1;        ///< Tasks with a proxy, or hosts with wraps.
  double traces_per_second = 0;  ///< Sampled ones, from instrumented programs; a tap sends none.
  double spans_per_trace = 5;
  bool transaction_search = false;  ///< Spans go to CloudWatch Logs, not to X-Ray's own store.
  std::uint32_t retention_days = 30;
};

/// What stands in the template and is billed.
struct Watched {
  std::uint64_t alarm_metrics = 0;  ///< Metric math is billed by the metrics it reads.
  std::uint64_t high_resolution_metrics = 0;
  std::uint64_t composites = 0;
  std::uint64_t dashboards = 0;
};

Watched count(std::span<const alarm::MetricAlarm> alarms,
              std::span<const alarm::CompositeAlarm> composites, std::uint64_t dashboards);

struct BillItem {
  std::string_view key;  ///< "metrics", as in JSON.
  std::string_view name;
  double quantity = 0;
  std::string_view unit;
  double dollars = 0;  ///< A month.
};

struct Bill {
  std::vector<BillItem> items;
  double dollars = 0;
  double scanned_a_day = 0;  ///< GB: what one query over a day reads.
  LineBytes lines;
  bool metrics_off = false;
  bool gathered = false;  ///< Calls come so fast that metrics are gathered.
};

/// What a month costs.
///
/// Purpose.  Before the first deployment, not after the first invoice: series from the
/// dimension sets, log bytes from real sample lines, alarms from the template.
/// Not in it: free tiers, SNS, queries, compute, traffic.
/// Failure.  kInvalidInput if the configuration has dimensions that CloudWatch refuses.
Result<Bill> estimate(const Config& config, const Usage& usage, const Watched& watched,
                      const Prices& prices);

/// Series of one dimension set: how many distinct values it takes at most.
std::uint64_t series_of(std::span<const std::string> set, const EmfConfig& config,
                        const Usage& usage);

/// All custom metrics of a configuration.
std::uint64_t metrics_of(const EmfConfig& config, const Usage& usage);

/// What is dear in it, each a sentence that says what would be cheaper, and by how much.
std::vector<std::string> dear_items(const Config& config, const Usage& usage,
                                    const Watched& watched, const Prices& prices, const Bill& bill);

std::string bill_text(const Bill& bill, const Usage& usage, const Prices& prices,
                      std::span<const std::string> warnings);
std::string bill_json(const Bill& bill, const Usage& usage, const Prices& prices,
                      std::span<const std::string> warnings);

}  // namespace sonde::aws
