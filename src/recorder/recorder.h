#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/shared_buffer.h"
#include "base/stats.h"
#include "model/config.h"
#include "model/event.h"
#include "model/observed_call.h"
#include "privacy/scrubber.h"
#include "sinks/sink.h"

namespace sonde::recorder {

/// What the data path needs to know of the configuration.
struct DataPathSettings {
  TraceConfig trace;
  WrapConfig wrap;
  LogConfig log;
  std::uint64_t hash_rate_bytes_max = 0;
};

/// All that is made from the configuration, on the recorder's own thread.
struct Outlets {
  DataPathSettings settings;
  std::shared_ptr<const TapIdentity> tap;
  std::unique_ptr<privacy::Scrubber> scrubber;
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

/// Results up to this size are hashed whatever the rate, and so are all arguments.
constexpr std::size_t kSmallResultBytes = 4096;

/// The thread behind the data path: takes what was observed, and brings it through
/// privacy to the sinks.
///
/// Purpose.  The only part of a tap that touches configuration files, disk, DNS and
/// sinks, so that none of them can hold up a session.
/// Limits.  WrapConfig::queue_records_max entries and queue_bytes_max bytes may wait;
/// what comes then is dropped and counted (Stat::kRecordsDropped, kHashesSkipped).  Of
/// results larger than kSmallResultBytes hash_rate_bytes_max are hashed per second.
/// Threads.  The owner's thread calls everything; `setup` and the sinks run on the
/// recorder's thread.  Blocking.  Only stop(), until its deadline.  The thread sleeps
/// without time-out while nothing is observed, and is woken once per batch, not once
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

  /// Hands over; false, and counted, if the queue is full or the thread never started.
  bool record(ObservedCall&& call) noexcept;
  bool record(Event&& event) noexcept;
  /// Whether the next bytes of a large value may be hashed: within the rate and the bytes
  /// that may wait.  False is counted, once for a value if the caller then gives it up.
  bool hash_budget(std::uint64_t bytes) noexcept;
  bool record(HashPiece&& piece) noexcept;

  /// Null until setup has finished; then valid as long as the Recorder.
  const DataPathSettings* settings() const noexcept;

  /// The counters of the data path; the recorder shows them with its own.
  Stats& stats() noexcept;

  /// Brings what waits to the sinks and ends the thread.  False if that took longer than
  /// until `deadline` (monotonic): the thread is then left behind, the caller must end the
  /// process by _exit, and what was left is counted.
  bool stop(std::chrono::nanoseconds deadline);

 private:
  struct State;
  std::shared_ptr<State> state_;  ///< Shared with a thread that was left behind.
};

}  // namespace sonde::recorder
