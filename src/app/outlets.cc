#include "app/outlets.h"

#include <unistd.h>

#include <array>
#include <memory>
#include <utility>

#include "config/resolve.h"
#include "net/agent_output.h"
#include "privacy/hash_key_file.h"
#include "sinks/agent_endpoint.h"
#include "sinks/call_sink.h"
#include "sinks/fd_output.h"
#include "sinks/line_file.h"
#include "thrash/detector.h"

namespace sonde::app {

using recorder::Outlets;

std::string host_name() {
  std::array<char, 256> name{};
  if (gethostname(name.data(), name.size() - 1) != 0) return "unknown";
  return name.data();
}

void say(std::string_view text) {
  const std::string line = "sonde: " + std::string(text) + "\n";
  (void)!::write(STDERR_FILENO, line.data(), line.size());  // Nobody left to tell.
}

TapIdentity identity_of(const Config& config) {
  return {.server_name = config.server_name,
          .service = config.service,
          .environment = config.environment,
          .instance = config.instance,
          .tap_version = SONDE_VERSION};
}

Outlets outlets_without_sinks(const Config& config) {
  return {.settings = {.trace = config.trace,
                       .wrap = config.wrap,
                       .log = config.log,
                       .pulse = config.pulse,
                       .metrics = config.emf.mode != EmfConfig::Mode::kOff,
                       .hash_rate_bytes_max = config.privacy.hash_rate_bytes_max,
                       .denials = nullptr},
          .tap = std::make_shared<const TapIdentity>(identity_of(config)),
          .scrubber = nullptr,
          .analyst = nullptr,
          .detector = nullptr,
          .sinks = {},
          .control_dir = config::control_dir(config),
          .first_events = {},
          .config_faults = {}};
}

namespace {

/// Metrics go one way: where log lines too end in CloudWatch, a call would count twice.
bool lines_carry_metrics(const Config& config) { return config.emf.agent_endpoint.empty(); }

sinks::CallRoute file_route(const Config& config, Stats& stats) {
  sinks::LineFile::Options options{.path = config.log.file,
                                   .file_bytes_max = config.log.file_bytes_max,
                                   .files_max = config.log.files_max};
  return {.output = std::make_unique<sinks::LineFile>(std::move(options), stats),
          .shows = {.metrics = lines_carry_metrics(config), .content = sinks::Content::kCaptured},
          .envelope = {}};
}

sinks::CallRoute descriptor_route(const Config& config, int fd) {
  return {.output = std::make_unique<sinks::FdOutput>(fd, sinks::FdOutput::Options{}),
          .shows = {.metrics = lines_carry_metrics(config)},
          .envelope = {}};
}

Result<sinks::CallRoute> agent_route(const Config& config, Stats& stats) {
  auto endpoint = sinks::parse_agent_endpoint(config.emf.agent_endpoint);
  if (!endpoint) return fail(std::move(endpoint).error());
  const bool datagrams = endpoint->protocol == sinks::AgentEndpoint::Protocol::kUdp;
  net::AgentOutput::Options options;
  options.endpoint = *std::move(endpoint);
  sinks::CallRoute route{.output = std::make_unique<net::AgentOutput>(std::move(options), stats),
                         // The agent takes metric lines only; the rest has no log group.
                         .shows = {.log_lines = false, .events = false},
                         .envelope = sinks::agent_envelope(config.emf, config.service)};
  if (datagrams) route.line_bytes_max = sinks::kDatagramBytesMax;
  return route;
}

Result<std::vector<std::unique_ptr<sinks::Sink>>> make_sinks(const Config& config, Stats& stats) {
  std::vector<sinks::CallRoute> routes;
  if (config.log.to_file) routes.push_back(file_route(config, stats));
  if (config.log.to_stderr) routes.push_back(descriptor_route(config, STDERR_FILENO));
  if (config.log.to_stdout) routes.push_back(descriptor_route(config, STDOUT_FILENO));
  if (!config.emf.agent_endpoint.empty()) {
    auto route = agent_route(config, stats);
    if (!route) return fail(std::move(route).error().within("emf.agent_endpoint"));
    routes.push_back(*std::move(route));
  }
  return sinks::make_call_sinks(std::move(routes), config.emf, stats);
}

/// The key of the configuration.  Where none is named, a key of this process alone is
/// better than no records; its hashes compare with each other only.
Result<privacy::HashKey> hash_key(const Config& config, Outlets& outlets) {
  auto key = privacy::load_hash_key(config.privacy, config.state_dir);
  if (key || !config.privacy.hash_key.empty()) return key;
  outlets.config_faults.push_back(key.error().message() +
                                  ": hashes of this run compare with each other only");
  return privacy::HashKey::ephemeral();
}

/// Whoever looks for thrash, and what it may deny.
void watch_for_thrash(Outlets& outlets, const Config& all, const privacy::HashKey& key,
                      Stats& stats) {
  const ThrashConfig& config = all.thrash;
  if (!config.enabled) return;
  std::shared_ptr<recorder::Denials> denials;
  if (config.action == ThrashConfig::Action::kDeny) {
    denials = std::make_shared<recorder::Denials>(key, all.server_name, all.privacy.raw_session_id);
  }
  outlets.detector = std::make_unique<thrash::Detector>(
      config,
      thrash::Context{.limit_tokens = all.alarms.context_limit_tokens,
                      .share = all.alarms.session_share},
      thrash::Limits{}, stats, denials ? &denials->table : nullptr);
  outlets.settings.denials = std::move(denials);
}

}  // namespace

Result<privacy::HashKey> fill(Outlets& outlets, const Config& config, Stats& stats) {
  auto key = hash_key(config, outlets);
  if (!key) return fail(std::move(key).error().within("privacy.hash_key"));
  auto scrubber = privacy::Scrubber::make(config.privacy, config.capture, *key, stats);
  if (!scrubber) return fail(std::move(scrubber).error());
  auto made = make_sinks(config, stats);
  if (!made) return fail(std::move(made).error());
  outlets.scrubber = *std::move(scrubber);
  outlets.sinks = *std::move(made);
  watch_for_thrash(outlets, config, *key, stats);
  return key;
}

}  // namespace sonde::app
