#include "cli/aws.h"

#include <array>

namespace sonde::cli {
namespace {

/// The work itself is done by a neighbour of this module, which main brings in.
int run_hook(std::string_view command, const Arguments& arguments, Io& io) {
  if (io.aws) return io.aws(command, arguments, io);
  complain(io, "not part of this program");
  return kProblem;
}

constexpr Option kConfigOption = {
    .name = "config", .value = "FILE", .help = "Read the configuration from this file."};

constexpr std::array<Example, 3> kExitCodes = {{
    {"0", "Done."},
    {"1", "It could not be read or written."},
    {"2",
     "The command line or the configuration is wrong; what AWS would refuse is told with its "
     "reason."},
}};

int run_template(const Arguments& arguments, Io& io) { return run_hook("template", arguments, io); }

constexpr std::array<Option, 3> kTemplateOptions = {{
    kConfigOption,
    {.name = "explain", .help = "List the alarms, and those that are off with the reason."},
    {.name = "matrix", .help = "List each alarm against the metric and dimensions it watches."},
}};

constexpr std::array<Example, 3> kTemplateExamples = {{
    {"sonde aws template --environment staging > mcp.json", "Topics, alarms and a dashboard."},
    {"sonde aws template --aws-alert-subscriptions email=ops@example.com", "Somebody is told."},
    {"sonde aws template --explain",
     "Which alarms there are, and which are off because a value "
     "is not set."},
}};

}  // namespace

const Command kAwsTemplateCommand = {
    .name = "aws template",
    .summary = "Print a CloudFormation template: alarms, dashboard, topics, log groups.",
    .description =
        "Prints one CloudFormation template, made from the configuration that the taps have: "
        "topics with subscriptions, log groups with retention, alarms on what the taps emit, a "
        "composite alarm that pages, a dashboard, saved queries, and policies for the task and "
        "whoever deploys. Nothing is sent anywhere.",
    .options = kTemplateOptions,
    .examples = kTemplateExamples,
    .exit_codes = kExitCodes,
    .run = run_template,
    .configured = true,
};

}  // namespace sonde::cli
