#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <vector>

#include "model/config.h"

namespace sonde::aws {

/// What everything here is made from: the configuration that the taps have.
struct Inputs {
  Config common;  ///< Resolved.
  /// Of each server that alarms.servers and alarms.tools name: the same with what stands
  /// below `servers: NAME:`.  In the order of alarms.servers, then of alarms.tools.
  std::vector<Config> servers;

  /// That of a server; `common` if there is none.
  const Config& of(std::string_view server) const;
};

/// The end of all names: aws.suffix, else "" in production, else "-<environment>" with
/// anything but letters, digits and dashes as dashes.
std::string suffix_of(const Config& config);

/// How often ServerUp comes of a server that is there; 0: only when one starts or ends.
std::chrono::seconds heartbeat_of(const Config& config);

/// The log groups that metric lines come to: that of the taps' lines, and that of the agent
/// if there is one.
std::vector<std::string> log_groups(const Config& config);

}  // namespace sonde::aws
