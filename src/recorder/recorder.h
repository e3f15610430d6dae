#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/clock.h"
#include "base/shared_buffer.h"
#include "base/stats.h"
#include "model/config.h"
#include "model/event.h"
#include "model/observed_call.h"
#include "privacy/scrubber.h"
#include "recorder/analyst.h"
#include "sinks/sink.h"
#include "thrash/detector.h"

namespace sonde::recorder {

/// The calls that are denied because an agent goes in circles, and the key that the hashes in
/// them are made with.
struct Denials {
  explicit Denials(privacy::HashKey hash_key, std::string server_name = {}, bool raw_ids = false)
      : key(std::move(hash_key)), server(std::move(server_name)), raw_session_id(raw_ids) {}

  thrash::DenyTable table;  ///< Written by the recorder's thread.
  const privacy::HashKey key;
  const std::string server;   ///< The one that `wrap` taps.
  const bool raw_session_id;  ///< PrivacyConfig::raw_session_id.
};

/// What the data path needs to know of the configuration.
struct DataPathSettings {
  TraceConfig trace;
  WrapConfig wrap;
  LogConfig log;
  PulseConfig pulse;
  bool metrics = false;  ///< Whether any are written.
  std::uint64_t hash_rate_bytes_max = 0;
  /// What is denied at present; null: nothing ever is.
  std::shared_ptr<const Denials> denials;
};

/// All that is made from the configuration, on the recorder's own thread.
struct Outlets {
  DataPathSettings settings;
  std::shared_ptr<const TapIdentity> tap;
  std::unique_ptr<privacy::Scrubber> scrubber;
  std::unique_ptr<Analyst> analyst;  ///< Null: parcels are lost, and counted.
  /// Sees the calls once they have passed privacy; null: nobody looks for thrash.
  std::unique_ptr<thrash::Detector> detector;
  std::vector<std::unique_ptr<sinks::Sink>> sinks;
  std::string control_dir;                 ///< Empty: no control socket, no stats file.
  std::vector<Event> first_events;         ///< For example that the configuration has a fault.
  std::vector<std::string> config_faults;  ///< One sentence each, for the stats file.
};

/// Bytes of one large value on their way to the hash.
struct HashPiece {
  std::uint64_t stream = 0;  ///< Body::hash_stream of the call that owns the value.
  SharedBuffer buffer;
  std::string_view bytes;  ///< Lie in `buffer`.

  /// Where memory does not suffice, a piece without bytes, which record() refuses.
  static HashPiece copy_of(std::uint64_t stream, std::string_view bytes) noexcept;
};

/// What one thread of the data path hands to the recorder.
///
/// Purpose.  Each producing thread has its own, so that none waits for another: its own
/// counters, and its own share of hash_rate_bytes_max.
/// Order.  Over all producers that of the calls of record(): what one thread recorded before
/// it caused something that another one records comes first.
/// Lifetime.  That of its Recorder.  Threads.  One at a time.
class Producer {
 public:
  /// Hands over; false, and counted, if the queue is full or the recorder's thread does not
  /// run.  Moves from its argument only if it returns true.
  bool record(ObservedCall&& call) noexcept;
  bool record(Event&& event) noexcept;
  bool record(std::unique_ptr<Parcel>&& parcel) noexcept;
  bool record(HashPiece&& piece) noexcept;
  /// Whether the next bytes of a large value may be hashed: within the rate and the bytes
  /// that may wait.  False is counted, once for a value if the caller then gives it up.
  bool hash_budget(std::uint64_t bytes) noexcept;

  /// The counters of this thread; the recorder shows their sum with its own.
  Stats& stats() noexcept;
  /// As Recorder::settings().
  const DataPathSettings* settings() const noexcept;

 private:
  friend class Recorder;
  struct State;
  explicit Producer(State* state) : state_(state) {}
  State* state_;
};

/// Results up to this size are hashed whatever the rate, and so are all arguments.
constexpr std::size_t kSmallResultBytes = 4096;

/// The thread behind the data path: takes what was observed, and brings it through
/// privacy to the sinks.
///
/// Purpose.  The only part of a tap that touches configuration files, disk, DNS and
/// sinks, so that none of them can hold up a session.
/// Limits.  Options::queue_records_max entries and queue_bytes_max bytes may wait;
/// what comes then is dropped and counted (Stat::kRecordsDropped, kParcelsDropped,
/// kHashesSkipped).  Of results larger than kSmallResultBytes hash_rate_bytes_max are hashed
/// per second.
/// Threads.  The owner's thread calls everything, and is the first producer; other threads
/// use producers of their own, after start() and until before stop().  `setup`, the analyst
/// and the sinks run on the recorder's thread.  Blocking.  Only stop(), until its deadline.  The
/// thread sleeps without time-out while nothing is observed, and is woken once per batch, not once
/// per message.
/// Failure.  None reaches the session: faults become events, Stats and one line on
/// stderr.
class Recorder {
 public:
  /// Makes the outlets; the Stats are those of the recorder's thread, for scrubber and
  /// sinks to count in, and outlive both.
  using Setup = std::function<Outlets(Stats&)>;

  struct Options {
    std::uint32_t queue_records_max = WrapConfig{}.queue_records_max;
    std::uint64_t queue_bytes_max = WrapConfig{}.queue_bytes_max;
    std::uint32_t producers = 1;       ///< At least 1: the owner's.
    std::uint32_t without_values = 0;  ///< The last so many of them see no large values.
    std::string_view end_reason = "proxy_stopped";  ///< Analyst::end(); lives for ever.
    /// How long a batch may gather after the first entry has woken the thread.
    std::chrono::milliseconds gather{50};
    int stderr_fd = 2;  ///< Where complaints go.
  };

  Recorder(Setup setup, const Clock& clock, Options options);
  ~Recorder();
  Recorder(const Recorder&) = delete;
  Recorder& operator=(const Recorder&) = delete;

  /// Starts the thread.  False if the system gives none: the tap is then a plain pipe.
  bool start();

  /// REQUIRES: `index` < Options::producers.
  Producer producer(std::size_t index) noexcept;

  // Of the first producer.
  bool record(ObservedCall&& call) noexcept { return producer(0).record(std::move(call)); }
  bool record(Event&& event) noexcept { return producer(0).record(std::move(event)); }
  bool record(HashPiece&& piece) noexcept { return producer(0).record(std::move(piece)); }
  bool hash_budget(std::uint64_t bytes) noexcept { return producer(0).hash_budget(bytes); }
  Stats& stats() noexcept { return producer(0).stats(); }

  /// Null until setup has finished; then valid as long as the Recorder.
  const DataPathSettings* settings() const noexcept;

  /// Brings what waits to the sinks and ends the thread.  False if that took longer than
  /// until `deadline` (monotonic): the thread is then left behind, the caller must end the
  /// process by _exit, and what was left is counted.
  bool stop(std::chrono::nanoseconds deadline);

 private:
  struct State;
  std::shared_ptr<State> state_;  ///< Shared with a thread that was left behind.
};

}  // namespace sonde::recorder
