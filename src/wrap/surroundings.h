#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/random.h"
#include "trace_context/environment.h"

namespace sonde::wrap {

/// What the server is started with, and what that says to the tracker.
struct Surroundings {
  std::vector<std::string> environment;  ///< Of the server: all of it.
  std::vector<std::string> added;        ///< What of it is ours.
  trace_context::EnvContext context;
};

/// Reads our environment and adds to it, unless `inject` is false, SONDE_CORRELATION_ID
/// and TRACEPARENT where they are not set.
Surroundings surroundings_of(const std::vector<std::string>& environment, bool inject, Moment now,
                             Random& random);

/// The same for all wraps that one host process has started, and for no others: its id, its
/// start time and the boot.  Empty if there is no such process, or /proc is not there.
std::string host_session_id();

}  // namespace sonde::wrap
