#include "config/schema.h"

#include <algorithm>
#include <array>

#include "config/schema_alarms_internal.h"
#include "config/schema_parts_internal.h"
#include "config/schema_privacy_internal.h"
#include "config/schema_proxy_internal.h"
#include "config/schema_pulse_internal.h"
#include "config/schema_thrash_internal.h"

namespace sonde::config {
namespace {

constexpr std::array<std::string_view, 7> kDimensionNames = {
    "ServerName", "ToolName", "Environment", "Service", "Instance", "Transport", "ClientName"};
constexpr std::string_view kNoDimension =
    "is no dimension; take from ServerName, ToolName, Environment, Service, Instance, Transport "
    "and ClientName";

constexpr bool graphic(char c) { return c > 0x20 && c < 0x7f; }
constexpr bool alphanumeric(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
}
bool all_of(std::string_view text, std::string_view others) {
  return std::ranges::all_of(
      text, [&](char c) { return alphanumeric(c) || others.find(c) != std::string_view::npos; });
}

/// Becomes the value of a metric's dimension (reference: EMF, root[dimension name]).
std::string_view check_dimension_value(std::string_view text) {
  if (text.empty()) return {};
  if (!std::ranges::all_of(text, [](char c) { return c == ' ' || graphic(c); })) {
    return "must be printable ASCII, because it becomes a metric dimension";
  }
  if (text.front() == ' ' || text.back() == ' ') return "must not begin or end with a blank";
  return {};
}

std::string_view check_namespace(std::string_view text) {
  if (text.empty()) return {};  // Told by the bounds.
  if (!all_of(text, " ._#:/-")) return "may hold letters, digits, blanks and . _ # : / - only";
  if (text.front() == ':') return "must not begin with a colon";
  if (text.starts_with("AWS/")) return "must not begin with AWS/, which belongs to AWS itself";
  if (text.find_first_not_of(' ') == std::string_view::npos) return "must not be blank";
  return {};
}

std::string_view check_log_stream(std::string_view text) {
  const bool bad = text.find_first_of(":*") != std::string_view::npos;
  return bad ? "must not hold a colon or an asterisk" : "";
}

/// A directive that names a dimension which the line does not carry is dropped by
/// CloudWatch without a word, so an unknown name is a fault here.
std::string_view check_dimension_name(std::string_view text) {
  const bool known = std::ranges::find(kDimensionNames, text) != kDimensionNames.end();
  return known ? "" : kNoDimension;
}

std::string_view check_endpoint(std::string_view text) {
  if (text.empty()) return {};
  constexpr std::string_view kForm = "must be written tcp://HOST:PORT or udp://HOST:PORT";
  if (!text.starts_with("tcp://") && !text.starts_with("udp://")) return kForm;
  text.remove_prefix(6);
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return kForm;
  const std::string_view port = text.substr(colon + 1);
  if (port.empty() || port.size() > 5) return kForm;
  unsigned number = 0;
  for (const char digit : port) {
    if (digit < '0' || digit > '9') return kForm;
    number = number * 10 + static_cast<unsigned>(digit - '0');
  }
  if (number == 0 || number > 65535) return "has no port from 1 to 65535";
  return {};
}

std::string_view check_capture_sink(std::string_view text) {
  return text == "file" ? "" : "is no place for captured content; write file";
}

constexpr std::array<std::string_view, 3> kEmfModes = {"off", "inline", "aggregate"};

// Sections in the order of the documentation.
constexpr Field kCommonFields[] = {
    {.key = "name",
     .type = Type::kString,
     .target = &at<&Config::server_name>,
     .max = 128,
     .fallback = "taken from the server's command",
     .help = "The name of the server in logs, metrics and spans.",
     .check = check_dimension_value},
    {.key = "service",
     .type = Type::kString,
     .target = &at<&Config::service>,
     .max = 255,
     .fallback = "OTEL_SERVICE_NAME, then AWS_EMF_SERVICE_NAME, then the server's name",
     .help = "The root member `Service` of metric lines.",
     .check = check_dimension_value},
    {.key = "environment",
     .type = Type::kString,
     .target = &at<&Config::environment>,
     .max = 255,
     .fallback = "AWS_EMF_ENVIRONMENT unless it names a transport, then "
                 "deployment.environment.name of OTEL_RESOURCE_ATTRIBUTES, then production",
     .help = "Where this runs: the dimension `Environment` of metrics.",
     .check = check_dimension_value},
    {.key = "instance",
     .type = Type::kString,
     .target = &at<&Config::instance>,
     .max = 255,
     .fallback = "service.instance.id, k8s.pod.name or host.name of OTEL_RESOURCE_ATTRIBUTES, "
                 "then the host's name",
     .help = "Which pod, task or host this is.",
     .check = check_dimension_value},
    {.key = "state_dir",
     .type = Type::kPath,
     .target = &at<&Config::state_dir>,
     .max = 1024,
     .fallback = "$XDG_STATE_HOME/sonde, else ~/.local/state/sonde",
     .help = "The folder for logs, control sockets and keys."},

    {.key = "log.file",
     .type = Type::kPath,
     .target = &at<&Config::log, &LogConfig::file>,
     .max = 1024,
     .fallback = "log/SERVER.jsonl in the state folder",
     .help = "The file that gets one line for every finished call."},
    {.key = "log.to_file",
     .type = Type::kBoolean,
     .target = &at<&Config::log, &LogConfig::to_file>,
     .help = "Write the log file."},
    {.key = "log.to_stderr",
     .type = Type::kBoolean,
     .target = &at<&Config::log, &LogConfig::to_stderr>,
     .help = "Write the same lines to stderr; most clients show it to their user."},
    {.key = "log.to_stdout",
     .type = Type::kBoolean,
     .target = &at<&Config::log, &LogConfig::to_stdout>,
     .short_flag = "log-stdout",
     .help = "Write the same lines to stdout, as containers want them; not for wrap, whose "
             "stdout belongs to MCP."},
    {.key = "log.file_bytes_max",
     .type = Type::kBytes,
     .target = &at<&Config::log, &LogConfig::file_bytes_max>,
     .min = 64 * kKiB,
     .max = 4 * kGiB,
     .help = "A log file larger than this is rotated."},
    {.key = "log.files_max",
     .type = Type::kInteger,
     .target = &at<&Config::log, &LogConfig::files_max>,
     .min = 1,
     .max = 1000,
     .help = "So many files are kept, the one being written included."},
    {.key = "log.start_lines",
     .type = Type::kBoolean,
     .target = &at<&Config::log, &LogConfig::start_lines>,
     .help = "Write a `tool.start` line too when a call begins."},
    {.key = "log.pending_after",
     .type = Type::kDuration,
     .target = &at<&Config::log, &LogConfig::pending_after>,
     .min = kSecond,
     .max = 24 * kHour,
     .help = "A call open for longer than this writes one `tool.pending` line."},

    {.key = "emf.mode",
     .type = Type::kChoice,
     .target = &at<&Config::emf, &EmfConfig::mode>,
     .choices = kEmfModes,
     .help =
         "CloudWatch metrics inside the log line of each call, one line per interval, or none."},
    {.key = "emf.inline_rate_max",
     .type = Type::kNumber,
     .target = &at<&Config::emf, &EmfConfig::inline_rate_max>,
     .min = 0.1,
     .max = 1e6,
     .help = "Calls per second above which inline becomes aggregate."},
    {.key = "emf.interval",
     .type = Type::kDuration,
     .target = &at<&Config::emf, &EmfConfig::interval>,
     .min = kSecond,
     .max = 5 * kMinute,
     .help = "How long aggregate gathers values before it writes them."},
    {.key = "emf.max_series",
     .type = Type::kInteger,
     .target = &at<&Config::emf, &EmfConfig::max_series>,
     .min = 1,
     .max = 100'000,
     .help = "Tools beyond so many metric series are counted under `__other__`, because every "
             "series is billed."},
    {.key = "emf.namespace",
     .type = Type::kString,
     .target = &at<&Config::emf, &EmfConfig::metric_namespace>,
     .min = 1,
     .max = 255,
     .standard_variable = "AWS_EMF_NAMESPACE",
     .help = "The CloudWatch namespace of all metrics.",
     .check = check_namespace},
    {.key = "emf.dimensions",
     .type = Type::kListOfLists,
     .target = &at<&Config::emf, &EmfConfig::dimensions>,
     .min = 1,
     .max = 30,
     .help = "The dimension sets of all metrics; each set makes metrics of its own.",
     .check = check_dimension_name},
    {.key = "emf.agent_endpoint",
     .type = Type::kString,
     .target = &at<&Config::emf, &EmfConfig::agent_endpoint>,
     .max = 255,
     .standard_variable = "AWS_EMF_AGENT_ENDPOINT",
     .fallback = "no agent",
     .help = "The CloudWatch agent that gets the metric lines, as tcp://127.0.0.1:25888.",
     .check = check_endpoint},
    {.key = "emf.log_group",
     .type = Type::kString,
     .target = &at<&Config::emf, &EmfConfig::log_group>,
     .max = 512,
     .standard_variable = "AWS_EMF_LOG_GROUP_NAME",
     .fallback = "SERVICE-metrics",
     .help = "The log group that the agent writes to.",
     .check = check_log_group},
    {.key = "emf.log_stream",
     .type = Type::kString,
     .target = &at<&Config::emf, &EmfConfig::log_stream>,
     .max = 512,
     .standard_variable = "AWS_EMF_LOG_STREAM_NAME",
     .fallback = "chosen by the agent",
     .help = "The log stream that the agent writes to.",
     .check = check_log_stream},

    {.key = "capture.sinks",
     .type = Type::kList,
     .target = &at<&Config::capture, &CaptureConfig::sinks>,
     .max = 8,
     .help = "Where captured content may go.",
     .check = check_capture_sink},
    {.key = "capture.bytes_max",
     .type = Type::kBytes,
     .target = &at<&Config::capture, &CaptureConfig::bytes_max>,
     .min = 256,
     .max = 1 * kMiB,
     .help = "So much of one argument or result object is captured."},

    {.key = "trace.inject",
     .type = Type::kBoolean,
     .target = &at<&Config::trace, &TraceConfig::inject>,
     .short_flag = "inject",
     .help =
         "Write trace context into requests that have none; off, the stream is byte-identical."},
    {.key = "trace.reparent",
     .type = Type::kBoolean,
     .target = &at<&Config::trace, &TraceConfig::reparent>,
     .short_flag = "reparent",
     .help = "Replace the trace context that a request already has."},

    {.key = "wrap.eof_grace",
     .type = Type::kDuration,
     .target = &at<&Config::wrap, &WrapConfig::eof_grace>,
     .max = kHour,
     .help =
         "How long the server may run on after the client has closed its input, before SIGTERM."},
    {.key = "wrap.kill_grace",
     .type = Type::kDuration,
     .target = &at<&Config::wrap, &WrapConfig::kill_grace>,
     .max = kHour,
     .help = "How long the server may take to end after SIGTERM, before SIGKILL."},
    {.key = "wrap.flush_max",
     .type = Type::kDuration,
     .target = &at<&Config::wrap, &WrapConfig::flush_max>,
     .max = kMinute,
     .help = "How long logs may take to be written once the server is gone."},
    {.key = "wrap.config_wait_max",
     .type = Type::kDuration,
     .target = &at<&Config::wrap, &WrapConfig::config_wait_max>,
     .max = 10 * kSecond,
     .help = "How long the first request may wait for the configuration to be read."},
    {.key = "wrap.outstanding_max",
     .type = Type::kInteger,
     .target = &at<&Config::wrap, &WrapConfig::outstanding_max>,
     .min = 16,
     .max = 1'000'000,
     .help = "Open requests remembered in each direction."},
    {.key = "wrap.queue_records_max",
     .type = Type::kInteger,
     .target = &at<&Config::wrap, &WrapConfig::queue_records_max>,
     .min = 16,
     .max = 1'000'000,
     .help = "Records that may wait for the sinks; what comes then is dropped and counted."},
    {.key = "wrap.queue_bytes_max",
     .type = Type::kBytes,
     .target = &at<&Config::wrap, &WrapConfig::queue_bytes_max>,
     .min = 64 * kKiB,
     .max = 4 * kGiB,
     .help = "Bytes that may wait for the sinks, likewise."},
};

template <std::size_t... Sizes>
consteval auto joined(const Field (&... tables)[Sizes]) {
  std::array<Field, (Sizes + ...)> all{};
  auto end = all.begin();
  ((end = std::ranges::copy(tables, end).out), ...);
  return all;
}

constexpr auto kFields =
    joined(kCommonFields, kPulseFields, kPrivacyFields, kThrashFields, kProxyFields, kAlarmFields);

constexpr std::array<std::string_view, 2> kOtherVariables = {"SONDE_CONFIG",
                                                             "SONDE_CORRELATION_ID"};

/// `-` in a flag stands for `.` and `_` in a key.
constexpr bool same_name(std::string_view key, std::string_view flag) {
  return std::ranges::equal(key, flag, [](char a, char b) {
    const bool joint = a == '.' || a == '_';
    return joint ? b == '-' : a == b;
  });
}

}  // namespace

std::span<const Field> fields() noexcept { return kFields; }

const Field* find_field(std::string_view key) noexcept {
  const auto* const found = std::ranges::find(kFields, key, &Field::key);
  return found == kFields.end() ? nullptr : found;
}

const Field* find_flag(std::string_view flag) noexcept {
  if (flag.empty()) return nullptr;
  const auto* const found = std::ranges::find_if(kFields, [&](const Field& field) {
    return same_name(field.key, flag) || field.short_flag == flag;
  });
  return found == kFields.end() ? nullptr : found;
}

bool applies_to(const Field& field, std::string_view command) noexcept {
  const bool of_aws = field.key.starts_with("alarms.") || field.key.starts_with("aws.");
  if (command.starts_with("aws")) {
    return of_aws || field.key == "environment" || field.key == "service" ||
           field.key.starts_with("emf.");
  }
  if (of_aws) return false;
  if (command == "proxy") return !field.key.starts_with("wrap.");
  constexpr std::array<std::string_view, 4> kOfProxy = {"log.to_stdout", "pulse.interval",
                                                        "pulse.path", "pulse.expected_tools"};
  return !field.key.starts_with("proxy.") &&
         std::ranges::find(kOfProxy, field.key) == kOfProxy.end();
}

bool is_section(std::string_view name) noexcept {
  return std::ranges::any_of(kFields, [&](const Field& field) {
    return field.key.size() > name.size() && field.key.starts_with(name) &&
           field.key[name.size()] == '.';
  });
}

std::string variable_name(const Field& field) {
  std::string name = "SONDE_";
  for (const char c : field.key) {
    name += c == '.' ? '_' : (c >= 'a' && c <= 'z') ? static_cast<char>(c - 'a' + 'A') : c;
  }
  return name;
}

std::string flag_name(const Field& field) {
  std::string name = "--";
  for (const char c : field.key) name += c == '.' || c == '_' ? '-' : c;
  return name;
}

std::span<const std::string_view> other_variables() noexcept { return kOtherVariables; }

}  // namespace sonde::config
