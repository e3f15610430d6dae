#pragma once

#include <sys/types.h>

#include <cstdint>
#include <string>
#include <vector>

#include "base/clock.h"
#include "model/event.h"

namespace sonde::wrap {

/// What is told of a server's life.
struct Life {
  std::vector<std::string> command;
  std::vector<std::string> added;  ///< To its environment.
  std::string correlation_id;
  pid_t pid = 0;
  std::chrono::nanoseconds started_at{};  ///< By the wall clock.
};

/// How a life has ended.
struct End {
  int wait_status = 0;     ///< As waitpid(2) gives it.
  bool asked_for = false;  ///< By the client, or by whoever has ended us.
  bool answered = true;    ///< It had answered something.
  std::vector<std::string> last_stderr;
};

/// "server.start", and that the server is up.
Event start_event(const Life& life);
/// "server.exit"; unless it was asked for, that the server is down.
Event exit_event(const Life& life, End end, Moment now);
/// The same of a server that could not be started.
Event no_start_event(const Life& life, int exit_code, std::string message, Moment now);
/// "server.restarted": `life` is of the new server.
Event restarted_event(const Life& life, std::uint32_t restarts, std::string why, Moment now);

/// "the server was ended by signal 9"
std::string how_it_ended(int wait_status);

}  // namespace sonde::wrap
