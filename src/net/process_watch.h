#pragma once

#include <sys/types.h>

#include "base/fd.h"

namespace sonde::net {

/// A descriptor that becomes readable when the process that started us ends.  Empty if
/// it has gone already, or the kernel cannot tell (before Linux 5.3).
Fd watch_parent();

/// Whether somebody has stopped the process (SIGSTOP), or traces it, so that it does nothing.
bool is_stopped(pid_t process) noexcept;

}  // namespace sonde::net
