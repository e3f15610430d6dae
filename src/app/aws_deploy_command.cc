#include "app/aws_deploy_command.h"

#include <unistd.h>

#include <chrono>
#include <cstdlib>
#include <filesystem>
#include <string>
#include <string_view>
#include <utility>

#include "app/aws_adot_command.h"
#include "app/aws_cost_command.h"
#include "aws/default_alarms.h"
#include "aws/deploy.h"
#include "aws/template.h"
#include "base/fd.h"
#include "base/printable.h"
#include "config/load.h"

namespace sonde::app {
namespace {

/// A file for the AWS CLI to read, gone with this object.
class TemporaryFile {
 public:
  static Result<TemporaryFile> make(std::string_view text) {
    std::error_code error;
    std::string path = std::filesystem::temp_directory_path(error) / "sonde-template-XXXXXX";
    const Fd fd(mkstemp(path.data()));
    if (!fd) return fail(Errc::kInternal, "no temporary file can be made");
    TemporaryFile file(std::move(path));
    while (!text.empty()) {
      const ssize_t n = write(fd.get(), text.data(), text.size());
      if (n <= 0) return fail(Errc::kInternal, "the temporary file cannot be written");
      text.remove_prefix(static_cast<std::size_t>(n));
    }
    return file;
  }

  TemporaryFile(TemporaryFile&& other) noexcept : path_(std::exchange(other.path_, {})) {}
  TemporaryFile& operator=(TemporaryFile&&) = delete;
  ~TemporaryFile() {
    if (!path_.empty()) unlink(path_.c_str());
  }

  const std::string& path() const noexcept { return path_; }

 private:
  explicit TemporaryFile(std::string path) : path_(std::move(path)) {}

  std::string path_;
};

/// The answer to a question; a no if there is nobody to ask.
bool ask(std::string_view question, cli::Io& io) {
  if (isatty(io.in) == 0) {
    cli::complain(io, "aws deploy: nobody to ask; give --yes");
    return false;
  }
  io.out(std::string(question) + " [y/N] ");
  std::string answer;
  for (char c = 0; read(io.in, &c, 1) == 1 && c != '\n' && answer.size() < 16;) answer += c;
  return answer == "y" || answer == "Y" || answer == "yes";
}

std::vector<std::string> split(std::string_view text) {
  std::vector<std::string> parts;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    parts.emplace_back(text.substr(0, comma));
    text.remove_prefix(std::min(comma + 1, text.size()));
  }
  return parts;
}

aws::DeployOptions options_of(const aws::Inputs& inputs, const cli::Arguments& arguments,
                              const cli::Io& io) {
  aws::DeployOptions options;
  options.stack += aws::suffix_of(inputs.common);
  if (const auto stack = arguments.value("stack")) options.stack = *stack;
  if (const auto bucket = arguments.value("s3-bucket")) options.bucket = *bucket;
  options.parameters = split(arguments.value("parameter").value_or(""));
  options.region = arguments.value("region").value_or("");
  const auto now = std::chrono::duration_cast<std::chrono::seconds>(io.clock->now().wall);
  options.change_set = "sonde-" + std::to_string(now.count());
  return options;
}

Result<std::string> template_of(const aws::Inputs& inputs, const cli::Arguments& arguments) {
  const auto file = arguments.value("template");
  if (file) {
    auto text = config::read_text_file(std::string(*file), aws::kTemplateBytesMax);
    if (!text) return fail(std::move(text).error().within(printable(*file)));
    return text;
  }
  auto made = aws::make_template(inputs);
  if (!made) return fail(std::move(made).error());
  return std::move(made->text);
}

int print_commands(const aws::DeployOptions& options, cli::Io& io) {
  const auto commands = aws::deploy_commands(options);
  if (!commands) {
    cli::complain(io, "aws deploy: " + commands.error().message());
    return cli::kUsage;
  }
  for (const aws::CommandLine& command : *commands) io.out(aws::shell_text(command) + '\n');
  return cli::kDone;
}

int carry_out(const aws::DeployOptions& options, bool yes, cli::Io& io) {
  const auto deployed = aws::deploy(
      options, {.run = aws::run_program,
                .say = [&](std::string_view text) { io.out(text); },
                .agrees = [&](std::string_view question) { return yes || ask(question, io); }});
  if (!deployed) {
    cli::complain(io, "aws deploy: " + deployed.error().message());
    return deployed.error().code() == Errc::kInvalidInput ? cli::kUsage : cli::kProblem;
  }
  return *deployed == aws::Deployed::kDeclined ? cli::kProblem : cli::kDone;
}

}  // namespace

int aws_deploy_command(const aws::Inputs& inputs, const cli::Arguments& arguments, cli::Io& io) {
  const auto alarms = aws::default_alarms(inputs);
  const auto bill = alarms ? bill_of(inputs, watched_by(*alarms), arguments) : fail(alarms.error());
  auto text = bill ? template_of(inputs, arguments) : fail(bill.error());
  if (!text) {
    cli::complain(io, "aws deploy: " + text.error().message());
    return cli::kUsage;
  }
  aws::DeployOptions options = options_of(inputs, arguments, io);
  options.template_json = *std::move(text);
  io.out(*bill + '\n');
  if (arguments.has("dry-run")) {
    options.template_file = arguments.value("template").value_or("template.json");
    return print_commands(options, io);
  }
  const auto file = TemporaryFile::make(options.template_json);
  if (!file) {
    cli::complain(io, "aws deploy: " + file.error().message());
    return cli::kProblem;
  }
  options.template_file = file->path();
  return carry_out(options, arguments.has("yes"), io);
}

}  // namespace sonde::app
