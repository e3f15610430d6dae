#pragma once

#include <chrono>
#include <cstddef>
#include <string_view>

#include "base/clock.h"
#include "base/result.h"

namespace sonde::sinks {

/// Where finished lines go: a file, a descriptor, the CloudWatch agent.
///
/// Threads.  One owner.
/// Blocking.  Never longer than a deadline that the output names.
/// Failure.  After an Error nothing of what was offered has been taken; offered again
/// later, it may be.  What an output takes and then loses, it counts itself.
class LineOutput {
 public:
  virtual ~LineOutput() = default;

  /// One word for the user: "file", "stderr", "agent".
  virtual std::string_view name() const = 0;

  /// What does not work at the moment, for a person; empty while all is well.
  virtual std::string_view fault() const { return {}; }

  /// Takes lines, each ended by a newline, from the front of `lines`, and returns how many
  /// bytes it took.  Fewer than all: it is busy, offer the rest later.
  virtual Result<std::size_t> write(std::string_view lines, Moment now) = 0;

  /// When tick() wants to be called next, by the monotonic clock; max() for never.
  virtual std::chrono::nanoseconds next_tick() const { return std::chrono::nanoseconds::max(); }
  virtual Status tick(Moment /*now*/) { return {}; }

  /// Brings out what was taken.  Called once, as the last call.
  virtual Status close(Moment /*now*/) { return {}; }
};

}  // namespace sonde::sinks
