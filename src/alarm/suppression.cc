#include "alarm/suppression.h"

#include <utility>

namespace sonde::alarm {

std::optional<State> Suppression::advance(std::chrono::seconds now) {
  if (!ends_at_ || now < *ends_at_) return {};
  ends_at_.reset();
  period_ = Reason::kNone;
  if (!std::exchange(pending_, false)) return {};
  return state_;
}

void Suppression::composite_changed(State state, std::chrono::seconds now) {
  state_ = state;
  pending_ = true;
  if (suppressing_) return;
  period_ = Reason::kWaitPeriod;
  ends_at_ = now + options_.wait;
}

void Suppression::suppressor_changed(State state, std::chrono::seconds now) {
  const bool suppresses = state == State::kAlarm;
  if (suppresses == std::exchange(suppressing_, suppresses)) return;
  if (suppresses) {
    period_ = Reason::kNone;
    ends_at_.reset();
    return;
  }
  period_ = Reason::kExtensionPeriod;
  ends_at_ = now + options_.extension;
}

Suppression::Reason Suppression::suppressed_by() const noexcept {
  if (!pending_) return Reason::kNone;
  return suppressing_ ? Reason::kAlarm : period_;
}

std::string_view to_string(Suppression::Reason reason) noexcept {
  switch (reason) {
    case Suppression::Reason::kNone:
      return "";
    case Suppression::Reason::kWaitPeriod:
      return "WaitPeriod";
    case Suppression::Reason::kExtensionPeriod:
      return "ExtensionPeriod";
    case Suppression::Reason::kAlarm:
      return "Alarm";
  }
  return "";
}

}  // namespace sonde::alarm
