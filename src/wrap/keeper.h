#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <deque>
#include <optional>
#include <string>

#include "base/backoff.h"
#include "base/fd.h"
#include "base/loop_clock.h"
#include "mcp/server_health.h"
#include "model/config.h"
#include "net/child_process.h"
#include "wrap/conversation.h"
#include "wrap/life_events.h"
#include "wrap/line_lane.h"
#include "wrap/session.h"
#include "wrap/stderr_tap.h"

namespace sonde::wrap {

/// Keeps a server for its client: asks it how it is, and starts it again when it has crashed.
///
/// Purpose.  What --pulse and --restart switch on.  It stands between the lanes of wrap and the
/// server, so that neither they nor the tracker see what is ours; without the switches it is not
/// there.
///
///     client ══ lanes, tracker ══ pipes ══ Keeper: LineLane, Conversation ══ server
///
/// When the server has crashed: what it still said goes on; what was open is answered with an
/// error; what it has left running is killed; after a back-off a new one is started, told how the
/// session began, and its client is told that state may be lost.  What the client says meanwhile
/// waits.
/// Limits.  WrapConfig::restarts_max within kWindow; kReplayMax for the new server's first answer.
/// Lifetime.  What Parts refers to outlives it.  Threads.  The main thread.
/// Blocking.  As net::spawn_child, and kills.
class Keeper {
 public:
  static constexpr std::chrono::nanoseconds kWindow = std::chrono::minutes(10);
  static constexpr std::chrono::nanoseconds kReplayMax = std::chrono::seconds(60);

  struct Parts {
    net::ChildCommand command;
    Fd errors;  ///< What `command` has as stderr.
    Life life;  ///< Of the first server.
    Session& session;
    StderrTap& stderr_tap;
    const LoopClock& clock;
    Random& random;
    net::StreamEnd from_client{};  ///< Of pipes to the other lanes.
    net::StreamEnd to_client{};
  };

  Keeper(Parts parts, const WrapConfig& config, const PulseConfig& pulse,
         Conversation::Options conversation);

  /// Takes the first server's streams.
  void adopt(net::ChildProcess child);

  Lane& to_server() noexcept { return to_server_; }
  Lane& to_client() noexcept { return to_client_; }

  /// 0 while there is none.
  pid_t server() const noexcept {
    return phase_ == Phase::kRunning || phase_ == Phase::kReplaying ? parts_.life.pid : 0;
  }
  const Life& life() const noexcept { return parts_.life; }

  /// The server has ended.  False if that is the end; else another one will come.
  bool server_ended(int wait_status);
  /// The client has gone, or wants an end: nothing is started any more.
  void client_gone();
  /// No server is there any more, and none will come.
  bool over() const noexcept { return phase_ == Phase::kOver; }
  int last_status() const noexcept { return last_status_; }
  /// Whether the end of the last server has been told already.
  bool end_told() const noexcept { return end_told_; }
  bool server_heard() const noexcept { return conversation_.server_heard(); }

  /// Does what is due; to be called whenever anything has happened.
  void step();
  std::chrono::nanoseconds next_due() const;

 private:
  using Time = std::chrono::nanoseconds;
  enum class Phase : std::uint8_t {
    kRunning,
    kDying,      ///< The server has ended; what it said is still on its way.
    kWaiting,    ///< For the time to start another.
    kReplaying,  ///< The new one does not know the session yet.
    kOver,
  };

  void learn_limits();
  bool may_restart() const noexcept;
  void pass_ends_on(Time now);
  void ask(Moment now);
  void take(const mcp::PulseResult& result, Moment now);
  void await_last_words(Moment now);
  void bury(Moment now);
  void start(Moment now);
  void finish_start(Moment now);
  void give_up();
  void kill_server();

  Parts parts_;
  WrapConfig config_;
  PulseConfig pulse_;
  bool limits_known_ = false;
  Conversation conversation_;
  LineLane to_server_;
  LineLane to_client_;
  mcp::ServerHealth health_;
  Backoff backoff_;
  std::deque<Time> restarts_;  ///< Within kWindow.
  std::uint32_t restarts_in_all_ = 0;

  Phase phase_ = Phase::kRunning;
  Time due_ = Time::max();         ///< Of the phase.
  Time linger_due_ = Time::max();  ///< A stream has ended, its server has not.
  Time pulse_due_ = Time::max();
  std::optional<Time> pulse_sent_;
  int last_status_ = 0;
  std::string why_;  ///< The server has ended.
  bool hung_ = false;
  bool client_gone_ = false;
  bool end_told_ = false;
};

}  // namespace sonde::wrap
