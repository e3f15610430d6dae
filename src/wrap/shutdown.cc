#include "wrap/shutdown.h"

#include <algorithm>

namespace sonde::wrap {

void Shutdown::set_limits(const WrapConfig& limits) noexcept {
  eof_grace_ = limits.eof_grace;
  kill_grace_ = limits.kill_grace;
  if (stage_ == Stage::kAsked && next_ != since_) next_ = since_ + eof_grace_;
  if (stage_ != Stage::kTerminating) return;
  kill_at_ = since_ + kill_grace_;
  next_ = std::min(next_, kill_at_);
}

void Shutdown::client_gone(Time now) noexcept {
  if (stage_ != Stage::kRunning) return;
  stage_ = Stage::kAsked;
  since_ = now;
  next_ = now + eof_grace_;
}

void Shutdown::terminated(Time now) noexcept {
  if (stage_ != Stage::kRunning && stage_ != Stage::kAsked) return;
  stage_ = Stage::kTerminating;
  since_ = now;
  kill_at_ = now + kill_grace_;
  next_ = std::min(now + kAskAgain, kill_at_);
}

void Shutdown::server_gone(Time now) noexcept {
  // The grace was for the server; it leaves only what it has left behind.
  if (stage_ == Stage::kAsked) since_ = next_ = now;
}

Shutdown::Action Shutdown::due(Time now) noexcept {
  if (now < next_) return Action::kNothing;
  switch (stage_) {
    case Stage::kRunning:
      return Action::kNothing;
    case Stage::kAsked:
      terminated(now);
      return Action::kTerminate;
    case Stage::kTerminating:
      if (now < kill_at_) {
        next_ = std::min(now + kAskAgain, kill_at_);
        return Action::kTerminate;
      }
      stage_ = Stage::kKilling;
      give_up_at_ = now + kGiveUp;
      break;
    case Stage::kKilling:
      if (now >= give_up_at_) {
        next_ = kNever;
        return Action::kGiveUp;
      }
      break;
  }
  next_ = std::min(now + kKillAgain, give_up_at_);
  return Action::kKill;
}

}  // namespace sonde::wrap
