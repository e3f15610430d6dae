// The CloudWatch agent on EC2, and what there is to know elsewhere.
#include <string>

#include "aws/pretty_json.h"
#include "aws/task_definition.h"
#include "base/json_writer.h"
#include "config/resolve.h"

namespace sonde::aws {
namespace {

constexpr std::string_view kOtherPlaces =
    "Lambda\n"
    "  The function's stdout goes to CloudWatch Logs, and metric lines in it become metrics.\n"
    "  A server on stdio: start it as `sonde wrap --log-to-stderr --no-log-to-file -- COMMAND`;\n"
    "  stdout belongs to MCP, and stderr goes to the same log group.  A server on HTTP: run\n"
    "  `sonde proxy --log-stdout --no-log-to-file` before it, in an image with an adapter for\n"
    "  web servers.  Set AWS_LAMBDA_LOG_FORMAT to Text: with JSON the runtime puts each line of a\n"
    "  managed runtime into another object, and no metric is found in it.  /tmp is the only place\n"
    "  to write: SONDE_STATE_DIR=/tmp/sonde.  Share one privacy.hash_key (env:NAME), or every\n"
    "  environment hashes with a key of its own.\n"
    "  A frozen function writes nothing: emf.mode inline, so that no interval is left open.\n"
    "\n"
    "EC2\n"
    "  `sonde aws adot agent` writes the configuration of the CloudWatch agent:\n"
    "    amazon-cloudwatch-agent-ctl -a fetch-config -m ec2 -s -c file:agent.json\n"
    "  It ships the log files, whose lines carry the metrics; where emf.agent_endpoint is set it\n"
    "  takes metric lines on port 25888 instead, never both, so that no call counts twice.  It\n"
    "  also takes OTLP on 127.0.0.1:4317 and 4318 for X-Ray.  The instance's role needs what\n"
    "  CloudWatchAgentServerPolicy and AWSXRayDaemonWriteAccess allow.  The agent's user must be\n"
    "  able to read the log folder (0700): run it as the tap's user, or set log.file to a folder\n"
    "  that both can read.\n";

}  // namespace

std::string agent_json(const Config& config, const std::string& log_group,
                       std::uint32_t retention_days) {
  const bool port = !config.emf.agent_endpoint.empty();
  std::string out;
  JsonWriter json(out);
  json.begin_object().key("logs").begin_object().key("force_flush_interval").number(5);
  if (port) {
    json.key("metrics_collected").begin_object();
    json.key("emf").begin_object().end_object().end_object();
  } else {
    json.key("logs_collected").begin_object().key("files").begin_object();
    json.key("collect_list").begin_array().begin_object();
    json.member("file_path", config::log_dir(config) + "/*.jsonl");
    json.member("log_group_name", log_group).member("log_stream_name", "{instance_id}");
    json.key("retention_in_days").number(retention_days);
    json.member("timestamp_format", "%Y-%m-%dT%H:%M:%S.%fZ").member("timezone", "UTC");
    json.end_object().end_array().end_object().end_object();
  }
  json.end_object().key("traces").begin_object().key("traces_collected").begin_object();
  json.key("otlp").begin_object().member("grpc_endpoint", "127.0.0.1:4317");
  json.member("http_endpoint", "127.0.0.1:4318").end_object().end_object().end_object();
  json.end_object();
  return pretty_json(out);
}

std::string_view other_places() noexcept { return kOtherPlaces; }

}  // namespace sonde::aws
