#include "app/aws_adot_command.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <string_view>
#include <utility>

#include "aws/inputs.h"
#include "aws/task_definition.h"
#include "base/nearest.h"
#include "base/printable.h"
#include "config/fault.h"
#include "config/load.h"

namespace sonde::app {
namespace {

constexpr std::array<std::string_view, 4> kWords = {"collector", "task", "agent", "notes"};
constexpr std::array<std::string_view, 4> kFiles = {"collector.yaml", "task-definition.json",
                                                    "cloudwatch-agent.json", "notes.txt"};

template <class Integer>
Status set_number(const cli::Arguments& arguments, std::string_view option, Integer& to) {
  const auto text = arguments.value(option);
  if (!text) return {};
  Integer value = 0;
  const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), value);
  if (error != std::errc() || end != text->data() + text->size() || value == 0) {
    return fail(Errc::kInvalidInput,
                "--" + std::string(option) + ": `" + printable(*text, 64) + "` is no such number");
  }
  to = value;
  return {};
}

Result<aws::TaskOptions> task_options(const cli::Arguments& arguments, const Config& config,
                                      const cli::Io& io) {
  aws::TaskOptions options;
  const auto set = [&](std::string_view option, std::string& to) {
    if (const auto text = arguments.value(option)) to = *text;
  };
  options.sonde_image = "sonde:" + std::string(cli::version());
  set("image", options.sonde_image);
  set("server-image", options.server_image);
  set("server-name", options.server_name);
  set("collector-image", options.collector_image);
  set("agent-image", options.agent_image);
  set("execution-role", options.execution_role);
  set("task-role", options.task_role);
  set("hash-key-secret", options.hash_key_secret);
  options.agent = arguments.has("with-agent") || !config.emf.agent_endpoint.empty();
  options.arm64 = arguments.has("arm64");
  options.log_group = aws::log_groups(config).front();
  if (const std::string region = region_of(arguments, io); !region.empty()) {
    options.region = region;
  }
  SONDE_RETURN_IF_ERROR(set_number(arguments, "server-port", options.server_port));
  SONDE_RETURN_IF_ERROR(set_number(arguments, "cpu", options.cpu));
  SONDE_RETURN_IF_ERROR(set_number(arguments, "memory", options.memory_mib));
  return options;
}

/// What one of kWords stands for.
Result<std::string> text_of(std::string_view word, const config::Loaded& loaded,
                            const aws::TaskOptions& options) {
  if (word == "notes") return std::string(aws::other_places());
  if (word == "task") return aws::task_definition(loaded, options);
  if (word == "agent") {
    return aws::agent_json(loaded.config, options.log_group, loaded.config.aws.retention_days);
  }
  return aws::collector_yaml({.region = options.region, .log_group = options.log_group});
}

Status write_file(const std::filesystem::path& path, const std::string& text) {
  std::ofstream file(path, std::ios::binary | std::ios::trunc);
  file << text;
  file.close();
  if (file) return {};
  return fail(Errc::kInternal, printable(path.string()) + " cannot be written");
}

int write_all(const std::string& folder, const config::Loaded& loaded,
              const aws::TaskOptions& options, cli::Io& io) {
  std::error_code error;
  std::filesystem::create_directories(folder, error);
  for (std::size_t i = 0; i < kWords.size(); ++i) {
    const auto text = text_of(kWords[i], loaded, options);
    if (!text) {
      cli::complain(io, "aws adot: " + text.error().message());
      return cli::kUsage;
    }
    const auto path = std::filesystem::path(folder) / kFiles[i];
    if (const auto written = write_file(path, *text); !written) {
      cli::complain(io, "aws adot: " + written.error().message());
      return cli::kProblem;
    }
    io.out(path.string() + '\n');
  }
  return cli::kDone;
}

int complain_word(std::string_view word, cli::Io& io) {
  const std::string hint = config::did_you_mean(nearest(word.substr(0, 64), kWords));
  cli::complain(io, "aws adot: there is no `" + printable(word, 64) + '`' +
                        (hint.empty() ? "" : "; " + hint));
  return cli::kUsage;
}

int print_one(std::string_view word, const config::Loaded& loaded, const aws::TaskOptions& options,
              cli::Io& io) {
  if (std::ranges::find(kWords, word) == kWords.end()) return complain_word(word, io);
  const auto text = text_of(word, loaded, options);
  if (!text) {
    cli::complain(io, "aws adot: " + text.error().message());
    return cli::kUsage;
  }
  io.out(*text);
  return cli::kDone;
}

}  // namespace

std::string region_of(const cli::Arguments& arguments, const cli::Io& io) {
  if (const auto region = arguments.value("region")) return std::string(*region);
  if (const auto region = config::variable(io.lookup, "AWS_REGION")) return *region;
  return config::variable(io.lookup, "AWS_DEFAULT_REGION").value_or("");
}

int aws_adot_command(const cli::Arguments& arguments, cli::Io& io) {
  const config::Loaded loaded = config::load({.config_file = arguments.value("config").value_or(""),
                                              .overrides = arguments.overrides(),
                                              .command = {},
                                              .lookup = io.lookup,
                                              .host = io.host});
  for (const config::Fault& fault : loaded.faults) cli::complain(io, config::to_string(fault));
  if (!loaded.faults.empty()) return cli::kUsage;
  const auto options = task_options(arguments, loaded.config, io);
  if (!options) {
    cli::complain(io, "aws adot: " + options.error().message());
    return cli::kUsage;
  }
  const std::string_view word = arguments.words().empty() ? "" : arguments.words().front();
  const auto folder = arguments.value("dir");
  if (word.empty() && !folder) {
    cli::complain(io, "aws adot: say which, collector, task, agent or notes; or --dir for all");
    return cli::kUsage;
  }
  if (word.empty() || word == "task") {
    for (const std::string& sentence : aws::container_settings(loaded).left_out) {
      cli::complain(io, "aws adot: " + sentence);
    }
    if (options->hash_key_secret.empty() && !loaded.config.privacy.hash_key.starts_with("env:")) {
      cli::complain(io,
                    "aws adot: without --hash-key-secret every task hashes with a key of its "
                    "own, and hashes of two tasks do not compare");
    }
  }
  if (folder) return write_all(std::string(*folder), loaded, *options, io);
  return print_one(word, loaded, *options, io);
}

}  // namespace sonde::app
