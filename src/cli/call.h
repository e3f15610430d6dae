#pragma once

#include "cli/command.h"

namespace sonde::cli {

extern const Command kCallCommand;

}  // namespace sonde::cli
