#include "aws/inputs.h"

#include <algorithm>

namespace sonde::aws {

const Config& Inputs::of(std::string_view server) const {
  const auto found = std::ranges::find(servers, server, &Config::server_name);
  return found == servers.end() ? common : *found;
}

std::string suffix_of(const Config& config) {
  if (!config.aws.suffix.empty()) return config.aws.suffix;
  if (config.environment == "production") return {};
  std::string suffix = "-" + config.environment;
  std::ranges::replace_if(
      suffix,
      [](char c) {
        return !((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'));
      },
      '-');
  return suffix;
}

std::chrono::seconds heartbeat_of(const Config& config) {
  constexpr std::chrono::seconds kPulses{30};
  const bool beats = config.alarms.heartbeat || !config.proxy.upstreams.empty();
  return beats ? kPulses : std::chrono::seconds(0);
}

std::vector<std::string> log_groups(const Config& config) {
  std::vector<std::string> groups;
  groups.push_back(config.aws.log_group.empty() ? "/mcp/" + config.environment
                                                : config.aws.log_group);
  const bool agent = !config.emf.agent_endpoint.empty() && !config.emf.log_group.empty();
  if (agent && config.emf.log_group != groups.front()) groups.push_back(config.emf.log_group);
  return groups;
}

}  // namespace sonde::aws
