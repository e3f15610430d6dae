#pragma once

#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/json_writer.h"
#include "base/stats.h"
#include "model/event.h"
#include "model/gauges.h"
#include "model/health.h"
#include "recorder/capture_switch.h"
#include "recorder/delivery.h"

namespace sonde::recorder {

/// What a tap says of itself: the stats document, in `<pid>.json` and over the control
/// socket (docs/formats/control.md).
struct TapStatus {
  pid_t pid = 0;
  std::uint64_t start_ticks = 0;
  std::string server;
  std::chrono::nanoseconds started_at{};
  std::string tap_version;
  std::vector<const Stats*> stats;  ///< Summed.
  const CaptureSwitch* capture = nullptr;
  std::optional<Gauges> gauges = {};  ///< Of a proxy.
  struct Server {
    std::string name;
    ServerState state = ServerState::kUnknown;
    std::string reason;
  };
  std::vector<Server> servers{};  ///< Those with a pulse.
  std::vector<SinkState> sinks;
  std::vector<std::string> config_faults;
};

/// Keeps what an event says of a server's health, if it says anything.
void note_health(TapStatus& status, const Event& event);

/// The document, on one line, without a newline.
std::string stats_document(const TapStatus& status, std::chrono::nanoseconds now_wall);

/// The member `"capture":{…}` of the document, and of the answer to a switch.
void write_capture(JsonWriter& json, const CaptureSwitch& capture);

}  // namespace sonde::recorder
