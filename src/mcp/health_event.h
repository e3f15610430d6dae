#pragma once

#include <chrono>
#include <optional>

#include "mcp/server_health.h"
#include "model/event.h"

namespace sonde::mcp {

/// "server.pulse": what a pulse found out, as metrics: ServerUp (nothing while nobody knows),
/// ConnectionFailures, and PulseDuration if there was an answer.  `health` has taken `result`.
Event pulse_event(const ServerHealth& health, const PulseResult& result,
                  std::chrono::nanoseconds at);

/// "server.healthy" or "server.unhealthy", by `health`, which has just changed.
Event health_event(const ServerHealth& health, const PulseResult& result,
                   std::chrono::nanoseconds at);

}  // namespace sonde::mcp
