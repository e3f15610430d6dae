#include "app/proxy_command.h"

#include <algorithm>
#include <deque>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "app/outlets.h"
#include "config/load.h"
#include "proxy/recorder_link.h"
#include "proxy/server.h"
#include "pulse/pulser.h"
#include "recorder/http_analyst.h"

namespace sonde::app {
namespace {

constexpr int kStarted = 0;
constexpr int kNotStarted = 1;
constexpr int kWrong = 2;

/// Shorter than wrap's: thousands of calls a second make a batch that would keep the data path
/// from the CPU for milliseconds, and a proxy that is idle wakes no more often for it.
constexpr std::chrono::milliseconds kGather{5};

/// Once nothing more comes, what was seen has so long to reach the sinks.
constexpr std::chrono::seconds kFlushMax{2};

Result<Config> load(const config::ProxyCommand& command) {
  const std::string host = host_name();
  const config::Loaded loaded = config::load({.config_file = command.config_file,
                                              .overrides = command.overrides,
                                              .command = {},
                                              .host = host});
  if (loaded.faults.empty()) return loaded.config;
  std::string all;
  for (const config::Fault& fault : loaded.faults) {
    all += (all.empty() ? "" : "\nsonde: ") + config::to_string(fault);
  }
  return fail(Errc::kInvalidInput, std::move(all));
}

std::vector<mcp::HttpUpstream> upstream_identities(const Config& config,
                                                   const proxy::Settings& settings) {
  std::vector<mcp::HttpUpstream> out;
  for (const proxy::Upstream& upstream : settings.upstreams) {
    TapIdentity identity = identity_of(config);
    identity.server_name = upstream.name;
    identity.transport = Transport::kHttp;
    auto http = std::make_shared<const TapIdentity>(identity);
    identity.transport = Transport::kSse;
    out.push_back({.http = std::move(http), .sse = std::make_shared<const TapIdentity>(identity)});
  }
  return out;
}

recorder::Recorder::Setup proxy_setup(Config config,
                                      std::shared_ptr<const proxy::Settings> settings) {
  // Of the recorder's thread, as all that setup makes.
  auto random = std::make_shared<Random>();
  return [config = std::move(config), settings = std::move(settings), random](Stats& stats) {
    recorder::Outlets outlets = outlets_without_sinks(config);
    auto key = fill(outlets, config, stats);
    if (!key) {
      outlets.config_faults.push_back(key.error().message());
      stats.add(Stat::kConfigErrors);
      say(key.error().message() + ": nothing is recorded (sonde doctor)");
      return outlets;
    }
    mcp::HttpSessionsOptions options;
    options.gauges_every = config.emf.interval;
    options.raw_session_id = config.privacy.raw_session_id;
    options.raw_user_id = config.privacy.raw_user_id;
    options.sessions_max = config.proxy.sessions_max;
    options.users_max = config.proxy.users_max;
    options.session_idle_max = config.proxy.session_idle_max;
    options.inferred = {.sessions_max = config.proxy.sessions_max,
                        .idle_gap = config.proxy.session_gap};
    for (mcp::TrackerOptions* const tracker : {&options.session, &options.shared}) {
      tracker->pending_after = config.log.pending_after;
      tracker->inject = config.trace.inject;
      tracker->start_lines = config.log.start_lines;
    }
    outlets.analyst = std::make_unique<recorder::HttpAnalyst>(
        options, upstream_identities(config, *settings), *std::move(key), *random, stats);
    return outlets;
  };
}

/// Where an upstream is asked whether it is well: at the path of its URL, else where its clients
/// would ask, below their prefix.
mcp::HttpPulse::Options asks_of(const PulseConfig& config, const proxy::Upstream& upstream) {
  mcp::HttpPulse::Options asks;
  const std::string before = upstream.replaces ? upstream.base : upstream.for_prefix;
  if (!before.empty()) asks.paths.push_back(before);
  asks.paths.push_back(before + config.path);
  if (before.empty()) asks.paths.emplace_back("/");
  asks.event_path = upstream.base.ends_with("/sse") ? upstream.base : before + "/sse";
  for (const std::string& tool : config.expected_tools) {
    const std::size_t slash = tool.find('/');
    const bool all = slash == std::string::npos;
    if (all || tool.substr(0, slash) == upstream.name) {
      asks.expected_tools.push_back(all ? tool : tool.substr(slash + 1));
    }
  }
  asks.tap_version = SONDE_VERSION;
  return asks;
}

std::vector<pulse::Target> targets_of(const Config& config, const proxy::Settings& settings) {
  std::vector<pulse::Target> targets;
  const auto identities = upstream_identities(config, settings);
  for (std::size_t i = 0; i < settings.upstreams.size(); ++i) {
    const proxy::Upstream& upstream = settings.upstreams[i];
    targets.push_back({.host = upstream.host,
                       .port = upstream.port,
                       .authority = upstream.authority,
                       .tls = upstream.tls_context,
                       .asks = asks_of(config.pulse, upstream),
                       .tap = identities[i].http});
  }
  return targets;
}

int complain(const Error& error, int code) {
  say("proxy: " + error.message());
  return code;
}

std::uint32_t threads_of(const ProxyConfig& config) {
  return config.threads > 0 ? config.threads : std::max(1U, std::thread::hardware_concurrency());
}

}  // namespace

int run_proxy(config::ProxyCommand&& command) {
  auto signals = proxy::Server::take_signals();
  auto config = load(command);
  if (!config) return complain(config.error(), kWrong);
  auto settings = proxy::make_settings(*config);
  if (!settings) return complain(settings.error(), kWrong);
  if (!signals) return complain(Error(Errc::kUnavailable, "no descriptors are left"), kNotStarted);

  const SystemClock clock;
  const std::uint32_t threads = threads_of(config->proxy);
  recorder::Recorder recorder(proxy_setup(*config, *settings), clock,
                              {.queue_records_max = config->proxy.queue_records_max,
                               .queue_bytes_max = config->proxy.queue_bytes_max,
                               .producers = threads + 1,
                               .without_values = 1,
                               .gather = kGather});
  if (!recorder.start()) say("proxy: no thread for the recorder: nothing is recorded");
  std::deque<proxy::RecorderLink> links;
  std::vector<proxy::Server::Desk> desks;
  for (std::uint32_t i = 0; i < threads; ++i) {
    links.emplace_back(recorder.producer(i), i);
    desks.push_back({.reports = &links.back(), .stats = &links.back().stats()});
  }
  pulse::Pulser pulser(config->pulse, targets_of(*config, **settings),
                       [told = recorder.producer(threads)](Event&& event) mutable {
                         told.record(std::move(event));  // Counted if it is dropped.
                       });
  const auto reload = [&command, &pulser]() -> Result<std::shared_ptr<const proxy::Settings>> {
    auto again = load(command);
    if (!again) return fail(std::move(again).error());
    auto fresh = proxy::make_settings(*again);
    if (fresh) pulser.use(again->pulse, targets_of(*again, **fresh));
    return fresh;
  };
  auto server = proxy::Server::make(*settings, std::move(desks), {.reload = reload, .say = say});
  if (!server) return complain(server.error(), kNotStarted);
  if (!pulser.start()) say("proxy: no thread for pulses: upstreams are not asked how they are");
  (*server)->run(*signals);
  server->reset();
  pulser.stop();
  if (!recorder.stop(clock.now().monotonic + kFlushMax)) ::_exit(kStarted);
  return kStarted;
}

}  // namespace sonde::app
