#include "app/tap_setup.h"

#include <string>
#include <utility>

#include "app/outlets.h"
#include "config/load.h"

namespace sonde::app {
namespace {

using recorder::Outlets;

/// A faulty configuration switches the tap off, not the server (design section 3.1): what
/// was meant by a key that cannot be read might have been privacy.
void degrade(Outlets& outlets, Stats& stats) {
  outlets.settings.trace.inject = false;
  outlets.scrubber = nullptr;
  outlets.sinks.clear();
  stats.add(Stat::kConfigErrors, outlets.config_faults.size());
  const std::size_t more = outlets.config_faults.size() - 1;
  say(outlets.config_faults.front() +
      (more > 0 ? "; and " + std::to_string(more) + " more" : std::string()) +
      ": the server runs, nothing is recorded (sonde doctor)");
}

Outlets make_outlets(const config::WrapCommand& command, Stats& stats) {
  const std::string host = host_name();
  const config::Loaded loaded = config::load({.config_file = command.config_file,
                                              .overrides = command.overrides,
                                              .command = command.command,
                                              .host = host});
  const Config& config = loaded.config;
  Outlets outlets = outlets_without_sinks(config);
  for (const config::Fault& fault : loaded.faults) {
    outlets.config_faults.push_back(config::to_string(fault));
  }
  if (!loaded.faults.empty()) {
    degrade(outlets, stats);
  } else if (const auto key = fill(outlets, config, stats); !key) {
    outlets.config_faults.insert(outlets.config_faults.begin(), key.error().message());
    degrade(outlets, stats);
  }
  return outlets;
}

}  // namespace

recorder::Recorder::Setup tap_setup(config::WrapCommand command) {
  return [command = std::move(command)](Stats& stats) { return make_outlets(command, stats); };
}

}  // namespace sonde::app
