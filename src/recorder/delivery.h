#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/stats.h"
#include "recorder/complaints.h"
#include "sinks/sink.h"

namespace sonde::recorder {

/// How a sink is doing.
struct SinkState {
  std::string name;
  std::string error;  ///< What does not work; empty while all is well.
};

/// Brings entries to every sink, each at its own pace.
///
/// Purpose.  A sink that is away gets what it missed, in order, when it is back; it holds
/// up no other sink.
/// Limits.  Per sink backlog_entries_max entries and backlog_bytes_max bytes are kept; the
/// oldest stay, what comes then is counted as lost.  A sink that is away is asked again
/// after retry_first, then twice that, up to retry_max.
/// Threads.  One owner.  Blocking.  As the sinks do.
/// Failure.  Counted (kSinkErrors, kRecordsLost), and one complaint per sink.
class Delivery {
 public:
  struct Options {
    std::uint32_t backlog_entries_max = 1024;
    std::uint64_t backlog_bytes_max = 1024 * 1024;
    std::chrono::milliseconds retry_first{1'000};
    std::chrono::milliseconds retry_max{30'000};
    /// A sink's tick comes no more often than this.
    std::chrono::milliseconds tick_min{10};
  };

  /// `stats` and `complaints` must outlive it.
  Delivery(std::vector<std::unique_ptr<sinks::Sink>> sinks, Stats& stats, Complaints& complaints,
           Options options);
  ~Delivery();

  void offer(std::span<const sinks::Entry> batch, Moment now);

  /// When tick() wants to be called, by the monotonic clock; max() for never.
  std::chrono::nanoseconds next_tick() const;
  void tick(Moment now);

  /// Offers once more what waits, and closes the sinks.  The last call.
  void close(Moment now);

  std::vector<SinkState> states() const;

 private:
  struct Lane;

  bool write(Lane& lane, std::span<const sinks::Entry> entries, Moment now);
  bool retry(Lane& lane, Moment now);
  void keep(Lane& lane, std::span<const sinks::Entry> batch);
  void tick(Lane& lane, Moment now);
  void failed(Lane& lane, const Error& error, Moment now);
  void count_written();

  const Options options_;
  Stats& stats_;
  Complaints& complaints_;
  std::vector<Lane> lanes_;
  std::uint64_t offered_ = 0;
  std::uint64_t written_ = 0;
};

}  // namespace sonde::recorder
