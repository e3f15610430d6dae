#pragma once

#include <sys/types.h>

#include <array>
#include <chrono>
#include <optional>
#include <vector>

#include <poll.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/loop_clock.h"
#include "net/signals.h"
#include "wrap/keeper.h"
#include "wrap/lane.h"
#include "wrap/session.h"
#include "wrap/shutdown.h"

namespace sonde::wrap {

/// Runs the lanes until the server has ended, and sees to it that it does when it should.
///
/// Purpose.  The one loop of `wrap`: waits for bytes, signals, the parent's death and the
/// clock.  Passes signals on, reaps every descendant, and after the client has gone leaves
/// none behind (Shutdown).
/// Lifetime.  What Parts refers to outlives it.  Threads.  The main thread.
class Supervisor {
 public:
  struct Parts {
    Lane& to_server;
    Lane& to_client;
    Lane* errors = nullptr;    ///< The server's stderr, if it has no thread.
    Keeper* keeper = nullptr;  ///< Between the lanes and the server, if switched on.
    Session& session;
    net::SignalReader& signals;
    Fd parent;  ///< As of net::watch_parent().
    pid_t server = 0;
    bool input_is_file = false;  ///< Its end is no client's farewell.
    const LoopClock& clock;
  };

  struct Outcome {
    int wait_status = 0;  ///< Of the server, as waitpid(2) gives it.
    bool client_left = false;
    bool asked_for = false;  ///< By the client, or by a signal to us.
  };

  Supervisor(Parts parts, const WrapConfig& limits);

  Outcome run();

 private:
  enum Slot : std::size_t {
    kToServer,
    kToClient,
    kSignals,
    kParent,
    kErrors,
    kKeptIn,
    kKeptOut,
    kSlots
  };

  bool done() const;
  void wait();
  void fill_slots();
  std::optional<std::chrono::nanoseconds> time_left();
  void advance_lanes();
  void advance_keeper();
  void expect_no_server();
  void on_client_gone();
  void on_parent_gone();
  void handle_signals();
  void pass_on(int signal);
  void ask_to_end();
  void kill_all();
  void reap();
  void on_time();
  void apply_limits();

  Parts parts_;
  Shutdown shutdown_;
  std::array<pollfd, kSlots> slots_{};
  std::vector<pid_t> asked_;  ///< Descendants who have had their SIGTERM; sorted.
  std::optional<int> status_;
  bool heard_client_ = false;  ///< A byte has come from it.
  bool client_left_ = false;
  bool client_dead_ = false;
  bool childless_ = false;  ///< No descendant is left.
  bool gave_up_ = false;
  bool limits_known_ = false;
  bool moved_ = false;      ///< Bytes were read since the last wait.
  bool timed_out_ = false;  ///< The last wait ended by the clock.
  bool overdue_ = false;    ///< Something is due by the clock, whatever poll() finds.
};

}  // namespace sonde::wrap
