#include "recorder/delivery.h"

#include <algorithm>
#include <utility>

namespace sonde::recorder {
namespace {

constexpr auto kNever = std::chrono::nanoseconds::max();

std::uint64_t held(const CallRecord& record) noexcept {
  return record.captured_arguments.size() + record.captured_result.size() +
         record.error_message.size() + record.resource_uri.size();
}

std::uint64_t held(const Event& event) noexcept {
  std::uint64_t sum = event.message.size();
  for (const auto* list : {&event.command, &event.environment, &event.last_stderr}) {
    for (const std::string& text : *list) sum += text.size();
  }
  return sum;
}

std::uint64_t bytes_held(const sinks::Entry& entry) noexcept {
  return sizeof(entry) + std::visit([](const auto& value) { return held(value); }, entry);
}

}  // namespace

struct Delivery::Lane {
  std::unique_ptr<sinks::Sink> sink;
  std::vector<sinks::Entry> backlog;  ///< What the sink was away for; empty: it is not away.
  std::uint64_t backlog_bytes = 0;
  std::chrono::nanoseconds retry_at{};
  std::chrono::nanoseconds retry_wait{};
  std::chrono::nanoseconds ticked_at{};
  std::uint64_t written = 0;
  std::string error;
};

Delivery::Delivery(std::vector<std::unique_ptr<sinks::Sink>> sinks, Stats& stats,
                   Complaints& complaints, Options options)
    : options_(options), stats_(stats), complaints_(complaints) {
  for (std::unique_ptr<sinks::Sink>& sink : sinks) {
    if (sink) lanes_.emplace_back().sink = std::move(sink);
  }
}

Delivery::~Delivery() = default;

void Delivery::offer(std::span<const sinks::Entry> batch, Moment now) {
  if (batch.empty()) return;
  offered_ += batch.size();
  for (Lane& lane : lanes_) {
    if (!retry(lane, now) || !write(lane, batch, now)) keep(lane, batch);
  }
  count_written();
}

/// True unless the sink is away.
bool Delivery::write(Lane& lane, std::span<const sinks::Entry> entries, Moment now) {
  const Status status = lane.sink->write(entries, now);
  if (status) {
    lane.written += entries.size();
    lane.retry_wait = {};
    lane.error.clear();
    return true;
  }
  failed(lane, status.error(), now);
  if (status.error().code() != Errc::kUnavailable) {
    stats_.add(Stat::kRecordsLost, entries.size());
    return true;
  }
  const std::chrono::nanoseconds longer =
      std::max<std::chrono::nanoseconds>(lane.retry_wait * 2, options_.retry_first);
  lane.retry_wait = std::min<std::chrono::nanoseconds>(longer, options_.retry_max);
  lane.retry_at = now.monotonic + lane.retry_wait;
  return false;
}

/// Brings the backlog to the sink, if it is time to ask.  True if none is left.
bool Delivery::retry(Lane& lane, Moment now) {
  if (lane.backlog.empty()) return true;
  if (now.monotonic < lane.retry_at || !write(lane, lane.backlog, now)) return false;
  lane.backlog = {};  // And its memory with it.
  lane.backlog_bytes = 0;
  return true;
}

void Delivery::keep(Lane& lane, std::span<const sinks::Entry> batch) {
  std::uint64_t kept = 0;
  for (const sinks::Entry& entry : batch) {
    const std::uint64_t bytes = bytes_held(entry);
    const bool full = lane.backlog.size() >= options_.backlog_entries_max ||
                      lane.backlog_bytes + bytes > options_.backlog_bytes_max;
    if (full) break;
    lane.backlog.push_back(entry);
    lane.backlog_bytes += bytes;
    ++kept;
  }
  stats_.add(Stat::kRecordsLost, batch.size() - kept);
}

void Delivery::failed(Lane& lane, const Error& error, Moment now) {
  stats_.add(Stat::kSinkErrors);
  lane.error = error.message();
  complaints_.about("sink " + std::string(lane.sink->name()), lane.error, now);
}

/// What the slowest sink has taken is what every sink has taken.
void Delivery::count_written() {
  std::uint64_t least = offered_;
  for (const Lane& lane : lanes_) least = std::min(least, lane.written);
  stats_.add(Stat::kRecordsWritten, least - written_);
  written_ = least;
}

std::chrono::nanoseconds Delivery::next_tick() const {
  std::chrono::nanoseconds next = kNever;
  for (const Lane& lane : lanes_) {
    if (!lane.backlog.empty()) next = std::min(next, lane.retry_at);
    next = std::min(next, std::max<std::chrono::nanoseconds>(lane.sink->next_tick(),
                                                             lane.ticked_at + options_.tick_min));
  }
  return next;
}

void Delivery::tick(Moment now) {
  for (Lane& lane : lanes_) {
    const bool due = now.monotonic >= lane.sink->next_tick() &&
                     now.monotonic >= lane.ticked_at + options_.tick_min;
    if (due) tick(lane, now);
    retry(lane, now);
  }
  count_written();
}

void Delivery::tick(Lane& lane, Moment now) {
  lane.ticked_at = now.monotonic;
  const Status status = lane.sink->tick(now);
  if (!status) return failed(lane, status.error(), now);
  if (!lane.sink->fault().empty()) return;
  // It works again, as far as it knows: no reason to wait until it is asked.
  lane.error.clear();
  lane.retry_at = now.monotonic;
}

void Delivery::close(Moment now) {
  for (Lane& lane : lanes_) {
    lane.retry_at = now.monotonic;
    if (!retry(lane, now)) stats_.add(Stat::kRecordsLost, lane.backlog.size());
    if (const Status status = lane.sink->close(now); !status) failed(lane, status.error(), now);
  }
  count_written();
}

std::vector<SinkState> Delivery::states() const {
  std::vector<SinkState> states;
  states.reserve(lanes_.size());
  for (const Lane& lane : lanes_) {
    std::string error = lane.error.empty() ? std::string(lane.sink->fault()) : lane.error;
    states.push_back({.name = std::string(lane.sink->name()), .error = std::move(error)});
  }
  return states;
}

}  // namespace sonde::recorder
