#pragma once

#include <chrono>
#include <span>
#include <string_view>
#include <variant>

#include "base/clock.h"
#include "base/result.h"
#include "model/call_record.h"
#include "model/event.h"

namespace sonde::sinks {

/// One line's worth: a finished call, or something else that happened.
using Entry = std::variant<CallRecord, Event>;

/// Where entries go: a log file, the CloudWatch agent, a vector in a test.
///
/// Threads.  One thread calls a sink, and finishes one call before it starts the next;
/// a sink needs no lock.
///
/// Blocking.  write() may take as long as its medium needs, but never waits for a peer
/// longer than its own deadline.  The queue in front of it absorbs the wait; when that is
/// full, entries are dropped and counted.  The data path never waits for a sink.
///
/// Failure.  After kUnavailable the same batch may be offered again; so write() must have
/// no effect, or be idempotent, when it fails so.  After any other Error the batch is
/// counted as lost.
class Sink {
 public:
  virtual ~Sink() = default;

  /// One word for the user: "file", "agent".  Valid as long as the sink.
  virtual std::string_view name() const { return "sink"; }

  /// What does not work at the moment, for a person; empty while all is well.  A sink that
  /// keeps what its peer did not take may accept a batch and still have a fault.
  virtual std::string_view fault() const { return {}; }

  virtual Status write(std::span<const Entry> batch, Moment now) = 0;

  /// When tick() wants to be called next, by the monotonic clock; max() for never.
  virtual std::chrono::nanoseconds next_tick() const { return std::chrono::nanoseconds::max(); }
  /// For what is due by the clock: an interval's metrics, a retry.
  virtual Status tick(Moment /*now*/) { return {}; }

  /// Writes out all that is held back.  Called once, as the last call.
  virtual Status close(Moment now) = 0;
};

}  // namespace sonde::sinks
