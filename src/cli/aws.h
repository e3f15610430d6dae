#pragma once

#include "cli/command.h"

namespace sonde::cli {

// `sonde aws …`; the work is done by Io::aws.
extern const Command kAwsTemplateCommand;

}  // namespace sonde::cli
