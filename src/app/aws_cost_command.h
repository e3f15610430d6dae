#pragma once

#include <string>

#include "aws/cost.h"
#include "aws/default_alarms.h"
#include "aws/inputs.h"
#include "base/result.h"
#include "cli/command.h"

namespace sonde::app {

/// `sonde aws cost`
int aws_cost_command(const aws::Inputs& inputs, const cli::Arguments& arguments, cli::Io& io);

/// What `--calls-per-second` and the like mean.  Fails on what is no number within reason.
Result<aws::Usage> usage_of(const aws::Inputs& inputs, const cli::Arguments& arguments);

/// The built-in prices, with what `--prices` and `--price` put in their place.
Result<aws::Prices> prices_of(const cli::Arguments& arguments);

/// What of the template is billed: its alarms, its page, its dashboard.
aws::Watched watched_by(const aws::DefaultAlarms& alarms);

/// The bill, as text or JSON.
Result<std::string> bill_of(const aws::Inputs& inputs, const aws::Watched& watched,
                            const cli::Arguments& arguments);

}  // namespace sonde::app
