#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string_view>

#include "base/clock.h"
#include "mcp/call_tracker.h"
#include "model/gauges.h"

namespace sonde::recorder {

/// What a data path hands over to be judged on the recorder's thread, because no thread of its
/// own sees the whole.
///
/// Threads.  Made on one, opened and destroyed on the recorder's.
class Parcel {
 public:
  virtual ~Parcel() = default;
  /// The memory it takes while it waits; the same whenever it is asked.
  virtual std::uint64_t bytes_held() const noexcept = 0;
};

/// Opens parcels, and concludes calls and events from them.
///
/// Threads.  All on the recorder's.  Blocking.  Must not.
/// Failure.  None: what cannot be judged is counted.
class Analyst {
 public:
  virtual ~Analyst() = default;

  /// Parcels come in the order in which they were handed over.  `out` is valid during the
  /// call; what it is told goes through privacy to the sinks.
  virtual void open(std::unique_ptr<Parcel> parcel, mcp::CallListener& out) = 0;

  /// When tick() wants to be called, by the monotonic clock; max() for never.
  virtual std::chrono::nanoseconds next_due() const = 0;
  virtual void tick(Moment now, mcp::CallListener& out) = 0;

  /// Nothing more will come: what is open is concluded, for `reason`.  The last call.
  virtual void end(Moment now, std::string_view reason, mcp::CallListener& out) = 0;

  /// For the stats document.
  virtual std::optional<Gauges> gauges(Moment now) const = 0;
};

}  // namespace sonde::recorder
