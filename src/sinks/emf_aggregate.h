#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "model/call_record.h"
#include "sinks/emf_document.h"
#include "sinks/emf_series.h"

namespace sonde::sinks {

/// The calls of one interval, on their way to one metric line per series.
///
/// Purpose.  At high rates value arrays carry the same percentiles in a fraction of the
/// bytes; the slowest call and the first failed ones are kept as exemplars, so that a peak
/// in a graph still leads to a trace.
/// Limits.  kCallsMax calls; full() asks for an early flush.
/// Threads.  One owner.
class EmfAggregate {
 public:
  static constexpr std::size_t kCallsMax = 16 * 1024;
  static constexpr std::size_t kFailedMax = 5;     ///< Exemplars of one series.
  static constexpr std::size_t kIdBytesMax = 128;  ///< Of an id in an exemplar.

  /// REQUIRES: not full().
  void add(const CallRecord& record, std::size_t series, Moment now);

  bool empty() const { return calls_.empty(); }
  bool full() const { return calls_.size() >= kCallsMax; }
  /// When the first call was added.
  Moment opened() const { return opened_; }

  struct Written {
    std::size_t lines = 0;
    std::size_t splits = 0;  ///< Lines more than one per series.
  };

  /// Appends the lines, each ended by a newline.  What was added stays until clear().
  Written append_lines(std::string& out, const EmfLayout& layout, const EmfSeries& series,
                       std::string_view envelope);
  void clear();

 private:
  struct Call {
    std::size_t series;
    std::size_t number;  ///< In the interval.
    double duration_ms;
    double result_bytes;  ///< 0: no result.
    double result_tokens;
    bool error;
    bool denied;
    bool empty_result;
  };

  struct Exemplar {
    std::string request_id;
    std::string correlation_id;
    TraceId trace_id;
    std::chrono::nanoseconds duration{-1};  ///< Negative: none yet.
    CallStatus status{};
  };

  struct Exemplars {
    Exemplar slowest;
    std::array<Exemplar, kFailedMax> failed;
    std::size_t failed_count = 0;
  };

  static void fill(Exemplar& exemplar, const CallRecord& record);
  static void append_exemplar(std::string& out, std::string_view kind, const Exemplar& exemplar);
  void append_exemplars(std::string& out, const Exemplars& exemplars) const;
  std::size_t append_series(std::string& out, std::span<const Call> calls, EmfDocument document);

  Moment opened_;
  std::vector<Call> calls_;
  std::vector<Exemplars> exemplars_;  // By series; those of the interval are in calls_.
  std::vector<double> durations_;     // Reused.
  std::vector<double> sizes_;
  std::vector<double> tokens_;
};

}  // namespace sonde::sinks
