#pragma once

#include <string>

#include "cli/command.h"

namespace sonde::app {

/// `sonde aws adot`
int aws_adot_command(const cli::Arguments& arguments, cli::Io& io);

/// `--region`, else AWS_REGION, else AWS_DEFAULT_REGION; empty if none of them says.
std::string region_of(const cli::Arguments& arguments, const cli::Io& io);

}  // namespace sonde::app
