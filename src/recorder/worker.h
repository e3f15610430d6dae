#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <vector>

#include "recorder/complaints.h"
#include "recorder/control_desk.h"
#include "recorder/delivery.h"
#include "recorder/inbox.h"
#include "recorder/recorder.h"
#include "recorder/token_bucket.h"

namespace sonde::recorder {

/// Among how many producers the rate of hashing is divided.
constexpr std::uint32_t hashing_producers(const Recorder::Options& options,
                                          std::uint32_t producers) noexcept {
  return producers > options.without_values ? producers - options.without_values : 1;
}

/// What the producers and the recorder's thread share.
// NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding): the inbox stands apart.
struct Shared {
  Shared(const Clock& clock_of_all, Recorder::Options chosen)
      : clock(clock_of_all),
        options(chosen),
        inbox({.records_max = chosen.queue_records_max, .bytes_max = chosen.queue_bytes_max}) {}

  const Clock& clock;
  const Recorder::Options options;
  Inbox inbox;
  std::vector<const Stats*> producer_stats;                  ///< Complete before the start.
  std::unique_ptr<DataPathSettings> settings;                ///< Of the recorder's thread, until …
  std::atomic<const DataPathSettings*> published = nullptr;  ///< … it stands here.
  std::atomic<bool> accepting = false;
  std::atomic<bool> stopping = false;
  std::atomic<bool> dead = false;          ///< Nobody pops any more.
  std::atomic<std::uint64_t> settled = 0;  ///< Records that the sinks have had.
};

/// The recorder's own thread: pops, scrubs, delivers, sleeps.
///
/// Threads.  Lives on that thread.  Blocking.  As setup and sinks do.
class Worker final : private mcp::CallListener {
 public:
  /// `shared` must outlive it.
  explicit Worker(Shared& shared);

  /// Sets up, then works until Shared::stopping; then brings to the sinks what waits.
  void run(const Recorder::Setup& setup);

 private:
  using Deadline = std::chrono::nanoseconds;

  void set_up(const Recorder::Setup& setup);
  void open_desk(const Outlets& outlets);
  bool gathered(Moment now);
  void settle();
  void take(Item&& item);
  void open(std::unique_ptr<Parcel> parcel);
  void add(ObservedCall&& call);
  void add(Event&& event);
  void end_analysis();
  void add_findings();
  // What the analyst concludes.
  void on_call(ObservedCall&& call) override;
  void on_event(Event&& event) override { add(std::move(event)); }
  void deliver();
  void sleep();

  Shared& shared_;
  Stats stats_;
  Complaints complaints_;
  ControlDesk desk_;
  std::shared_ptr<const TapIdentity> tap_;
  std::unique_ptr<privacy::Scrubber> scrubber_;
  std::unique_ptr<Analyst> analyst_;
  std::unique_ptr<thrash::Detector> detector_;
  std::vector<Event> findings_;             ///< Of the detector.
  std::optional<TokenBucket> hash_tokens_;  ///< For what the analyst concludes.
  privacy::Capture capture_;                ///< Of what is taken at present.
  std::optional<Delivery> delivery_;
  std::vector<sinks::Entry> entries_;  ///< On their way from the scrubber to the sinks.
  std::uint64_t records_taken_ = 0;
  std::optional<Deadline> gather_until_;
  std::vector<pollfd> polled_;
};

}  // namespace sonde::recorder
