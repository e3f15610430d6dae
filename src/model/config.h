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
};

}  // namespace sonde
