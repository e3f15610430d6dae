#pragma once

#include <chrono>
#include <cstdint>

#include "model/config.h"

namespace sonde::wrap {

/// When to be how insistent with a server that is to end: pure, so that tests can tell
/// the time.
///
/// Purpose.  The client has gone: the server's stdin is closed, and it has eof_grace to
/// end by itself; then comes SIGTERM, after kill_grace SIGKILL, and after give_up we stop
/// waiting.  A SIGTERM for us starts at its place in that order.
class Shutdown {
 public:
  using Time = std::chrono::nanoseconds;

  enum class Action : std::uint8_t {
    kNothing,
    kTerminate,  ///< SIGTERM to all descendants who were not sent it yet, again and again.
    kKill,       ///< SIGKILL to all descendants, again and again: they may be forking.
    kGiveUp,
  };

  explicit Shutdown(const WrapConfig& limits) noexcept { set_limits(limits); }
  /// Holds for the stage at hand too, from its beginning.
  void set_limits(const WrapConfig& limits) noexcept;

  void client_gone(Time now) noexcept;
  /// The server has been sent SIGTERM on somebody's behalf.
  void terminated(Time now) noexcept;
  /// The server itself has ended, descendants of it have not.
  void server_gone(Time now) noexcept;

  /// What is due: kTerminate every ask_again, kKill every kill_again, the rest once.
  Action due(Time now) noexcept;
  /// When due() wants to be asked next; max() for never.
  Time next() const noexcept { return next_; }
  /// Whether the end has been asked for.
  bool begun() const noexcept { return stage_ != Stage::kRunning; }
  /// Whether SIGKILL has been sent.
  bool killing() const noexcept { return stage_ == Stage::kKilling; }

 private:
  enum class Stage : std::uint8_t { kRunning, kAsked, kTerminating, kKilling };
  static constexpr Time kNever = Time::max();
  static constexpr Time kAskAgain = std::chrono::milliseconds(100);
  static constexpr Time kKillAgain = std::chrono::milliseconds(20);
  static constexpr Time kGiveUp = std::chrono::milliseconds(250);

  Stage stage_ = Stage::kRunning;
  Time since_{};  ///< When the stage began.
  Time next_ = kNever;
  Time kill_at_ = kNever;
  Time give_up_at_ = kNever;
  Time eof_grace_{};
  Time kill_grace_{};
};

}  // namespace sonde::wrap
