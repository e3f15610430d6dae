#include "app/aws_command.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "app/aws_adot_command.h"
#include "app/aws_cost_command.h"
#include "app/aws_deploy_command.h"
#include "app/aws_template_command.h"
#include "aws/default_alarms.h"
#include "base/printable.h"
#include "config/load.h"

namespace sonde::app {
namespace {

Result<Config> load_config(const config::Sources& sources) {
  config::Loaded loaded = config::load(sources);
  if (loaded.faults.empty()) return std::move(loaded.config);
  std::string all;
  for (const config::Fault& fault : loaded.faults) {
    all += (all.empty() ? "" : "\nsonde: ") + config::to_string(fault);
  }
  return fail(Errc::kInvalidInput, std::move(all));
}

/// Each server that is to have alarms of its own or of its tools, once.
std::vector<std::string> servers_of(const AlarmsConfig& alarms) {
  std::vector<std::string> names;
  const auto add = [&](std::string name) {
    if (std::ranges::find(names, name) == names.end()) names.push_back(std::move(name));
  };
  for (const std::string& server : alarms.servers) add(server);
  for (const std::string& tool : alarms.tools) add(tool.substr(0, tool.find('/')));
  return names;
}

}  // namespace

Result<aws::Inputs> load_inputs(const cli::Arguments& arguments, const cli::Io& io) {
  config::Sources sources = {.config_file = arguments.value("config").value_or(""),
                             .overrides = arguments.overrides(),
                             .command = {},
                             .lookup = io.lookup,
                             .host = io.host};
  auto common = load_config(sources);
  if (!common) return fail(std::move(common).error());
  aws::Inputs inputs{.common = *std::move(common), .servers = {}};
  for (const std::string& server : servers_of(inputs.common.alarms)) {
    std::vector<config::Override> overrides = arguments.overrides();
    overrides.push_back({.field = config::find_field("name"), .value = server});
    sources.overrides = overrides;
    auto own = load_config(sources);
    if (!own) return fail(std::move(own).error());
    inputs.servers.push_back(*std::move(own));
  }
  return inputs;
}

cli::Findings alarm_findings(const cli::Arguments& arguments, const cli::Io& io) {
  const auto inputs = load_inputs(arguments, io);
  if (!inputs) return {};  // Told of the configuration.
  const auto alarms = aws::default_alarms(*inputs);
  if (!alarms) {
    return {{.level = cli::Level::kRed,
             .what = alarms.error().message(),
             .where = {},
             .advice = "sonde aws template makes no alarms of this"}};
  }
  cli::Findings findings{{.what = std::to_string(alarms->alarms.size()) +
                                  " alarms and one that pages; see sonde aws template --explain",
                          .where = {},
                          .advice = {}}};
  for (const aws::AlarmOff& off : alarms->off) {
    findings.push_back({.what = "is off: " + off.reason,
                        .where = std::string(aws::info(off.kind).name) +
                                 (off.server.empty() ? "" : " of " + off.server),
                        .advice = {}});
  }
  return findings;
}

int aws_command(std::string_view command, const cli::Arguments& arguments, cli::Io& io) {
  if (command == "adot") return aws_adot_command(arguments, io);
  auto inputs = load_inputs(arguments, io);
  if (!inputs) {
    cli::complain(io, inputs.error().message());
    return cli::kUsage;
  }
  if (command == "template") return aws_template_command(*inputs, arguments, io);
  if (command == "cost") return aws_cost_command(*inputs, arguments, io);
  if (command == "deploy") return aws_deploy_command(*inputs, arguments, io);
  cli::complain(io, "aws " + printable(command, 64) + ": not part of this program");
  return cli::kProblem;
}

}  // namespace sonde::app
