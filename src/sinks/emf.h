#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"
#include "base/stats.h"
#include "model/call_record.h"
#include "model/config.h"
#include "model/event.h"
#include "sinks/emf_aggregate.h"
#include "sinks/emf_layout.h"
#include "sinks/emf_series.h"
#include "sinks/rate_switch.h"

namespace sonde::sinks {

/// `"LogGroupName":…,"LogStreamName":…,`: what the CloudWatch agent, and nobody else, wants
/// to see in `_aws`.  An empty group becomes "<service>-metrics"; characters that
/// CloudWatch Logs refuses become '-'.
std::string agent_envelope(const EmfConfig& config, std::string_view service);

/// Makes CloudWatch metrics of tool calls, in the embedded metric format.
///
/// Purpose.  Inline, the call's own log line carries its metrics, so that log and metric
/// have one source; when calls come faster than EmfConfig::inline_rate_max, they are
/// gathered to one line per series and interval.  Grammar: docs/formats/emf.md.
/// Limits.  Those of EmfConfig, EmfSeries and EmfAggregate.
/// Threads.  One owner.
class Emf {
 public:
  /// Fails on a namespace or on dimensions that CloudWatch would refuse or nothing emits.
  /// `stats` must outlive it.
  static Result<Emf> make(const EmfConfig& config, Stats& stats);

  /// The series of a call whose line is to carry its metrics.
  using Inline = std::optional<std::size_t>;

  /// Takes note of a finished call.  Nothing, if the line carries no metrics: the call is
  /// of no tool, or was gathered.
  /// REQUIRES: not full().
  Inline note(const CallRecord& record, Moment now);

  /// Appends the metrics to a line begun by begin_call_line.
  void append_metrics(std::string& line, const CallRecord& record, std::size_t series,
                      std::string_view envelope) const;

  /// Whether the line of an event is to carry metrics: its gauges, else what it measured.
  bool measures(const Event& event) const;
  /// Appends them to a line begun by begin_event_line.  REQUIRES: measures().
  void append_event_metrics(std::string& line, const Event& event, std::string_view envelope) const;

  /// When gathered calls want to be written, by the monotonic clock; max() for never.
  std::chrono::nanoseconds next_flush() const;
  /// Whether no more calls can be gathered.
  bool full() const { return aggregate_->full(); }
  bool gathered() const { return !aggregate_->empty(); }
  /// Appends the gathered calls as lines, each ended by a newline; returns their number.
  std::size_t append_gathered(std::string& out, std::string_view envelope);
  /// Forgets them: every output has them.
  void clear_gathered();

 private:
  Emf(const EmfConfig& config, EmfLayout layout, const EmfLayout& gauge_layout,
      EmfLayout server_layout, Stats& stats);

  EmfConfig::Mode mode_;
  std::chrono::nanoseconds interval_;
  Stats* stats_;
  // Behind pointers, so that an Emf can be moved while they refer to each other.
  std::unique_ptr<EmfLayout> layout_;
  std::unique_ptr<EmfSeries> series_;
  std::unique_ptr<EmfAggregate> aggregate_;
  std::unique_ptr<RateSwitch> fast_;
  EmfLayout server_layout_;      ///< Of what events measure.
  std::string directive_;        ///< Of a call with a result.
  std::string short_directive_;  ///< Of a call without.
  std::string gauge_directive_;
  std::chrono::nanoseconds flush_at_ = std::chrono::nanoseconds::max();
  std::size_t splits_ = 0;  ///< Of the last append_gathered().
};

}  // namespace sonde::sinks
