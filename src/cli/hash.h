#pragma once

#include "cli/command.h"

namespace sonde::cli {

extern const Command kHashCommand;

}  // namespace sonde::cli
