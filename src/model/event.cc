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
  }
  return "";
}

}  // namespace sonde
