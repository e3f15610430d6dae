#pragma once

#include <chrono>
#include <optional>
#include <string>

#include "base/ids.h"
#include "model/call_record.h"
#include "model/event.h"

namespace sonde::thrash {

/// Which calls of a session answer one request of its user, and how many rounds that took.
///
/// Purpose.  A turn is what the client calls so; else what one trace of the client holds, as far
/// as the client has shown that it makes its traces so; else what no pause divides.
/// Calls that are open at the same time are one iteration: the model asked for them at once.
/// Threads.  One owner.
class Turns {
 public:
  /// Whether `record` begins another turn than the one that is open.
  bool ends_before(const CallRecord& record, std::chrono::nanoseconds gap) const;
  void add(const CallRecord& record);

  bool open() const noexcept { return calls_ > 0; }
  bool named() const noexcept { return !id_.empty(); }
  std::uint64_t calls() const noexcept { return calls_; }
  /// Ends the open turn.  REQUIRES: open().
  TurnSummary take();

  std::size_t heap_bytes() const noexcept;

 private:
  std::string id_;
  TraceId trace_;                   ///< The client's, of the last call; not valid: it sends none.
  bool traces_hold_turns_ = false;  ///< One of them has held more than one iteration.
  std::uint64_t calls_ = 0;
  std::uint64_t iterations_ = 0;
  std::chrono::nanoseconds began_{};
  std::chrono::nanoseconds ended_{};
};

}  // namespace sonde::thrash
