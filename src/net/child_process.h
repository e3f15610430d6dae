#pragma once

#include <sys/types.h>

#include <expected>
#include <string>
#include <vector>

#include "base/fd.h"

namespace sonde::net {

struct ChildCommand {
  std::vector<std::string> arguments;    ///< argv; the first is looked up in PATH.
  std::vector<std::string> environment;  ///< "NAME=value" each: all of it.
  int errors = -1;  ///< Becomes its stderr, and stays the caller's; -1: a pipe is made.
};

/// Our ends of a child's three streams.  They do not block.
struct ChildProcess {
  pid_t pid = 0;
  Fd input;   ///< Its stdin, for writing.
  Fd output;  ///< Its stdout, for reading.
  Fd errors;  ///< Its stderr, for reading; none if the caller has given one.
};

struct SpawnFailure {
  int exit_code = 0;          ///< 126 or 127, as a shell would say.
  bool system_lacks = false;  ///< Not the program is at fault: no process, no descriptor.
  std::string message;        ///< One line for a person.
};

/// Starts a program as our child, in a process group of its own.
///
/// Purpose.  No shell; every descriptor above 2 closed; default signal dispositions and no
/// signal blocked, but an ignored SIGHUP (nohup) stays so; SIGKILL when the calling thread
/// dies, however it dies (PR_SET_PDEATHSIG).  Orphans among its descendants become our
/// children (PR_SET_CHILD_SUBREAPER), so that none can get out of sight.
/// Threads.  The main thread; what other threads hold does not matter to the child.
/// Blocking.  Until the program has been loaded, or could not be.
/// Failure.  Leaves no process and no descriptor behind.
std::expected<ChildProcess, SpawnFailure> spawn_child(const ChildCommand& command);

}  // namespace sonde::net
