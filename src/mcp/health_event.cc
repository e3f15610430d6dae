#include "mcp/health_event.h"

namespace sonde::mcp {
namespace {

using Kind = PulseResult::Kind;

bool answered(const PulseResult& result) noexcept {
  return result.kind == Kind::kAnswer || result.kind == Kind::kStatus;
}

HealthFacts facts_of(const ServerHealth& health, const PulseResult& result) {
  HealthFacts facts;
  facts.state = health.state();
  if (answered(result)) {
    facts.answered_in = result.took;
    facts.http_status = result.http_status;
  }
  facts.failures = health.failures();
  facts.missing_tools = result.missing_tools;
  return facts;
}

}  // namespace

Event pulse_event(const ServerHealth& health, const PulseResult& result,
                  std::chrono::nanoseconds at) {
  Event event;
  event.type = Event::Type::kServerPulse;
  event.at = at;
  event.health = facts_of(health, result);
  if (health.failing()) event.message = describe(result);
  if (const auto up = health.up()) {
    event.measured.push_back({.metric = Metric::kServerUp, .value = *up ? 1.0 : 0.0});
  }
  event.measured.push_back(
      {.metric = Metric::kConnectionFailures, .value = health.failing() ? 1.0 : 0.0});
  if (answered(result)) {
    const std::chrono::duration<double, std::milli> took = result.took;
    event.measured.push_back({.metric = Metric::kPulseDuration, .value = took.count()});
  }
  return event;
}

Event health_event(const ServerHealth& health, const PulseResult& result,
                   std::chrono::nanoseconds at) {
  Event event;
  event.type = health.state() == ServerState::kUp ? Event::Type::kServerHealthy
                                                  : Event::Type::kServerUnhealthy;
  event.at = at;
  event.health = facts_of(health, result);
  event.message = health.reason();
  return event;
}

}  // namespace sonde::mcp
