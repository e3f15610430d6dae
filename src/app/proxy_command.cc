#include "app/proxy_command.h"

#include <unistd.h>

#include <array>
#include <string>
#include <thread>
#include <utility>

#include "config/load.h"
#include "proxy/server.h"

namespace sonde::app {
namespace {

class Nowhere final : public proxy::ReportSink {
 public:
  void take(mcp::Report&&) noexcept override {}
  bool hash(std::uint64_t, std::string_view) noexcept override { return false; }
  std::uint64_t new_stream() noexcept override { return 1; }
};

void say(std::string_view text) {
  const std::string line = "sonde: " + std::string(text) + "\n";
  (void)!::write(STDERR_FILENO, line.data(), line.size());
}

Result<Config> load(const config::ProxyCommand& command) {
  const config::Loaded loaded = config::load({.config_file = command.config_file,
                                              .overrides = command.overrides,
                                              .command = {},
                                              .host = "host"});
  if (!loaded.faults.empty()) {
    return fail(Errc::kInvalidInput, config::to_string(loaded.faults.front()));
  }
  return loaded.config;
}

}  // namespace

int run_proxy(config::ProxyCommand&& command) {
  auto signals = proxy::Server::take_signals();
  const auto config = load(command);
  if (!config) {
    say(config.error().message());
    return 2;
  }
  auto settings = proxy::make_settings(*config);
  if (!settings) {
    say(settings.error().message());
    return 2;
  }
  std::uint32_t threads = config->proxy.threads;
  if (threads == 0) threads = std::max(1U, std::thread::hardware_concurrency());
  std::vector<Nowhere> sinks(threads);
  std::vector<Stats> stats(threads);
  std::vector<proxy::Server::Desk> desks;
  for (std::uint32_t i = 0; i < threads; ++i)
    desks.push_back({.reports = &sinks[i], .stats = &stats[i]});
  auto server =
      proxy::Server::make(*settings, desks,
                          {.reload = [&]() -> Result<std::shared_ptr<const proxy::Settings>> {
                             auto again = load(command);
                             if (!again) return fail(again.error());
                             return proxy::make_settings(*again);
                           },
                           .say = say});
  if (!server) {
    say(server.error().message());
    return 1;
  }
  (*server)->run(*signals);
  return 0;
}

}  // namespace sonde::app
