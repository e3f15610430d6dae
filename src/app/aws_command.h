#pragma once

#include <string_view>

#include "aws/inputs.h"
#include "base/result.h"
#include "cli/command.h"
#include "cli/finding.h"

namespace sonde::app {

/// `sonde aws …` for cli::Io: `command` is the word behind it.
int aws_command(std::string_view command, const cli::Arguments& arguments, cli::Io& io);

/// For cli::Io: how many alarms this configuration makes, and which are off for what reason.
cli::Findings alarm_findings(const cli::Arguments& arguments, const cli::Io& io);

/// The configuration that the command line means, once for all and once for each server that
/// has alarms of its own.  Fails with all its faults.
Result<aws::Inputs> load_inputs(const cli::Arguments& arguments, const cli::Io& io);

}  // namespace sonde::app
