#include "sinks/emf_aggregate.h"

#include <algorithm>
#include <cmath>

#include "base/json_writer.h"
#include "base/timestamp.h"
#include "model/metrics.h"
#include "sinks/emf_metrics.h"
#include "sinks/log_line.h"
#include "sinks/member_writer.h"

namespace sonde::sinks {
namespace {

double to_hundredths(std::chrono::nanoseconds value) {
  return std::round(std::chrono::duration<double, std::milli>(value).count() * 100) / 100;
}

std::string head_of(Moment opened, std::size_t calls) {
  std::string head = "{\"timestamp\":\"";
  append_rfc3339(head, opened.wall);
  head.append(R"(","level":"info","event":"emf.aggregate","logger":"sonde.tap","calls":)");
  append_integer(head, calls);
  return head;
}

}  // namespace

void EmfAggregate::add(const CallRecord& record, std::size_t series, Moment now) {
  if (calls_.empty()) opened_ = now;
  if (exemplars_.size() <= series) exemplars_.resize(series + 1);
  const bool error = counts_as_error(record.status);
  calls_.push_back({.series = series,
                    .number = calls_.size(),
                    .duration_ms = to_hundredths(server_time(record)),
                    .result_bytes = static_cast<double>(record.result_size_bytes),
                    .result_tokens = static_cast<double>(record.result_tokens_est),
                    .error = error,
                    .denied = record.status == CallStatus::kDenied,
                    .empty_result = has_empty_result(record)});

  Exemplars& exemplars = exemplars_[series];
  if (server_time(record) > exemplars.slowest.duration) fill(exemplars.slowest, record);
  if (error && exemplars.failed_count < kFailedMax) {
    fill(exemplars.failed[exemplars.failed_count++], record);
  }
}

void EmfAggregate::fill(Exemplar& exemplar, const CallRecord& record) {
  exemplar.request_id = clip(record.request_id, kIdBytesMax);
  exemplar.correlation_id = clip(record.correlation_id, kIdBytesMax);
  exemplar.trace_id = record.span.trace_id;
  exemplar.duration = server_time(record);
  exemplar.status = record.status;
}

EmfAggregate::Written EmfAggregate::append_lines(std::string& out, const EmfLayout& layout,
                                                 const EmfSeries& series,
                                                 std::string_view envelope) {
  Written written;
  std::ranges::sort(calls_, {},
                    [](const Call& call) { return std::pair(call.series, call.number); });
  for (auto begin = calls_.begin(); begin != calls_.end();) {
    const auto end = std::find_if(
        begin, calls_.end(), [begin](const Call& call) { return call.series != begin->series; });
    const std::size_t lines = append_series(out, std::span(begin, end),
                                            {.layout = layout,
                                             .timestamp_ms = to_milliseconds(opened_.wall),
                                             .head = {},
                                             .first = {},
                                             .dimensions = series.members(begin->series),
                                             .envelope = envelope,
                                             .metrics = {}});
    written.lines += lines;
    written.splits += lines - 1;
    begin = end;
  }
  return written;
}

namespace {

EmfMetric metric(Metric which, std::span<const double> values) {
  return {.name = info(which).name, .unit = info(which).unit, .values = values};
}

}  // namespace

std::size_t EmfAggregate::append_series(std::string& out, std::span<const Call> calls,
                                        EmfDocument document) {
  durations_.clear();
  sizes_.clear();
  tokens_.clear();
  double errors = 0;
  double denied = 0;
  double empty = 0;
  for (const Call& call : calls) {
    durations_.push_back(call.duration_ms);
    errors += call.error ? 1 : 0;
    denied += call.denied ? 1 : 0;
    empty += call.empty_result ? 1 : 0;
    if (call.result_bytes <= 0) continue;
    sizes_.push_back(call.result_bytes);
    tokens_.push_back(call.result_tokens);
  }
  const auto count = static_cast<double>(calls.size());
  // No result, no value: the document leaves such metrics out.
  const std::span<const double> empties(&empty, sizes_.empty() ? 0 : 1);
  const std::array<EmfMetric, 7> metrics{
      metric(Metric::kToolDuration, durations_), metric(Metric::kCallCount, {&count, 1}),
      metric(Metric::kErrorCount, {&errors, 1}), metric(Metric::kToolDenied, {&denied, 1}),
      metric(Metric::kResultSize, sizes_),       metric(Metric::kResultTokens, tokens_),
      metric(Metric::kEmptyResults, empties),
  };
  const std::string head = head_of(opened_, calls.size());
  std::string first;
  append_exemplars(first, exemplars_[calls.front().series]);
  document.head = head;
  document.first = first;
  document.metrics = metrics;
  return append_emf_lines(out, document);
}

void EmfAggregate::append_exemplars(std::string& out, const Exemplars& exemplars) const {
  out.append("exemplars"_key);
  out.push_back('[');
  append_exemplar(out, "slowest", exemplars.slowest);
  for (std::size_t i = 0; i < exemplars.failed_count; ++i) {
    out.push_back(',');
    append_exemplar(out, "failed", exemplars.failed[i]);
  }
  out.push_back(']');
}

void EmfAggregate::append_exemplar(std::string& out, std::string_view kind,
                                   const Exemplar& exemplar) {
  out.append("{\"kind\":");
  append_json_string(out, kind);
  MemberWriter members(out, kIdBytesMax);
  members.always("status"_key, to_string(exemplar.status));
  if (exemplar.trace_id.valid()) members.text("trace_id"_key, to_hex(exemplar.trace_id));
  members.text("request_id"_key, exemplar.request_id);
  members.text("correlation_id"_key, exemplar.correlation_id);
  out.append("duration_ms"_key);
  append_hundredths(out, exemplar.duration, std::chrono::milliseconds(1));
  out.push_back('}');
}

void EmfAggregate::clear() {
  for (const Call& call : calls_) {
    exemplars_[call.series].slowest.duration = std::chrono::nanoseconds(-1);
    exemplars_[call.series].failed_count = 0;
  }
  calls_.clear();
}

}  // namespace sonde::sinks
