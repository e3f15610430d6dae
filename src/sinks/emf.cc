#include "sinks/emf.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "base/json_writer.h"
#include "model/metrics.h"
#include "sinks/emf_metrics.h"
#include "sinks/log_line.h"
#include "sinks/member_writer.h"

namespace sonde::sinks {
namespace {

constexpr std::size_t kLogNameMax = 512;
constexpr std::chrono::milliseconds kIntervalMin{100};

// The three result metrics come last: a call without a result has only the others.
constexpr std::array kCallMetrics{Metric::kToolDuration, Metric::kCallCount,  Metric::kErrorCount,
                                  Metric::kToolDenied,   Metric::kResultSize, Metric::kResultTokens,
                                  Metric::kEmptyResults};
constexpr std::size_t kWithoutResult = 4;

constexpr std::array kGaugeMetrics{Metric::kActiveSseSessions, Metric::kActiveUsers,
                                   Metric::kMcpSessions, Metric::kIdleMcpSessions};

/// Values of a metric have two decimals: milliseconds, and numbers of things.
constexpr int kDecimals = 2;

void append_directive(std::string& out, const EmfLayout& layout, std::span<const Metric> metrics) {
  out.append(layout.opening());
  for (const Metric& metric : metrics) {
    if (&metric != metrics.data()) out.push_back(',');
    append_definition(out, info(metric).name, info(metric).unit);
  }
  out.append(EmfLayout::kClosing).push_back('}');
}

std::string directive_of(const EmfLayout& layout, std::span<const Metric> metrics) {
  std::string directive;
  append_directive(directive, layout, metrics);
  return directive;
}

void append_aws(std::string& line, std::chrono::nanoseconds at, std::string_view directive,
                std::string_view envelope) {
  line.append(",\"_aws\":{\"Timestamp\":");
  append_integer(line, to_milliseconds(at));
  line.push_back(',');
  line.append(envelope);
  line.append(directive);
}

void append_gauges(std::string& line, const Gauges& gauges) {
  const std::array<std::pair<std::string_view, std::uint64_t>, 4> metrics{
      {{"ActiveSseSessions"_key, gauges.active_sse_streams},
       {"ActiveUsers"_key, gauges.active_users},
       {"McpSessions"_key, gauges.sessions},
       {"IdleMcpSessions"_key, gauges.idle_sessions}}};
  for (const auto& [key, value] : metrics) {
    line.append(key);
    append_integer(line, value);
  }
}

std::string log_name(std::string_view text) {
  std::string name(text.substr(0, kLogNameMax));
  const auto allowed = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-_./#").find(c) != std::string_view::npos;
  };
  std::ranges::replace_if(name, [&](char c) { return !allowed(c); }, '-');
  return name;
}

}  // namespace

std::string agent_envelope(const EmfConfig& config, std::string_view service) {
  std::string group = config.log_group;
  if (group.empty()) group = std::string(service.empty() ? "sonde" : service) + "-metrics";
  std::string envelope = "\"LogGroupName\":";
  append_json_string(envelope, log_name(group));
  if (!config.log_stream.empty()) {
    envelope.append("LogStreamName"_key);
    append_json_string(envelope, log_name(config.log_stream));
  }
  envelope.push_back(',');
  return envelope;
}

Result<Emf> Emf::make(const EmfConfig& config, Stats& stats) {
  SONDE_RETURN_IF_ERROR(check_dimensions(config.dimensions));
  auto layout = EmfLayout::make(config.metric_namespace, config.dimensions);
  if (!layout) return fail(std::move(layout).error());
  // Whatever sets calls have: a gauge is of one server, and a sum over several, which a set
  // without ServerName would be, is not what their samples add up to.
  auto gauge_layout = EmfLayout::make(config.metric_namespace, {{"ServerName", "Environment"}});
  if (!gauge_layout) return fail(std::move(gauge_layout).error());
  auto server_layout =
      EmfLayout::make(config.metric_namespace, {{"ServerName", "Environment"}, {"Environment"}});
  if (!server_layout) return fail(std::move(server_layout).error());
  return Emf(config, std::move(*layout), *gauge_layout, std::move(*server_layout), stats);
}

Emf::Emf(const EmfConfig& config, EmfLayout layout, const EmfLayout& gauge_layout,
         EmfLayout server_layout, Stats& stats)
    : mode_(config.mode),
      interval_(std::max<std::chrono::nanoseconds>(config.interval, kIntervalMin)),
      stats_(&stats),
      layout_(std::make_unique<EmfLayout>(std::move(layout))),
      series_(std::make_unique<EmfSeries>(*layout_, config.max_series, stats)),
      aggregate_(std::make_unique<EmfAggregate>()),
      fast_(std::make_unique<RateSwitch>(config.inline_rate_max)),
      server_layout_(std::move(server_layout)),
      directive_(directive_of(*layout_, kCallMetrics)),
      short_directive_(directive_of(*layout_, std::span(kCallMetrics).first(kWithoutResult))),
      gauge_directive_(directive_of(gauge_layout, kGaugeMetrics)) {}

Emf::Inline Emf::note(const CallRecord& record, Moment now) {
  if (mode_ == EmfConfig::Mode::kOff || !is_tool_call(record)) return {};
  const bool gather = fast_->count(now.monotonic) || mode_ == EmfConfig::Mode::kAggregate;
  if (!plausible_time(gather ? now.wall : record.ended_at)) {
    stats_->add(Stat::kEmfSkipped);
    return {};
  }
  const std::size_t series = series_->find(record);
  if (!gather) return series;

  if (aggregate_->empty()) {
    // Intervals end with the wall clock's, so that no line straddles two of the minutes in
    // which CloudWatch counts.
    flush_at_ = now.monotonic + interval_ - now.wall % interval_;
  }
  aggregate_->add(record, series, now);
  return {};
}

void Emf::append_metrics(std::string& line, const CallRecord& record, std::size_t series,
                         std::string_view envelope) const {
  append_aws(line, record.ended_at, has_result(record) ? directive_ : short_directive_, envelope);
  line.append(series_->members(series));

  line.append("ToolDuration"_key);
  append_hundredths(line, server_time(record), std::chrono::milliseconds(1));
  line.append(",\"tool_call_count\":1");
  line.append("tool_error_count"_key);
  line.push_back(counts_as_error(record.status) ? '1' : '0');
  line.append("ToolDenied"_key);
  line.push_back(record.status == CallStatus::kDenied ? '1' : '0');
  if (!has_result(record)) return;
  line.append("ResultSize"_key);
  append_integer(line, record.result_size_bytes);
  line.append("ResultTokens"_key);
  append_integer(line, record.result_tokens_est);
  line.append("EmptyResults"_key);
  line.push_back(has_empty_result(record) ? '1' : '0');
}

bool Emf::measures(const Event& event) const {
  return mode_ != EmfConfig::Mode::kOff && (event.gauges || !event.measured.empty()) && event.tap &&
         plausible_time(event.at);
}

void Emf::append_event_metrics(std::string& line, const Event& event,
                               std::string_view envelope) const {
  std::vector<Metric> measured;
  measured.reserve(event.measured.size());
  for (const Measured& one : event.measured) measured.push_back(one.metric);
  append_aws(line, event.at,
             event.gauges ? gauge_directive_ : directive_of(server_layout_, measured), envelope);
  const std::array<std::pair<std::string_view, std::string_view>, 3> dimensions{
      {{"Service"_key, event.tap->service},
       {"ServerName"_key, event.tap->server_name},
       {"Environment"_key, event.tap->environment}}};
  for (const auto& [key, value] : dimensions) {
    line.append(key);
    if (!append_dimension_value(line, value)) stats_->add(Stat::kFieldsTruncated);
  }
  if (event.gauges) return append_gauges(line, *event.gauges);
  for (const Measured& one : event.measured) {
    line.push_back(',');
    append_json_string(line, info(one.metric).name);
    line.push_back(':');
    JsonWriter(line).fixed(one.value, kDecimals);
  }
}

std::chrono::nanoseconds Emf::next_flush() const {
  return aggregate_->empty() ? std::chrono::nanoseconds::max() : flush_at_;
}

std::size_t Emf::append_gathered(std::string& out, std::string_view envelope) {
  const EmfAggregate::Written written = aggregate_->append_lines(out, *layout_, *series_, envelope);
  splits_ = written.splits;
  return written.lines;
}

void Emf::clear_gathered() {
  stats_->add(Stat::kEmfSplit, std::exchange(splits_, 0));
  aggregate_->clear();
}

}  // namespace sonde::sinks
