#pragma once

#include "aws/inputs.h"
#include "cli/command.h"

namespace sonde::app {

/// `sonde aws template`
int aws_template_command(const aws::Inputs& inputs, const cli::Arguments& arguments, cli::Io& io);

}  // namespace sonde::app
