#pragma once

#include "cli/command.h"

namespace sonde::cli {

extern const Command kTailCommand;

}  // namespace sonde::cli
