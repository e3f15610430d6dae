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

struct WrapConfig {
  std::chrono::milliseconds eof_grace{1'000};      ///< From the client's EOF to SIGTERM.
  std::chrono::milliseconds kill_grace{5'000};     ///< From SIGTERM to SIGKILL.
  std::chrono::milliseconds flush_max{500};        ///< For the sinks, once the server is gone.
  std::chrono::milliseconds config_wait_max{250};  ///< The first request may wait so long.
  std::uint32_t outstanding_max = 4096;            ///< Open requests per direction.
  std::uint32_t queue_records_max = 8192;
  std::uint64_t queue_bytes_max = 4 * 1024 * 1024;
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
  WrapConfig wrap;
  ProxyConfig proxy;
};

}  // namespace sonde
