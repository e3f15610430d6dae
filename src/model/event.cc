#include "model/event.h"

namespace sonde {

std::string_view to_string(Event::Type type) noexcept {
  switch (type) {
    case Event::Type::kServerStart:
      return "server.start";
    case Event::Type::kServerExit:
      return "server.exit";
    case Event::Type::kServerNoise:
      return "server.noise";
    case Event::Type::kToolPending:
      return "tool.pending";
    case Event::Type::kToolStart:
      return "tool.start";
    case Event::Type::kTapDegraded:
      return "tap.degraded";
    case Event::Type::kCaptureOn:
      return "capture.on";
    case Event::Type::kCaptureOff:
      return "capture.off";
    case Event::Type::kGauges:
      return "tap.gauges";
    case Event::Type::kServerUnhealthy:
      return "server.unhealthy";
    case Event::Type::kServerHealthy:
      return "server.healthy";
    case Event::Type::kServerRestarted:
      return "server.restarted";
    case Event::Type::kServerUnreached:
      return "server.unreached";
    case Event::Type::kServerPulse:
      return "server.pulse";
    case Event::Type::kThrash:
      return "agent.thrash";
    case Event::Type::kTurnEnd:
      return "agent.turn";
    case Event::Type::kContextHigh:
      return "agent.context";
  }
  return "";
}

std::string_view to_string(ThrashEvidence::Pattern pattern) noexcept {
  switch (pattern) {
    case ThrashEvidence::Pattern::kRepeat:
      return "repeat";
    case ThrashEvidence::Pattern::kCycle:
      return "cycle";
    case ThrashEvidence::Pattern::kFailure:
      return "failure";
    case ThrashEvidence::Pattern::kPoll:
      return "poll";
  }
  return "";
}

}  // namespace sonde
