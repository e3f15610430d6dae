#include "wrap/life_events.h"

#include <sys/wait.h>

#include <utility>

namespace sonde::wrap {
namespace {

Event event_of(Event::Type type, const Life& life, std::chrono::nanoseconds at) {
  Event event;
  event.type = type;
  event.at = at;
  event.correlation_id = life.correlation_id;
  if (life.pid > 0) event.pid = life.pid;
  return event;
}

void measure(Event& event, Metric metric, double value) {
  event.measured.push_back({.metric = metric, .value = value});
}

}  // namespace

Event start_event(const Life& life) {
  Event event = event_of(Event::Type::kServerStart, life, life.started_at);
  event.command = life.command;
  event.environment = life.added;
  measure(event, Metric::kServerUp, 1);
  return event;
}

Event exit_event(const Life& life, End end, Moment now) {
  Event event = event_of(Event::Type::kServerExit, life, now.wall);
  event.uptime = now.wall - life.started_at;
  if (WIFSIGNALED(end.wait_status)) {
    event.signal = WTERMSIG(end.wait_status);
  } else {
    event.exit_code = WEXITSTATUS(end.wait_status);
  }
  event.message = how_it_ended(end.wait_status);
  event.last_stderr = std::move(end.last_stderr);
  if (end.asked_for) return event;
  measure(event, Metric::kServerUp, 0);
  if (!end.answered) measure(event, Metric::kConnectionFailures, 1);
  return event;
}

Event no_start_event(const Life& life, int exit_code, std::string message, Moment now) {
  Event event = event_of(Event::Type::kServerExit, life, now.wall);
  event.command = life.command;
  event.environment = life.added;
  event.exit_code = exit_code;
  event.message = std::move(message);
  measure(event, Metric::kServerUp, 0);
  measure(event, Metric::kConnectionFailures, 1);
  return event;
}

Event restarted_event(const Life& life, std::uint32_t restarts, std::string why, Moment now) {
  Event event = event_of(Event::Type::kServerRestarted, life, now.wall);
  event.count = restarts;
  event.message = std::move(why);
  event.health = HealthFacts{.state = ServerState::kUp, .state_lost = "unknown"};
  measure(event, Metric::kServerRestarts, 1);
  measure(event, Metric::kServerUp, 1);
  return event;
}

std::string how_it_ended(int wait_status) {
  if (WIFSIGNALED(wait_status)) {
    return "the server was ended by signal " + std::to_string(WTERMSIG(wait_status));
  }
  return "the server ended with exit code " + std::to_string(WEXITSTATUS(wait_status));
}

}  // namespace sonde::wrap
