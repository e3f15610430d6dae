#include "app/aws_template_command.h"

#include <string>

#include "aws/default_alarms.h"
#include "aws/explain.h"

namespace sonde::app {

int aws_template_command(const aws::Inputs& inputs, const cli::Arguments& arguments, cli::Io& io) {
  const auto alarms = aws::default_alarms(inputs);
  if (!alarms) {
    cli::complain(io, "aws template: " + alarms.error().message());
    return cli::kUsage;
  }
  if (arguments.has("explain")) {
    io.out(aws::explain(*alarms));
    return cli::kDone;
  }
  io.out(aws::matrix(*alarms));
  return cli::kDone;
}

}  // namespace sonde::app
