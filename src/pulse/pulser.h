#pragma once

#include <functional>
#include <memory>
#include <vector>

#include "model/config.h"
#include "model/event.h"
#include "pulse/target.h"

namespace sonde::pulse {

/// Asks every server at its interval whether it is well, and tells what it finds.
///
/// Purpose.  Health over HTTP: each target has a connection of its own, away from the data path,
/// and a ServerHealth; each pulse is an event "server.pulse" with metrics, each change of health
/// one more.  Pulses are spread over the interval, and a tenth of it is chance, so that many
/// proxies do not ask at once.
/// Limits.  One pulse of a target at a time, PulseConfig::timeout each.
/// Threads.  One of its own, on which `tell` is called; start(), use() and the destructor are the
/// owner's.  Blocking.  The destructor, for that thread, which waits for nothing.
/// Failure.  A server that fails is what it is there for; without a thread nothing is told.
class Pulser {
 public:
  using Tell = std::function<void(Event&& event)>;

  Pulser(const PulseConfig& config, std::vector<Target> targets, Tell tell);
  ~Pulser();
  Pulser(const Pulser&) = delete;
  Pulser& operator=(const Pulser&) = delete;

  /// False if the system gives no thread.
  bool start();
  /// Other targets from now on; what is known of one that stays is kept.
  void use(const PulseConfig& config, std::vector<Target> targets);
  /// Nothing is told any more.  May be called again.
  void stop();

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sonde::pulse
