#include "aws/task_definition.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <utility>

#include "aws/pretty_json.h"
#include "base/json_writer.h"
#include "base/printable.h"
#include "config/schema.h"

namespace sonde::aws {
namespace {

/// What Fargate has: memory from `min` to `max` in steps, for so many units of CPU.
struct Size {
  std::uint32_t cpu;
  std::uint32_t min;
  std::uint32_t max;
  std::uint32_t step;
};
constexpr std::array kSizes = std::to_array<Size>({
    {256, 512, 2048, 512},
    {512, 1024, 4096, 1024},
    {1024, 2048, 8192, 1024},
    {2048, 4096, 16'384, 1024},
    {4096, 8192, 30'720, 1024},
    {8192, 16'384, 61'440, 4096},
    {16'384, 32'768, 122'880, 8192},
});

constexpr std::chrono::seconds kStopMax(120);  ///< Fargate then sends SIGKILL.
constexpr std::chrono::seconds kStopSpare(5);  ///< To write out what the sinks hold.
constexpr std::uint32_t kCollectorMemory = 256;
constexpr std::uint32_t kProxyPort = 8080;
constexpr std::string_view kNobody = "65532:65532";  ///< The user of deploy/Containerfile.

struct Health {
  std::vector<std::string_view> command;
  int start_period = 5;
};

void write_list(JsonWriter& json, std::span<const std::string_view> texts) {
  json.begin_array();
  for (const std::string_view text : texts) json.string(text);
  json.end_array();
}

void write_variables(JsonWriter& json, std::span<const Variable> variables) {
  json.key("environment").begin_array();
  for (const auto& [name, value] : variables) {
    json.begin_object().member("name", name).member("value", value).end_object();
  }
  json.end_array();
}

/// `blocking`: a tap never waits for its log, and counts the lines that it cannot bring
/// out; a driver that drops them would not tell.
void write_log(JsonWriter& json, const TaskOptions& options, std::string_view prefix,
               std::string_view mode) {
  json.key("logConfiguration").begin_object().member("logDriver", "awslogs");
  json.key("options").begin_object();
  json.member("awslogs-group", options.log_group).member("awslogs-region", options.region);
  json.member("awslogs-stream-prefix", prefix).member("mode", mode).end_object().end_object();
}

void write_health(JsonWriter& json, std::span<const std::string_view> command) {
  json.key("healthCheck").begin_object().key("command");
  write_list(json, command);
  json.key("interval").number(10).key("timeout").number(6).key("retries").number(3);
  json.key("startPeriod").number(10).end_object();
}

void write_depends(JsonWriter& json, std::span<const std::string_view> containers) {
  json.key("dependsOn").begin_array();
  // START, never HEALTHY: whether the sessions are served must not hang on telemetry.
  for (const std::string_view name : containers) {
    json.begin_object().member("containerName", name).member("condition", "START").end_object();
  }
  json.end_array();
}

void write_confined(JsonWriter& json) {
  json.key("readonlyRootFilesystem").boolean(true);
  json.key("linuxParameters").begin_object().key("capabilities").begin_object();
  json.key("drop").begin_array().string("ALL").end_array().end_object();
  json.key("initProcessEnabled").boolean(false).end_object();
}

void write_server(JsonWriter& json, const TaskOptions& options) {
  const std::array<Variable, 5> telemetry{{
      {"OTEL_EXPORTER_OTLP_ENDPOINT", "http://127.0.0.1:4318"},
      {"OTEL_EXPORTER_OTLP_PROTOCOL", "http/protobuf"},
      {"OTEL_SERVICE_NAME", options.server_name},
      {"OTEL_METRICS_EXPORTER", "none"},
      {"OTEL_LOGS_EXPORTER", "none"},
  }};
  json.begin_object().member("name", "server").member("image", options.server_image);
  json.key("essential").boolean(true);
  write_variables(json, telemetry);
  // Containers end in the opposite order: the collector takes the last spans.
  constexpr std::array<std::string_view, 1> kBefore = {"collector"};
  write_depends(json, kBefore);
  write_log(json, options, "server", "non-blocking");
  json.end_object();
}

config::Origin origin_of(const config::Loaded& loaded, std::string_view key) {
  const auto fields = config::fields();
  const auto found = std::ranges::find(fields, key, &config::Field::key);
  return loaded.origins[static_cast<std::size_t>(found - fields.begin())];
}

std::vector<Variable> tap_variables(const config::Loaded& loaded, const TaskOptions& options) {
  std::vector<Variable> variables = container_settings(loaded).variables;
  const auto set = [&](std::string_view name, std::string value) {
    const auto found = std::ranges::find(variables, name, &Variable::first);
    if (found != variables.end()) {
      found->second = std::move(value);
    } else {
      variables.emplace_back(name, std::move(value));
    }
  };
  std::string upstreams;
  for (const std::string& upstream : loaded.config.proxy.upstreams) {
    upstreams += (upstreams.empty() ? "" : ",") + upstream;
  }
  if (upstreams.empty()) {
    upstreams = options.server_name + "=http://127.0.0.1:" + std::to_string(options.server_port);
  }
  set("SONDE_PROXY_UPSTREAMS", std::move(upstreams));
  // Where nobody has named it, it would be called after this machine's lack of a server.
  if (origin_of(loaded, "service") == config::Origin::kDefault) {
    set("SONDE_SERVICE", options.server_name);
  }
  if (options.agent) set("SONDE_EMF_AGENT_ENDPOINT", "tcp://127.0.0.1:25888");
  if (!options.hash_key_secret.empty()) set("SONDE_PRIVACY_HASH_KEY", "env:SONDE_HASH_KEY");
  return variables;
}

void write_tap(JsonWriter& json, const config::Loaded& loaded, const TaskOptions& options,
               std::chrono::seconds stop) {
  json.begin_object().member("name", "sonde").member("image", options.sonde_image);
  json.key("command").begin_array().string("proxy").end_array();
  json.key("essential").boolean(true).member("user", kNobody);
  write_confined(json);
  json.key("portMappings").begin_array().begin_object();
  json.key("containerPort").number(kProxyPort).member("protocol", "tcp").member("name", "mcp");
  json.end_object().end_array();
  json.key("mountPoints").begin_array().begin_object().member("sourceVolume", "state");
  json.member("containerPath", "/var/lib/sonde").key("readOnly").boolean(false);
  json.end_object().end_array();
  write_variables(json, tap_variables(loaded, options));
  if (!options.hash_key_secret.empty()) {
    json.key("secrets").begin_array().begin_object().member("name", "SONDE_HASH_KEY");
    json.member("valueFrom", options.hash_key_secret).end_object().end_array();
  }
  constexpr std::array<std::string_view, 4> kHealth = {"CMD", "/usr/bin/sonde", "health",
                                                       "127.0.0.1:8080"};
  write_health(json, kHealth);
  json.key("stopTimeout").number(stop.count());
  std::vector<std::string_view> before;
  if (!options.server_image.empty()) before.emplace_back("server");
  if (options.agent) before.emplace_back("agent");
  if (!before.empty()) write_depends(json, before);
  write_log(json, options, "sonde", "blocking");
  json.end_object();
}

void write_collector(JsonWriter& json, const TaskOptions& options, const std::string& yaml) {
  json.begin_object().member("name", "collector").member("image", options.collector_image);
  json.key("essential").boolean(false).member("user", kNobody);
  write_confined(json);
  json.key("memoryReservation").number(kCollectorMemory);
  write_variables(json, std::array<Variable, 1>{{{"AOT_CONFIG_CONTENT", yaml}}});
  constexpr std::array<std::string_view, 2> kHealth = {"CMD", "/healthcheck"};
  write_health(json, kHealth);
  write_log(json, options, "collector", "non-blocking");
  json.end_object();
}

/// As root and with a root file system of its own: the agent writes its configuration there.
void write_agent(JsonWriter& json, const TaskOptions& options) {
  constexpr std::string_view kConfig =
      R"({"logs":{"force_flush_interval":5,"metrics_collected":{"emf":{}}}})";
  json.begin_object().member("name", "agent").member("image", options.agent_image);
  json.key("essential").boolean(false);
  write_variables(json, std::array<Variable, 1>{{{"CW_CONFIG_CONTENT", std::string(kConfig)}}});
  write_log(json, options, "agent", "non-blocking");
  json.end_object();
}

Status check_image(std::string_view option, std::string_view image) {
  if (image.empty()) {
    return fail(Errc::kInvalidInput, std::string(option) + " is needed: an image with its version");
  }
  if (pinned(image)) return {};
  return fail(Errc::kInvalidInput,
              std::string(option) + ": `" + printable(image, 128) +
                  "` has neither a version nor a digest, so another may start tomorrow; write "
                  "NAME:VERSION or NAME@sha256:DIGEST");
}

Status check_images(const TaskOptions& options) {
  SONDE_RETURN_IF_ERROR(check_image("--image", options.sonde_image));
  SONDE_RETURN_IF_ERROR(check_image("--collector-image", options.collector_image));
  if (options.agent) SONDE_RETURN_IF_ERROR(check_image("--agent-image", options.agent_image));
  if (options.server_image.empty()) return {};
  return check_image("--server-image", options.server_image);
}

Status check_size(const TaskOptions& options) {
  const auto size = std::ranges::find(kSizes, options.cpu, &Size::cpu);
  if (size == kSizes.end()) {
    return fail(Errc::kInvalidInput, "Fargate has no " + std::to_string(options.cpu) +
                                         " units of CPU; take 256, 512, 1024, 2048, 4096, 8192 "
                                         "or 16384");
  }
  if (options.memory_mib >= size->min && options.memory_mib <= size->max &&
      options.memory_mib % size->step == 0) {
    return {};
  }
  return fail(Errc::kInvalidInput, "with " + std::to_string(size->cpu) +
                                       " units of CPU Fargate has " + std::to_string(size->min) +
                                       " to " + std::to_string(size->max) + " MiB in steps of " +
                                       std::to_string(size->step));
}

Result<std::chrono::seconds> stop_timeout(const Config& config) {
  const auto stop = std::chrono::ceil<std::chrono::seconds>(config.proxy.drain_max) + kStopSpare;
  if (stop <= kStopMax) return stop;
  return fail(Errc::kInvalidInput,
              "proxy.drain_max: Fargate kills a container 120 s after it was told to end; take "
              "115s or less");
}

}  // namespace

Result<std::string> task_definition(const config::Loaded& loaded, const TaskOptions& options) {
  SONDE_RETURN_IF_ERROR(check_images(options));
  SONDE_RETURN_IF_ERROR(check_size(options));
  if (options.server_image.empty() && loaded.config.proxy.upstreams.empty()) {
    return fail(Errc::kInvalidInput,
                "there is no server: give --server-image, or set proxy.upstreams");
  }
  const auto stop = stop_timeout(loaded.config);
  if (!stop) return fail(stop.error());
  const auto yaml = collector_yaml(
      {.region = options.region, .log_group = options.log_group, .memory_mib = kCollectorMemory});
  if (!yaml) return fail(yaml.error());

  std::string out;
  JsonWriter json(out);
  json.begin_object();
  json.member("family", options.family.empty() ? "mcp-" + options.server_name : options.family);
  json.member("networkMode", "awsvpc");
  json.key("requiresCompatibilities").begin_array().string("FARGATE").end_array();
  json.member("cpu", std::to_string(options.cpu));
  json.member("memory", std::to_string(options.memory_mib));
  json.key("runtimePlatform").begin_object();
  json.member("cpuArchitecture", options.arm64 ? "ARM64" : "X86_64");
  json.member("operatingSystemFamily", "LINUX").end_object();
  if (!options.execution_role.empty()) json.member("executionRoleArn", options.execution_role);
  if (!options.task_role.empty()) json.member("taskRoleArn", options.task_role);
  json.key("volumes").begin_array().begin_object().member("name", "state");
  json.end_object().end_array();
  json.key("containerDefinitions").begin_array();
  write_tap(json, loaded, options, *stop);
  if (!options.server_image.empty()) write_server(json, options);
  write_collector(json, options, *yaml);
  if (options.agent) write_agent(json, options);
  json.end_array().end_object();
  return pretty_json(out);
}

}  // namespace sonde::aws
