#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "aws/collector.h"
#include "base/result.h"
#include "config/load.h"

namespace sonde::aws {

/// CloudWatch's agent; by version, as the collector.
inline constexpr std::string_view kAgentImage = "amazon/cloudwatch-agent:1.300061.0b1289";

/// A variable of a container's environment.
using Variable = std::pair<std::string, std::string>;

/// The configuration as variables of a container, and what of it cannot travel.
struct ContainerSettings {
  std::vector<Variable> variables;
  std::vector<std::string> left_out;  ///< A sentence each: files that are not in the container.
};

/// What differs from the defaults, as `SONDE_…`, so that the tap of the task is the one that
/// the template's alarms were made for.  Environment, service and address stand there always.
ContainerSettings container_settings(const config::Loaded& loaded);

/// What a task is made of.
struct TaskOptions {
  std::string family{};  ///< Empty: "mcp-" and the server's name.
  std::string region = "us-east-1";
  std::string log_group = "/mcp/sonde";
  std::string server_image{};  ///< The MCP server, which speaks HTTP; empty: it is elsewhere.
  std::string server_name = "server";
  std::uint16_t server_port = 3001;  ///< These two where `proxy.upstreams` is not set.
  std::string sonde_image{};
  std::string collector_image{kCollectorImage};
  std::string agent_image{kAgentImage};
  bool agent = false;            ///< Metrics by the agent's port 25888, not by log lines.
  std::string execution_role{};  ///< ARNs.
  std::string task_role{};
  std::string
      hash_key_secret{};  ///< ARN in Secrets Manager or of a parameter; empty: a key per task.
  std::uint32_t cpu = 512;
  std::uint32_t memory_mib = 1024;
  bool arm64 = false;
};

/// A task definition for ECS on Fargate, JSON for `register-task-definition --cli-input-json`:
/// the server, the tap before it, the collector, and the agent where one is asked for.
///
/// Failure.  kInvalidInput, with the reason: an image without version or digest; sizes that
/// Fargate does not have; a drain longer than Fargate waits (120 s).
Result<std::string> task_definition(const config::Loaded& loaded, const TaskOptions& options);

/// The configuration of the CloudWatch agent on EC2, JSON: the log lines of the state
/// folder, or port 25888 where `emf.agent_endpoint` is set, and OTLP to X-Ray.
std::string agent_json(const Config& config, const std::string& log_group,
                       std::uint32_t retention_days);

/// What there is to know for Lambda and EC2; plain text.
std::string_view other_places() noexcept;

}  // namespace sonde::aws
