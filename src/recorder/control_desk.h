#pragma once

#include <poll.h>

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/stats.h"
#include "recorder/capture_switch.h"
#include "recorder/complaints.h"
#include "recorder/control_request.h"
#include "recorder/control_socket.h"
#include "recorder/stats_file.h"
#include "recorder/tap_status.h"

namespace sonde::recorder {

/// Where the user of a running tap sees how it is doing, and switches content capture:
/// the socket, the stats file, and the switch behind them.
///
/// Threads.  One owner, whose poll loop it lives in.  Blocking.  As the folder's disk.
/// Failure.  A socket or file that cannot be had is one complaint; the rest works on.
class ControlDesk {
 public:
  struct Hooks {
    /// Brings to its end what came before a request, so that the answer counts it and a
    /// switch applies to what comes after it only.
    std::function<void()> settle;
    std::function<std::vector<SinkState>()> sinks;
    std::function<std::optional<Gauges>()> gauges;
  };

  /// `stats` (of the owner's thread) and `complaints` must outlive it.
  ControlDesk(Stats& stats, Complaints& complaints, Hooks hooks);

  /// Opens socket and file in `dir`.  Without this call there is only the switch, off.
  void open(const std::string& dir, TapStatus status, Moment now);

  /// Whether the content of a call that is scrubbed now is kept.
  privacy::Capture capture(Moment now) const noexcept {
    return capture_.expired(now) ? privacy::Capture() : capture_.state();
  }
  /// For the document.
  void note(const Event& event) { note_health(status_, event); }
  /// The counters have changed.
  void touch() noexcept;

  void add_to(std::vector<pollfd>& polled) const;
  /// REQUIRES: `polled` is what the last add_to() appended.
  void serve(std::span<const pollfd> polled, Moment now);
  /// Does what is due: ends capture, writes the file.
  void tick(Moment now);
  std::chrono::nanoseconds deadline() const noexcept;

  /// What was switched since the last call.
  std::vector<Event> take_events();

 private:
  std::string answer(std::string_view line, ControlPeer peer, Moment now);
  std::string apply(const CaptureRequest& request, ControlPeer peer, Moment now);
  void note(Event::Type type, std::string message, Moment now);
  std::string document(Moment now);

  Stats& stats_;
  Complaints& complaints_;
  const Hooks hooks_;
  TapStatus status_;
  CaptureSwitch capture_;
  std::unique_ptr<ControlSocket> socket_;
  std::unique_ptr<StatsFile> file_;
  std::vector<Event> events_;
};

}  // namespace sonde::recorder
