#pragma once

#include <chrono>
#include <cstddef>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/stats.h"
#include "model/config.h"
#include "sinks/emf.h"
#include "sinks/line_output.h"
#include "sinks/log_line.h"
#include "sinks/sink.h"

namespace sonde::sinks {

/// What an output gets to see.
struct Shows {
  bool log_lines = true;  ///< A line for every call; else only lines that carry metrics.
  bool events = true;
  bool metrics = true;  ///< EmfConfig::mode says how.
  Content content = Content::kHidden;
};

/// An output and what goes to it.
struct CallRoute {
  std::unique_ptr<LineOutput> output;
  Shows shows;
  std::string envelope;  ///< agent_envelope() for the agent, else empty.
  /// A longer line is written with its texts cut short: old agents and regions take
  /// 256 KiB, a datagram 65,507 bytes.
  std::size_t line_bytes_max = std::size_t{256} * 1024;
  /// Whether this one counts unknown tools, series and cut texts: of several routes that
  /// see the same calls, one does.
  bool counts_calls = true;
};

/// Writes calls and events as lines to one output.
///
/// Purpose.  The one place where log line, metrics and output meet.
/// Limits.  Lines that the output does not take wait, up to kWaitingBytesMax; those of one
/// batch beyond that are dropped and counted (Stat::kLinesDropped).
/// Failure.  While lines wait because the output failed, write() takes no further batch
/// (kUnavailable, without effect), and tick() tries again and reports the fault.
class CallSink final : public Sink {
 public:
  static constexpr std::size_t kWaitingBytesMax = std::size_t{1024} * 1024;
  static constexpr std::chrono::seconds kRetry{1};            ///< After a failure.
  static constexpr std::chrono::milliseconds kRetryBusy{50};  ///< After a busy output.

  /// Fails as Emf::make does.  `stats` must outlive it.
  static Result<std::unique_ptr<CallSink>> make(CallRoute route, const EmfConfig& config,
                                                Stats& stats);

  std::string_view name() const override { return route_.output->name(); }
  std::string_view fault() const override;
  Status write(std::span<const Entry> batch, Moment now) override;
  std::chrono::nanoseconds next_tick() const override;
  Status tick(Moment now) override;
  Status close(Moment now) override;

 private:
  CallSink(CallRoute route, Emf emf, std::unique_ptr<Stats> uncounted, Stats& stats);

  void take(const CallRecord& record, Moment now);
  void take(const Event& event);
  template <class Render>
  void add_line(const Render& render);
  void flush_metrics();
  bool drain(Moment now);
  std::string_view waiting() const { return std::string_view(lines_).substr(sent_); }

  CallRoute route_;
  const std::unique_ptr<Stats> uncounted_;  // Null if this route counts calls.
  Stats& call_stats_;
  Stats& stats_;
  Emf emf_;
  std::string lines_;     // Those of the batch, and those that wait.
  std::size_t sent_ = 0;  // Of them, from the front.
  std::chrono::nanoseconds retry_at_{};
  std::string fault_;  // Of the last write to the output.
};

/// A sink per route.  The first that has metrics counts the tools and series of the calls
/// (the others would count the same again).
Result<std::vector<std::unique_ptr<Sink>>> make_call_sinks(std::vector<CallRoute> routes,
                                                           const EmfConfig& config, Stats& stats);

}  // namespace sonde::sinks
