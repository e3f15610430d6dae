#include "thrash/turns.h"

#include <algorithm>
#include <utility>

#include "thrash/streak_table.h"

namespace sonde::thrash {
namespace {

/// The trace that the client has put the call into; one that we have begun says nothing.
TraceId client_trace(const CallRecord& record) {
  return record.span.parent_span_id.valid() ? record.span.trace_id : TraceId{};
}

}  // namespace

bool Turns::ends_before(const CallRecord& record, std::chrono::nanoseconds gap) const {
  if (!open()) return false;
  if (record.turn_id != id_) return true;
  if (!id_.empty()) return false;
  if (record.started_at - ended_ >= gap) return true;
  const TraceId trace = client_trace(record);
  return traces_hold_turns_ && trace.valid() && trace_.valid() && trace != trace_;
}

void Turns::add(const CallRecord& record) {
  const TraceId trace = client_trace(record);
  if (!open()) {
    id_ = record.turn_id;
    began_ = record.started_at;
    iterations_ = 0;
  }
  const bool next = !open() || record.started_at >= ended_;
  // A client may well begin a trace for each call: only one that goes on is a turn.
  if (open() && next && trace.valid() && trace == trace_) traces_hold_turns_ = true;
  if (next) ++iterations_;
  ++calls_;
  trace_ = trace;
  ended_ = std::max(ended_, record.ended_at);
}

TurnSummary Turns::take() {
  TurnSummary summary{.turn_id = std::exchange(id_, {}),
                      .inferred = false,
                      .iterations = iterations_,
                      .span = std::max(ended_ - began_, std::chrono::nanoseconds{})};
  summary.inferred = summary.turn_id.empty();
  calls_ = 0;
  ended_ = {};
  return summary;
}

std::size_t Turns::heap_bytes() const noexcept { return thrash::heap_bytes(id_); }

}  // namespace sonde::thrash
