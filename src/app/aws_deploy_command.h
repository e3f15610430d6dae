#pragma once

#include "aws/inputs.h"
#include "cli/command.h"

namespace sonde::app {

/// `sonde aws deploy`
int aws_deploy_command(const aws::Inputs& inputs, const cli::Arguments& arguments, cli::Io& io);

}  // namespace sonde::app
