#pragma once

#include "cli/command.h"

namespace sonde::cli {

extern const Command kInstallCommand;
extern const Command kUninstallCommand;

}  // namespace sonde::cli
