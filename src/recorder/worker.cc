#include "recorder/worker.h"

#include <unistd.h>

#include <algorithm>
#include <ctime>
#include <exception>
#include <string>
#include <utility>

#include "recorder/control_dir.h"

namespace sonde::recorder {
namespace {

constexpr std::size_t kBatchEntriesMax = 64;
constexpr auto kNever = std::chrono::nanoseconds::max();

/// Sleeps until input or `until`, by the monotonic clock.
void poll_until(std::vector<pollfd>& polled, std::chrono::nanoseconds until,
                std::chrono::nanoseconds now) {
  const std::chrono::nanoseconds left = std::max(until - now, std::chrono::nanoseconds{});
  const auto whole = std::chrono::floor<std::chrono::seconds>(left);
  const timespec timeout{.tv_sec = whole.count(), .tv_nsec = (left - whole).count()};
  ::ppoll(polled.data(), polled.size(), until == kNever ? nullptr : &timeout, nullptr);
}

}  // namespace

Worker::Worker(Shared& shared)
    : shared_(shared),
      complaints_(shared.options.stderr_fd),
      desk_(stats_, complaints_,
            {.settle = [this] { settle(); },
             .sinks = [this] { return delivery_ ? delivery_->states() : std::vector<SinkState>(); },
             .gauges =
                 [this] {
                   return analyst_ ? analyst_->gauges(shared_.clock.now()) : std::nullopt;
                 }}) {}

void Worker::run(const Recorder::Setup& setup) {
  set_up(setup);
  while (!shared_.stopping.load()) {
    const Moment now = shared_.clock.now();
    if (gathered(now)) settle();
    desk_.tick(now);
    if (analyst_ && analyst_->next_due() <= now.monotonic) {
      capture_ = desk_.capture(now);
      analyst_->tick(now, *this);
    }
    if (detector_ && detector_->next_due() <= now.monotonic) {
      detector_->tick(now, findings_);
      add_findings();
    }
    if (delivery_) delivery_->tick(now);
    deliver();
    sleep();
  }
  settle();
  end_analysis();
  if (delivery_) delivery_->close(shared_.clock.now());
}

void Worker::end_analysis() {
  if (analyst_) analyst_->end(shared_.clock.now(), shared_.options.end_reason, *this);
  if (detector_) {
    detector_->end(shared_.clock.now(), findings_);
    add_findings();
  }
  deliver();
}

void Worker::set_up(const Recorder::Setup& setup) {
  Outlets outlets;
  try {
    outlets = setup(stats_);
  } catch (const std::exception& e) {
    complaints_.about("setup", e.what(), shared_.clock.now());
    return;
  }
  analyst_ = std::move(outlets.analyst);
  if (analyst_) {
    // Its calls are hashed by this thread, which takes a share as each producer does.
    const std::uint64_t producers = hashing_producers(
        shared_.options, static_cast<std::uint32_t>(shared_.producer_stats.size()));
    const std::uint64_t share = outlets.settings.hash_rate_bytes_max / (producers + 1);
    hash_tokens_.emplace(share, shared_.clock.now().monotonic);
    outlets.settings.hash_rate_bytes_max -= share;
  }
  shared_.settings = std::make_unique<DataPathSettings>(std::move(outlets.settings));
  shared_.published.store(shared_.settings.get(), std::memory_order_release);
  tap_ = outlets.tap;
  detector_ = std::move(outlets.detector);
  scrubber_ = std::move(outlets.scrubber);
  delivery_.emplace(std::move(outlets.sinks), stats_, complaints_, Delivery::Options{});
  for (Event& event : outlets.first_events) add(std::move(event));
  deliver();
  if (!outlets.control_dir.empty()) open_desk(outlets);
}

void Worker::open_desk(const Outlets& outlets) {
  const Moment now = shared_.clock.now();
  TapStatus status;
  status.pid = ::getpid();
  status.start_ticks = process_start_ticks(status.pid).value_or(0);
  if (tap_) {
    status.server = tap_->server_name;
    status.tap_version = tap_->tap_version;
  }
  status.started_at = now.wall;
  status.stats = shared_.producer_stats;
  status.stats.push_back(&stats_);
  status.config_faults = outlets.config_faults;
  desk_.open(outlets.control_dir, std::move(status), now);
}

/// Whether a batch is there and has had its time.
bool Worker::gathered(Moment now) {
  if (shared_.inbox.empty()) {
    gather_until_.reset();
    return false;
  }
  if (!gather_until_) gather_until_ = now.monotonic + shared_.options.gather;
  return now.monotonic >= *gather_until_ || shared_.inbox.batch_full();
}

/// Brings to the sinks all that waits now, not what comes meanwhile.
void Worker::settle() {
  gather_until_.reset();
  deliver();  // A switch was made before what has come since.
  capture_ = desk_.capture(shared_.clock.now());
  std::uint64_t left = shared_.inbox.waiting().records;
  if (left > 0) desk_.touch();
  for (; left > 0; --left) {
    const std::unique_ptr<Inbox::Node> node = shared_.inbox.pop();
    if (!node) break;
    take(std::move(node->item));
    if (entries_.size() >= kBatchEntriesMax) deliver();
  }
  deliver();
}

void Worker::take(Item&& item) {
  if (const auto* piece = std::get_if<HashPiece>(&item)) {
    if (scrubber_) scrubber_->hash_piece(piece->stream, piece->bytes);
    return;
  }
  ++records_taken_;
  if (!scrubber_) {
    stats_.add(Stat::kRecordsLost);  // Unscrubbed it may go nowhere.
    return;
  }
  if (auto* event = std::get_if<Event>(&item)) return add(std::move(*event));
  if (auto* parcel = std::get_if<std::unique_ptr<Parcel>>(&item)) return open(std::move(*parcel));
  add(std::get<ObservedCall>(std::move(item)));
}

void Worker::open(std::unique_ptr<Parcel> parcel) {
  if (!analyst_ || !parcel) {
    stats_.add(Stat::kParcelsDropped);
    return;
  }
  analyst_->open(std::move(parcel), *this);
}

void Worker::on_call(ObservedCall&& call) {
  Body& result = call.result;
  if (hash_tokens_ && result.bytes.size() > kSmallResultBytes && !result.truncated) {
    result.hashed = hash_tokens_->take(result.bytes.size(), shared_.clock.now().monotonic);
    if (!result.hashed) stats_.add(Stat::kHashesSkipped);
  }
  if (!scrubber_) {
    stats_.add(Stat::kRecordsLost);  // Unscrubbed it may go nowhere.
    return;
  }
  add(std::move(call));
  // One parcel may conclude any number of calls.
  if (entries_.size() >= kBatchEntriesMax) deliver();
}

void Worker::add(ObservedCall&& call) {
  CallRecord record = scrubber_->scrub(std::move(call), capture_);
  if (!record.tap) record.tap = tap_;
  if (detector_) detector_->take(record, shared_.clock.now(), findings_);
  entries_.emplace_back(std::move(record));
  add_findings();
}

// All that is in them comes from records that have passed privacy.
void Worker::add_findings() {
  for (Event& event : findings_) entries_.emplace_back(std::move(event));
  findings_.clear();
}

void Worker::add(Event&& event) {
  if (!scrubber_) return;
  if (!event.tap) event.tap = tap_;
  scrubber_->scrub(event);
  desk_.note(event);
  entries_.emplace_back(std::move(event));
}

/// Offers what has been scrubbed, and what was said on the way.
void Worker::deliver() {
  for (;;) {
    for (Event& event : desk_.take_events()) add(std::move(event));
    for (Event& event : complaints_.take()) add(std::move(event));
    if (entries_.empty()) break;
    if (delivery_) delivery_->offer(entries_, shared_.clock.now());
    entries_.clear();
    desk_.touch();
  }
  shared_.settled.store(records_taken_, std::memory_order_relaxed);
}

void Worker::sleep() {
  Deadline until = std::min(desk_.deadline(), delivery_ ? delivery_->next_tick() : kNever);
  if (analyst_) until = std::min(until, analyst_->next_due());
  if (detector_) until = std::min(until, detector_->next_due());
  if (gather_until_) until = std::min(until, *gather_until_);
  const auto depth = gather_until_ ? Inbox::Sleep::kGathering : Inbox::Sleep::kIdle;
  if (!shared_.inbox.fall_asleep(depth)) return;

  polled_.clear();
  polled_.push_back({.fd = shared_.inbox.bell(), .events = POLLIN, .revents = 0});
  desk_.add_to(polled_);
  poll_until(polled_, until, shared_.clock.now().monotonic);
  shared_.inbox.awake();
  stats_.add(Stat::kRecorderWakeups);
  desk_.serve(std::span(polled_).subspan(1), shared_.clock.now());
}

}  // namespace sonde::recorder
