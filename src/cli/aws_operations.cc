#include "cli/aws_operations.h"

#include <array>

#include "cli/place.h"

namespace sonde::cli {
namespace {

/// The work itself is done by a neighbour of this module, which main brings in.
int run_hook(std::string_view command, const Arguments& arguments, Io& io) {
  if (io.aws) return io.aws(command, arguments, io);
  complain(io, "not part of this program");
  return kProblem;
}

int run_cost(const Arguments& arguments, Io& io) { return run_hook("cost", arguments, io); }
int run_adot(const Arguments& arguments, Io& io) { return run_hook("adot", arguments, io); }
int run_deploy(const Arguments& arguments, Io& io) { return run_hook("deploy", arguments, io); }

constexpr Option kRegionOption = {
    .name = "region", .value = "REGION", .help = "As eu-central-1; by default AWS_REGION."};
constexpr Option kRateOption = {
    .name = "calls-per-second", .value = "N", .help = "Calls of all taps together, on average; 1."};
constexpr Option kServersOption = {
    .name = "servers", .value = "N", .help = "MCP servers; by default those of proxy.upstreams."};
constexpr Option kToolsOption = {.name = "tools", .value = "N", .help = "Tools of a server; 20."};
constexpr Option kTapsOption = {
    .name = "taps", .value = "N", .help = "Taps, as tasks of a service; 1."};
constexpr Option kPriceOption = {
    .name = "price", .value = "KEY=DOLLARS", .help = "Another price; several with commas between."};
constexpr Option kPricesOption = {
    .name = "prices", .value = "FILE", .help = "Other prices, as --show-prices writes them."};

constexpr std::array<Option, 13> kCostOptions = {{
    kConfigOption,
    kRateOption,
    kServersOption,
    kToolsOption,
    kTapsOption,
    {.name = "clients",
     .value = "N",
     .help = "Distinct client names, for the dimension ClientName; 3."},
    {.name = "traces-per-second",
     .value = "N",
     .help = "Sampled traces that instrumented programs send through the collector; 0."},
    {.name = "spans-per-trace", .value = "N", .help = "Spans of one of them; 5."},
    {.name = "transaction-search", .help = "Spans go to Transaction Search, not to X-Ray."},
    kPriceOption,
    kPricesOption,
    {.name = "show-prices", .help = "Print the prices as JSON, to be edited, and end."},
    {.name = "json", .help = "Print JSON."},
}};
constexpr std::array<Example, 3> kCostExamples = {{
    {"sonde aws cost --calls-per-second 50 --servers 3 --tools 20", "What a month costs."},
    {"sonde aws cost --calls-per-second 50 --emf-mode aggregate",
     "The same with metrics gathered to lines of their own."},
    {"sonde aws cost --show-prices > prices.json; sonde aws cost --prices prices.json",
     "With prices of another region, or of your contract."},
}};
constexpr std::array<Example, 2> kCostExit = {{
    {"0", "Done."},
    {"2", "The command line, the prices or the configuration are wrong."},
}};

constexpr std::array<std::string_view, 4> kAdotWords = {"collector", "task", "agent", "notes"};
constexpr std::array<Option, 16> kAdotOptions = {{
    kConfigOption,
    kRegionOption,
    {.name = "dir", .value = "FOLDER", .help = "Write all of them into this folder."},
    {.name = "image", .value = "IMAGE", .help = "Sonde's image, with a version or a digest."},
    {.name = "server-image", .value = "IMAGE", .help = "That of the MCP server, likewise."},
    {.name = "server-name", .value = "NAME", .help = "What it is called in logs and metrics."},
    {.name = "server-port", .value = "PORT", .help = "Where it listens; 3001."},
    {.name = "collector-image",
     .value = "IMAGE",
     .help = "Another version or digest of the collector."},
    {.name = "with-agent", .help = "Metrics go to a CloudWatch agent in the task, port 25888."},
    {.name = "agent-image", .value = "IMAGE", .help = "Its image, with a version or a digest."},
    {.name = "execution-role", .value = "ARN", .help = "With which ECS starts the task."},
    {.name = "task-role", .value = "ARN", .help = "What its containers may do."},
    {.name = "hash-key-secret",
     .value = "ARN",
     .help = "A secret with the key of the hashes, so that those of all tasks compare."},
    {.name = "cpu", .value = "UNITS", .help = "Of the task; 512."},
    {.name = "memory", .value = "MIB", .help = "Likewise; 1024."},
    {.name = "arm64", .help = "The images are for arm64."},
}};
constexpr std::array<Example, 4> kAdotExamples = {{
    {"sonde aws adot collector --region eu-central-1", "The collector's configuration."},
    {"sonde aws adot task --image sonde:0.1.0 --server-image search:1.4 --server-name search "
     "> task.json",
     "For `aws ecs register-task-definition --cli-input-json file://task.json`."},
    {"sonde aws adot agent", "The configuration of the CloudWatch agent on EC2."},
    {"sonde aws adot notes", "What there is to know for Lambda and EC2."},
}};
constexpr std::array<Example, 3> kAdotExit = {{
    {"0", "Done."},
    {"1", "A file could not be written."},
    {"2", "The command line or the configuration is wrong; what ECS would refuse is told."},
}};

constexpr std::array<Option, 14> kDeployOptions = {{
    kConfigOption,
    kRegionOption,
    {.name = "stack", .value = "NAME", .help = "The stack; sonde-mcp and the suffix."},
    {.name = "parameter",
     .value = "KEY=VALUE",
     .help = "A parameter of the template; several with commas between."},
    {.name = "s3-bucket",
     .value = "BUCKET",
     .help = "Where a template goes that is too large for the command line (51,200 bytes)."},
    {.name = "template",
     .value = "FILE",
     .help = "Deploy this one, which you have changed, as what `sonde aws template` printed."},
    {.name = "yes", .letter = 'y', .help = "Do not ask."},
    {.name = "dry-run", .help = "Print the commands that would be run, and run none."},
    kRateOption,
    kServersOption,
    kToolsOption,
    kTapsOption,
    kPriceOption,
    kPricesOption,
}};
constexpr std::array<Example, 3> kDeployExamples = {{
    {"sonde aws deploy --environment staging --calls-per-second 20",
     "Show what it costs and what would change, ask, and do it."},
    {"sonde aws deploy --dry-run", "Only the commands."},
    {"sonde aws deploy --yes --parameter Suffix=-blue", "From a pipeline."},
}};
constexpr std::array<Example, 3> kDeployExit = {{
    {"0", "Done, or there was nothing to change."},
    {"1", "It was declined, the AWS CLI is missing or refused, or the stack rolled back."},
    {"2", "The command line or the configuration is wrong."},
}};

}  // namespace

const Command kAwsCostCommand = {
    .name = "aws cost",
    .summary = "Reckon what metrics, alarms and log lines cost a month.",
    .description =
        "Counts the custom metrics that the configuration makes, the metrics that the template's "
        "alarms read, and the bytes of log lines, measured on sample lines, and multiplies with "
        "list prices of us-east-1, which are built in, dated, and to be checked. Says what is "
        "dear, and what would be cheaper. Free tiers, SNS, compute and traffic are not in it.",
    .options = kCostOptions,
    .examples = kCostExamples,
    .exit_codes = kCostExit,
    .run = run_cost,
    .configured = true,
};

const Command kAwsAdotCommand = {
    .name = "aws adot",
    .arguments = "collector|task|agent|notes",
    .summary = "Print configurations of collector, ECS task and CloudWatch agent.",
    .description =
        "`collector` is the configuration of the AWS collector for OpenTelemetry beside a tap: "
        "OTLP to X-Ray, no metrics. `task` is an ECS task definition for Fargate with the MCP "
        "server, the tap before it, and the collector. `agent` is the CloudWatch agent's "
        "configuration on EC2. `notes` says what there is to know elsewhere.",
    .options = kAdotOptions,
    .examples = kAdotExamples,
    .exit_codes = kAdotExit,
    .words = kAdotWords,
    .arguments_max = 1,
    .run = run_adot,
    .configured = true,
};

const Command kAwsDeployCommand = {
    .name = "aws deploy",
    .summary = "Deploy the template with the AWS CLI, after showing cost and changes.",
    .description =
        "Makes the template, reckons its cost, has CloudFormation make a change set, shows it, "
        "asks, and carries it out. Runs the AWS CLI (`aws`) with your environment; nothing else "
        "is sent anywhere. A change set that is not carried out is deleted again.",
    .options = kDeployOptions,
    .examples = kDeployExamples,
    .exit_codes = kDeployExit,
    .run = run_deploy,
    .configured = true,
};

}  // namespace sonde::cli
