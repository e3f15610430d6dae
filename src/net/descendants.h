#pragma once

#include <sys/types.h>

#include <vector>

namespace sonde::net {

/// All living descendants of a process, whatever session or group they have put
/// themselves into, as far as /proc shows them.  Takes a few milliseconds.
std::vector<pid_t> descendants_of(pid_t ancestor);

/// Sends `signal` to each.
void signal_all(const std::vector<pid_t>& processes, int signal) noexcept;

}  // namespace sonde::net
