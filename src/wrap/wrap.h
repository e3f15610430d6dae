#pragma once

#include <string>
#include <vector>

#include "model/config.h"
#include "recorder/recorder.h"

namespace sonde::wrap {

struct WrapOptions {
  /// The server's command, as it stood behind `--`.  Never empty.
  std::vector<std::string> command;
  /// Our own environment, "NAME=value" each: what the server gets, and what says to
  /// which trace and session this run belongs.
  std::vector<std::string> environment;
  /// --no-inject: not a byte is added, neither to the stream nor to the environment,
  /// whatever the configuration says.
  bool inject = true;
  /// What the configuration says outranks these, once it has been read; but not the switches
  /// WrapConfig::pulse and restart, which decide what the server is connected to.
  WrapConfig limits;
  PulseConfig pulse;
  std::string tap_version;
};

/// Runs the command as a child and relays stdin, stdout and stderr until it has ended.
///
/// Purpose.  `sonde wrap`: what the client and the server see is what they would see
/// without us, but for the `_meta` splice (design sections 3 and 6).  Takes descriptors
/// 0 to 2 of the process, its signals and its children for itself, so it is called once,
/// from main, while there is one thread; whoever tests it calls it in a forked child.
/// Limits.  WrapConfig.
/// Returns the exit code for main: the server's own, 127 if the command is not found or
/// the system gives no process, 126 if it cannot be executed.  If a signal has ended
/// the server, the same signal ends this process, and run() does not return.  Nor does it
/// if a sink hangs longer than WrapConfig::flush_max: it calls _exit.
/// Blocking.  As long as the server lives.  Failure.  What of ours fails costs
/// observation, never the session.
int run(const WrapOptions& options, recorder::Recorder::Setup setup);

}  // namespace sonde::wrap
