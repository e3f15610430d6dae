#pragma once

#include <chrono>

#include "aws/inputs.h"

namespace sonde::aws {

/// Nothing configured.
inline Inputs production() {
  Inputs inputs;
  inputs.common.environment = "production";
  return inputs;
}

/// Every kind of alarm, of the environment, a server and a tool.
inline Inputs everything() {
  Inputs inputs = production();
  Config& config = inputs.common;
  config.emf.dimensions.push_back({"ServerName", "Environment"});
  config.alarms.servers = {"search"};
  config.alarms.tools = {"search/query"};
  config.alarms.p50_max = std::chrono::milliseconds(200);
  config.alarms.capacity_cps = 50;
  config.alarms.max_sessions = 100;
  config.proxy.upstreams = {"search=http://127.0.0.1:3001"};
  inputs.servers = {config};
  inputs.servers.front().server_name = "search";
  return inputs;
}

}  // namespace sonde::aws
