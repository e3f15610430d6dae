#pragma once

#include "config/flags.h"

namespace sonde::app {

/// Runs `sonde proxy` until it is told to end; returns what the process ends with.
int run_proxy(config::ProxyCommand&& command);

}  // namespace sonde::app
