#pragma once

#include "cli/command.h"

namespace sonde::cli {

/// `sonde alarm replay`: would these alarms have fired?
extern const Command kAlarmReplayCommand;

}  // namespace sonde::cli
