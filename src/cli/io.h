#pragma once

#include <chrono>
#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "cli/finding.h"
#include "config/flags.h"
#include "config/resolve.h"

namespace sonde::cli {

class Arguments;
struct Io;

/// What a command sees of the world, so that a test needs no process.
struct Io {
  /// False once nobody reads any more, as behind `| head`: the command then ends.
  std::function<bool(std::string_view text)> out;
  std::function<void(std::string_view text)> err;
  config::Lookup lookup = config::process_variable;
  std::vector<std::string> variables;  ///< Names of all variables of the environment.
  std::string host;
  bool terminal = false;    ///< `out` goes to a terminal.
  std::size_t columns = 0;  ///< Of the terminal; 0: as wide as it takes.
  const Clock* clock = nullptr;
  /// Local time minus UTC at a moment given in seconds since the epoch.
  std::function<std::chrono::seconds(std::chrono::seconds)> utc_offset;
  int in = 0;
  /// A descriptor that becomes readable when the user has asked to end (Ctrl-C).  Called
  /// once, by a command that waits; until then Ctrl-C just ends the process.
  std::function<int()> stop_fd;
  /// Runs `sonde wrap`; set by main, because wrapping is no business of this module.
  std::function<int(config::WrapCommand&&)> wrap;
  /// Runs `sonde proxy`, likewise.
  std::function<int(config::ProxyCommand&&)> proxy;
  /// `sonde install` and `sonde uninstall`; likewise.
  std::function<int(const Arguments&, Io&)> install;
  std::function<int(const Arguments&, Io&)> uninstall;
  /// `sonde aws …`: `command` is the word behind it.
  std::function<int(std::string_view command, const Arguments&, Io&)> aws;
  /// What there is to say of the default alarms of this configuration, for `sonde doctor`.
  std::function<Findings(const Arguments&, const Io&)> alarms;
};

/// The real world: descriptors 0 to 2, the environment, the system's clock and time zone.
/// Changes no signal, so what runs afterwards inherits none changed.
Io system_io();

/// What a command's process ends with.
enum ExitCode : int {
  kDone = 0,
  kProblem = 1,  ///< Something is wrong, or what was asked for is not there.
  kUsage = 2,    ///< The command line is wrong.
};

/// Writes "sonde: <text>" to stderr.
void complain(Io& io, std::string_view text);

}  // namespace sonde::cli
