#include "app/aws_template_command.h"

#include <string>

#include "aws/explain.h"
#include "aws/runbooks.h"
#include "aws/template.h"

namespace sonde::app {

int aws_template_command(const aws::Inputs& inputs, const cli::Arguments& arguments, cli::Io& io) {
  const auto made = aws::make_template(inputs);
  if (!made) {
    cli::complain(io, "aws template: " + made.error().message());
    return cli::kUsage;
  }
  for (const std::string& sentence : aws::without_runbook(made->alarms)) {
    cli::complain(io, "aws template: " + sentence);
  }
  if (arguments.has("explain")) {
    io.out(aws::explain(made->alarms));
  } else if (arguments.has("matrix")) {
    io.out(aws::matrix(made->alarms));
  } else {
    io.out(made->text);
    if (!made->fits_inline()) {
      cli::complain(io, "the template has " + std::to_string(made->text.size()) +
                            " bytes; above 51200 CloudFormation takes it from S3 only "
                            "(sonde aws deploy --s3-bucket)");
    }
  }
  return cli::kDone;
}

}  // namespace sonde::app
