#pragma once

#include "cli/command.h"

namespace sonde::cli {

// More of `sonde aws …`; the work is done by Io::aws.
extern const Command kAwsCostCommand;
extern const Command kAwsAdotCommand;
extern const Command kAwsDeployCommand;

}  // namespace sonde::cli
