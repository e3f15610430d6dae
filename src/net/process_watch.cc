#include "net/process_watch.h"

#include <sys/syscall.h>
#include <unistd.h>

namespace sonde::net {

Fd watch_parent() {
  const pid_t parent = getppid();
  if (parent <= 1) return {};
  Fd fd(static_cast<int>(syscall(SYS_pidfd_open, parent, 0)));
  // It may have died, and its number may be somebody else's by now.
  if (getppid() != parent) return {};
  return fd;
}

}  // namespace sonde::net
