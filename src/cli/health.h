#pragma once

#include "cli/command.h"

namespace sonde::cli {

extern const Command kHealthCommand;

}  // namespace sonde::cli
