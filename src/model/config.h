#pragma once

#include <chrono>
#include <cstdint>
#include <string>
#include <vector>

namespace sonde {

/// The configuration: one struct a subject, defaults in place.  Keys, bounds, units,
/// environment names and sentences stand in the table of module `config`, from which
/// flags, documentation and checks are made.

struct LogConfig {
  std::string file;  ///< Empty: <state>/log/<server>.jsonl.
  bool to_file = true;
  bool to_stderr = false;
  bool to_stdout = false;  ///< Of `proxy`; the stdout of `wrap` belongs to MCP.
  std::uint64_t file_bytes_max = 16 * 1024 * 1024;
  std::uint32_t files_max = 10;
  bool start_lines = false;  ///< Write `tool.start` too.
  std::chrono::milliseconds pending_after{30'000};
};

struct EmfConfig {
  enum class Mode : std::uint8_t { kOff, kInline, kAggregate };
  Mode mode = Mode::kInline;
  double inline_rate_max = 20;  ///< Calls per second above which inline becomes aggregate.
  std::chrono::milliseconds interval{10'000};
  std::uint32_t max_series = 500;
  std::string metric_namespace = "MCP/ToolServer";
  std::vector<std::vector<std::string>> dimensions = {
      {"ServerName", "ToolName", "Environment"}, {"ToolName", "Environment"}, {"Environment"}};
  std::string agent_endpoint;  ///< "tcp://host:25888", "udp://host:25888"; empty: none.
  std::string log_group;       ///< Needed by the agent; empty: "<service>-metrics".
  std::string log_stream;
};

struct PrivacyConfig {
  std::string hash_key;  ///< A file, "env:NAME", or empty: one 0600 file per user.
  std::uint64_t hash_rate_bytes_max = 64 * 1024 * 1024;  ///< Per second, for large values.
  bool result_summary = false;
  bool raw_session_id = false;
  bool raw_user_id = false;
  std::vector<std::string> redact_keys;      ///< Added to the built-in ones.
  std::vector<std::string> redact_patterns;  ///< Added; POSIX extended regular expressions.
  std::vector<std::string> redact_paths;     ///< JSON paths such as `$.customer.name`.
};

struct CaptureConfig {
  std::vector<std::string> sinks = {"file"};  ///< Where captured content may go.
  std::uint32_t bytes_max = 64 * 1024;        ///< Of one argument or result object.
};

struct TraceConfig {
  bool inject = true;
  bool reparent = false;
};

/// What is done about a server on stdio that has crashed.
enum class RestartPolicy : std::uint8_t { kNever, kOnCrash };

/// How servers are asked whether they are well.
struct PulseConfig {
  std::chrono::milliseconds interval{30'000};  ///< Of each upstream of `proxy`; 0: none.
  std::chrono::milliseconds timeout{5'000};    ///< For all of one pulse.
  std::uint32_t failures_max = 3;              ///< In a row: the server is down.
  std::string path = "/mcp";                   ///< Where an upstream without a path is asked.
  std::vector<std::string> expected_tools;     ///< "[UPSTREAM/]NAME"
};

struct WrapConfig {
  std::chrono::milliseconds eof_grace{1'000};      ///< From the client's EOF to SIGTERM.
  std::chrono::milliseconds kill_grace{5'000};     ///< From SIGTERM to SIGKILL.
  std::chrono::milliseconds flush_max{500};        ///< For the sinks, once the server is gone.
  std::chrono::milliseconds config_wait_max{250};  ///< The first request may wait so long.
  std::uint32_t outstanding_max = 4096;            ///< Open requests per direction.
  std::chrono::milliseconds heartbeat{60'000};     ///< Between two ServerUp; 0: none.
  std::chrono::milliseconds pulse{0};              ///< A switch: 0 is off.
  RestartPolicy restart = RestartPolicy::kNever;   ///< A switch, too.
  std::uint32_t restarts_max = 5;                  ///< Within ten minutes.
  std::uint32_t queue_records_max = 8192;
  std::uint64_t queue_bytes_max = 4 * 1024 * 1024;
};

/// What is taken for going in circles; docs/thrash.md says how it is counted.
struct ThrashConfig {
  enum class Action : std::uint8_t { kObserve, kDeny };
  bool enabled = true;
  std::chrono::milliseconds window{600'000};        ///< What was longer ago is no repetition.
  std::uint32_t repeats = 5;                        ///< The same call with the same result.
  std::uint32_t cycles = 3;                         ///< The same two to four calls in turn.
  std::uint32_t failures = 5;                       ///< Of one tool, without success in between.
  std::chrono::milliseconds poll_interval{10'000};  ///< Who waits so long is polling.
  Action action = Action::kObserve;
  std::chrono::milliseconds deny_for{60'000};
  std::chrono::milliseconds turn_gap{60'000};  ///< A pause that ends a turn nobody has named.
};

struct ProxyConfig {
  std::string listen = "127.0.0.1:8080";
  std::vector<std::string> upstreams;  ///< "NAME[@HOST][/PREFIX]=URL"
  std::string health_listen;           ///< Empty: on the same socket.
  std::uint32_t threads = 0;           ///< 0: one per core.

  // Who may come.
  bool insecure_listen = false;
  std::string token_file;
  std::vector<std::string> allow_hosts;
  std::vector<std::string> allow_origins;
  std::string tls_certificate;
  std::string tls_key;
  std::string tls_client_ca;

  bool observe = true;  ///< False: a plain reverse proxy, for emergencies.

  // What may go on.
  bool strict = false;
  std::vector<std::string> allow_tools;
  std::vector<std::string> deny_tools;
  std::string subject_header;
  std::string public_origin;  ///< Rewritten into protected-resource metadata; empty: off.

  // The way to upstreams.
  bool rewrite_host = false;
  bool upstream_verify = true;
  std::string upstream_ca;
  std::string upstream_certificate;
  std::string upstream_key;
  std::uint32_t upstream_idle_max = 256;  ///< Kept connections per upstream and thread.
  std::chrono::milliseconds upstream_idle_timeout{4'000};

  std::chrono::milliseconds head_timeout{10'000};
  std::chrono::milliseconds idle_timeout{75'000};
  std::uint64_t body_rate_min = 1024;  ///< Bytes per second.
  std::chrono::milliseconds connect_timeout{5'000};
  std::chrono::milliseconds answer_timeout{300'000};
  std::chrono::milliseconds stream_timeout{3'600'000};
  std::chrono::milliseconds write_timeout{60'000};
  std::chrono::milliseconds drain_max{30'000};

  // What is remembered of callers.
  std::uint32_t sessions_max = 10'000;
  std::chrono::milliseconds session_idle_max{24 * 3'600'000};
  std::chrono::milliseconds session_gap{1'800'000};
  std::uint32_t users_max = 10'000;

  std::uint32_t connections_max = 20'000;
  std::uint64_t head_bytes_max = 32 * 1024;
  std::uint64_t target_bytes_max = 8 * 1024;
  std::uint64_t body_bytes_max = 1024ULL * 1024 * 1024;
  std::uint32_t queue_records_max = 65'536;
  std::uint64_t queue_bytes_max = 64 * 1024 * 1024;
};

/// Thresholds of the default alarms (src/aws/default_alarms.h).  What one server needs
/// otherwise stands below `servers: NAME:`.
struct AlarmsConfig {
  std::vector<std::string> servers;  ///< Have alarms of their own, beside those of all together.
  std::vector<std::string> tools;    ///< Likewise: "SERVER/TOOL".
  std::uint32_t calls_min = 20;      ///< Fewer calls in a period make no rate and no percentile.
  double error_rate_warn = 1;        ///< Percent of calls.
  double error_rate_critical = 5;
  double error_rate_page = 50;
  std::chrono::milliseconds p50_max{0};  ///< 0: no such alarm.
  std::chrono::milliseconds p95_max{500};
  std::chrono::milliseconds p99_max{2'000};
  double capacity_cps = 0;         ///< Calls per second that can be served; 0: no such alarm.
  std::uint32_t max_sessions = 0;  ///< Open event streams that can be; 0: no such alarm.
  double near_limit = 80;          ///< Percent of these two.
  std::uint32_t context_limit_tokens = 200'000;
  double result_share = 10;        ///< Percent of the context that one result may take.
  double session_share = 80;       ///< Percent that all results of a session may take.
  std::uint32_t restarts_max = 2;  ///< In 15 minutes.
  bool heartbeat = false;          ///< Silence of a server is an outage.
  std::string page = "outage";     ///< Or "plain-and".
};

/// Where it runs on AWS.
struct AwsConfig {
  std::string suffix;     ///< Of all names; empty: "" in production, else "-<environment>".
  std::string log_group;  ///< Of the tap's lines; empty: "/mcp/<environment>".
  std::uint32_t retention_days = 30;
  std::vector<std::string> alert_subscriptions;  ///< "PROTOCOL=ENDPOINT", of everything.
  std::vector<std::string> page_subscriptions;   ///< Likewise, of the page alone.
  std::vector<std::string> alert_actions;        ///< ARNs, beside the topic.
  std::vector<std::string> page_actions;
  std::string runbook_base = "docs/runbooks/";
  double token_price = 0;  ///< Dollars for a million tokens of results; 0: not known.
};

struct Config {
  std::string server_name;  ///< Empty: derived from the command (design section 11a).
  std::string service;      ///< Empty: OTEL_SERVICE_NAME, AWS_EMF_SERVICE_NAME, else server name.
  std::string environment;  ///< Empty: by the order of design section 4.
  std::string instance;     ///< Empty: the host's name.
  std::string state_dir;    ///< Empty: ~/.local/state/sonde.
  LogConfig log;
  EmfConfig emf;
  PrivacyConfig privacy;
  CaptureConfig capture;
  TraceConfig trace;
  ThrashConfig thrash;
  WrapConfig wrap;
  PulseConfig pulse;
  ProxyConfig proxy;
  AlarmsConfig alarms;
  AwsConfig aws;
};

}  // namespace sonde
