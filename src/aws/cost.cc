#include "aws/cost.h"

#include <algorithm>
#include <chrono>
#include <utility>
#include <variant>

#include "model/metrics.h"
#include "sinks/emf_series.h"

namespace sonde::aws {
namespace {

constexpr double kSecondsPerMonth = 730.0 * 3600;
constexpr double kSecondsPerDay = 86'400;
constexpr double kGigabyte = 1024.0 * 1024 * 1024;
constexpr double kBytesPerEvent = 26;  ///< CloudWatch Logs counts them with every line.
/// Of ingested bytes.  AWS's own examples reckon so; gzip -6 of 3,000 lines of a real session
/// came to 0.09.
constexpr double kStoredRatio = 0.15;
constexpr double kBytesPerSpan = 1500;
constexpr std::chrono::seconds kMinute(60);

bool has(std::span<const std::string> set, std::string_view name) {
  return std::ranges::find(set, name) != set.end();
}

std::uint64_t metrics_in(MetricScope scope) {
  return static_cast<std::uint64_t>(std::ranges::count(kMetrics, scope, &MetricInfo::scope));
}

struct Stream {
  double bytes = 0;  ///< A second.
  void add(double lines, double line_bytes) { bytes += lines * (line_bytes + kBytesPerEvent); }
};

/// How many outputs end in CloudWatch with every line.  The file counts where nothing else
/// brings the lines there: then an agent ships it.
double copies(const Config& config) {
  const int descriptors =
      static_cast<int>(config.log.to_stdout) + static_cast<int>(config.log.to_stderr);
  if (descriptors > 0) return descriptors;
  return config.log.to_file && config.emf.agent_endpoint.empty() ? 1 : 0;
}

/// Lines about health a second, of one server at one tap: the pulses of `proxy`, which are more
/// than the heartbeats of `wrap`.
double pulses_per_second(const Config& config) {
  const double seconds = std::chrono::duration<double>(config.pulse.interval).count();
  return seconds > 0 ? 1 / seconds : 0;
}

double log_bytes_per_second(const Config& config, const Usage& usage, const Bill& bill) {
  const bool agent = !config.emf.agent_endpoint.empty() && !bill.metrics_off;
  const double calls = usage.calls_per_second;
  const LineBytes& lines = bill.lines;
  const auto events = static_cast<double>(usage.servers * usage.taps);
  const double interval = std::chrono::duration<double>(config.emf.interval).count();

  Stream one;
  const bool carries = !agent && !bill.gathered && !bill.metrics_off;
  one.add(calls, carries ? lines.with_metrics : lines.plain);
  Stream metrics;
  if (bill.gathered) {
    metrics.bytes += calls * (lines.gathered + (lines.gathered_lines * kBytesPerEvent));
  } else if (agent) {
    metrics.add(calls, lines.with_metrics);
  }
  Stream measured;
  measured.add(events / interval, lines.gauges);
  measured.add(events * pulses_per_second(config), lines.pulse);

  const double n = copies(config);
  const double streams = agent ? 1 : n;
  return (n * one.bytes) + (streams * metrics.bytes) + ((n + (agent ? 1 : 0)) * measured.bytes);
}

void add_watched(Bill& bill, const Watched& watched, const Prices& prices) {
  const auto item = [&](std::string_view key, std::string_view name, std::uint64_t number,
                        std::string_view unit, Priced priced) {
    const auto quantity = static_cast<double>(number);
    bill.items.push_back({key, name, quantity, unit, quantity * prices.of(priced)});
  };
  item("alarms", "alarms", watched.alarm_metrics, "metrics", Priced::kAlarm);
  item("alarms_high_resolution", "alarms below a minute", watched.high_resolution_metrics,
       "metrics", Priced::kAlarmHighResolution);
  item("alarms_composite", "composite alarms", watched.composites, "alarms",
       Priced::kAlarmComposite);
  item("dashboards", "dashboards", watched.dashboards, "dashboards", Priced::kDashboard);
}

void add_traces(Bill& bill, const Usage& usage, const Prices& prices) {
  const double traces = usage.traces_per_second * kSecondsPerMonth / 1e6;
  const double spans = traces * usage.spans_per_trace;
  if (!usage.transaction_search) {
    bill.items.push_back(
        {"traces", "X-Ray traces", traces, "million", traces * prices.of(Priced::kTrace)});
    return;
  }
  const double gigabytes = spans * 1e6 * kBytesPerSpan / kGigabyte;
  bill.items.push_back({"spans_ingested", "spans taken in", gigabytes, "GB",
                        gigabytes * prices.of(Priced::kSpanIngested)});
}

}  // namespace

Watched count(std::span<const alarm::MetricAlarm> alarms,
              std::span<const alarm::CompositeAlarm> composites, std::uint64_t dashboards) {
  Watched watched{.composites = composites.size(), .dashboards = dashboards};
  for (const alarm::MetricAlarm& one : alarms) {
    for (const alarm::MetricQuery& query : one.metrics) {
      const auto* const stat = std::get_if<alarm::MetricStat>(&query.source);
      if (stat == nullptr) continue;
      ++(stat->period < kMinute ? watched.high_resolution_metrics : watched.alarm_metrics);
    }
  }
  return watched;
}

std::uint64_t series_of(std::span<const std::string> set, const EmfConfig& config,
                        const Usage& usage) {
  std::uint64_t series = 1;
  // A tool belongs to one server, and so does what is named by Service.
  if (has(set, "ToolName")) {
    series = usage.servers * usage.tools;
  } else if (has(set, "ServerName") || has(set, "Service")) {
    series = usage.servers;
  }
  if (has(set, "ClientName")) series *= usage.clients;
  if (has(set, "Instance")) series *= usage.taps;
  // What a tap does not tell apart: the rest counts as `__other__`.
  const std::uint64_t kept = (config.max_series + sinks::EmfSeries::kOverflowMax) * usage.taps;
  return std::min(series, kept);
}

std::uint64_t metrics_of(const EmfConfig& config, const Usage& usage) {
  if (config.mode == EmfConfig::Mode::kOff) return 0;
  std::uint64_t series = 0;
  for (const std::vector<std::string>& set : config.dimensions) {
    series += series_of(set, config, usage);
  }
  return (series * metrics_in(MetricScope::kCall)) +
         (usage.servers * metrics_in(MetricScope::kGauge)) +
         ((usage.servers + 1) * metrics_in(MetricScope::kServer));
}

Result<Bill> estimate(const Config& config, const Usage& usage, const Watched& watched,
                      const Prices& prices) {
  const auto taps = static_cast<double>(usage.taps);
  const double rate = usage.calls_per_second / taps;
  auto lines = measure_lines(config, {.calls_per_second = rate,
                                      .servers = usage.servers,
                                      .tools = usage.tools,
                                      .clients = usage.clients});
  if (!lines) return fail(std::move(lines).error());
  Bill bill;
  bill.lines = *lines;
  bill.metrics_off = config.emf.mode == EmfConfig::Mode::kOff;
  bill.gathered =
      config.emf.mode == EmfConfig::Mode::kAggregate ||
      (config.emf.mode == EmfConfig::Mode::kInline && rate > config.emf.inline_rate_max);

  const auto metrics = static_cast<double>(metrics_of(config.emf, usage));
  bill.items.push_back(
      {"metrics", "custom metrics", metrics, "metrics", prices.metrics_per_month(metrics)});
  add_watched(bill, watched, prices);
  const double bytes = log_bytes_per_second(config, usage, bill);
  const double ingested = bytes * kSecondsPerMonth / kGigabyte;
  bill.scanned_a_day = bytes * kSecondsPerDay / kGigabyte;
  const double stored = bill.scanned_a_day * usage.retention_days * kStoredRatio;
  bill.items.push_back({"log_ingested", "log lines taken in", ingested, "GB",
                        ingested * prices.of(Priced::kLogIngested)});
  bill.items.push_back({"log_stored", "log lines kept, compressed", stored, "GB",
                        stored * prices.of(Priced::kLogStored)});
  add_traces(bill, usage, prices);
  for (const BillItem& item : bill.items) bill.dollars += item.dollars;
  return bill;
}

}  // namespace sonde::aws
