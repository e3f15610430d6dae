#pragma once

#include <chrono>
#include <optional>
#include <string_view>

#include "alarm/definition.h"

namespace sonde::alarm {

/// Holds back the actions of a composite alarm while another alarm (its suppressor) says
/// that the cause is known.
///
/// Purpose.  When the composite changes its state, its action waits: if the suppressor goes
/// to ALARM within the wait period, the action is held until an extension period after the
/// suppressor has left ALARM.  Then the action of the state at that time is performed, if
/// that of the last change was not.
/// Time.  Any clock that does not go back; calls are in its order, advance() before the
/// event of the same moment.
class Suppression {
 public:
  enum class Reason { kNone, kWaitPeriod, kExtensionPeriod, kAlarm };

  struct Options {
    std::chrono::seconds wait{60};
    std::chrono::seconds extension{60};
  };

  explicit Suppression(Options options) : options_(options) {}

  /// The state whose action is due now, because a period has ended.
  std::optional<State> advance(std::chrono::seconds now);

  void composite_changed(State state, std::chrono::seconds now);
  void suppressor_changed(State state, std::chrono::seconds now);

  /// When advance() has something to do; nothing: not before another event.
  std::optional<std::chrono::seconds> next() const noexcept { return ends_at_; }
  /// Why an action is held back: ActionsSuppressedBy.
  Reason suppressed_by() const noexcept;

 private:
  Options options_;
  State state_ = State::kInsufficientData;
  bool pending_ = false;      ///< The action of the last change was not performed.
  bool suppressing_ = false;  ///< The suppressor is in ALARM.
  Reason period_ = Reason::kNone;
  std::optional<std::chrono::seconds> ends_at_;
};

/// "WaitPeriod", "ExtensionPeriod", "Alarm"; empty for kNone.
std::string_view to_string(Suppression::Reason reason) noexcept;

}  // namespace sonde::alarm
