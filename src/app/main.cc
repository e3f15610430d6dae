#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <unistd.h>

#include "app/aws_command.h"
#include "app/install_command.h"
#include "app/proxy_command.h"
#include "app/tap_setup.h"
#include "cli/command.h"
#include "cli/io.h"
#include "wrap/wrap.h"

namespace {

std::vector<std::string> environment() {
  std::vector<std::string> variables;
  for (char** variable = environ; *variable; ++variable) variables.emplace_back(*variable);
  return variables;
}

/// Whether flag and environment allow that anything is added.  What the file says comes
/// later, from the recorder's thread, and can only take away.
bool injects(const sonde::config::WrapCommand& command) {
  const sonde::config::Field* const field = sonde::config::find_field("trace.inject");
  bool inject = true;
  if (const auto text = sonde::config::process_variable(sonde::config::variable_name(*field))) {
    const auto value = sonde::config::parse_value(*field, *text);
    if (value) inject = std::get<bool>(*value);
  }
  for (const sonde::config::Override& set : command.overrides) {
    if (set.field == field) inject = std::get<bool>(set.value);
  }
  return inject;
}

/// What the command line sets, so that it holds from the first moment; of the environment the
/// switches only, which no file has.
sonde::Config first_settings(const sonde::config::WrapCommand& command) {
  sonde::Config config;
  for (const sonde::config::Field& field : sonde::config::fields()) {
    if (!field.never_in_file) continue;
    const auto text = sonde::config::process_variable(sonde::config::variable_name(field));
    if (!text || text->empty()) continue;
    if (const auto value = sonde::config::parse_value(field, *text)) {
      sonde::config::assign(field, *value, config);
    }
  }
  for (const sonde::config::Override& set : command.overrides) {
    sonde::config::assign(*set.field, set.value, config);
  }
  return config;
}

int wrap(sonde::config::WrapCommand&& command) {
  const sonde::Config settings = first_settings(command);
  const sonde::wrap::WrapOptions options{.command = command.command,
                                         .environment = environment(),
                                         .inject = injects(command),
                                         .limits = settings.wrap,
                                         .pulse = settings.pulse,
                                         .tap_version = SONDE_VERSION};
  return sonde::wrap::run(options, sonde::app::tap_setup(std::move(command)));
}

}  // namespace

int main(int argc, char** argv) {
  sonde::cli::Io io = sonde::cli::system_io();
  io.wrap = wrap;
  io.proxy = sonde::app::run_proxy;
  io.install = sonde::app::install_command(sonde::install::Action::kInstall, argv[0]);
  io.uninstall = sonde::app::install_command(sonde::install::Action::kUninstall, argv[0]);
  io.aws = sonde::app::aws_command;
  io.alarms = sonde::app::alarm_findings;
  const std::vector<std::string_view> arguments(argv + 1, argv + argc);
  return sonde::cli::run_command(arguments, io);
}
