// The table of all commands, and those that need no file of their own.
#include <array>
#include <string>

#include "base/nearest.h"
#include "base/printable.h"
#include "cli/alarm.h"
#include "cli/aws.h"
#include "cli/aws_operations.h"
#include "cli/call.h"
#include "cli/capture.h"
#include "cli/command.h"
#include "cli/completion.h"
#include "cli/doctor.h"
#include "cli/hash.h"
#include "cli/health.h"
#include "cli/help.h"
#include "cli/install.h"
#include "cli/man.h"
#include "cli/tail.h"
#include "config/fault.h"

namespace sonde::cli {
namespace {

constexpr std::array<Example, 1> kUsageExit = {{{"2", "The command line is wrong."}}};

int unknown_word(std::string_view command, std::string_view word,
                 std::span<const std::string_view> words, Io& io) {
  const std::string hint = config::did_you_mean(nearest(word.substr(0, 64), words));
  const std::string text = std::string(command) + ": there is no `" + printable(word, 64) + '`';
  complain(io, text + (hint.empty() ? "" : "; " + hint));
  return kUsage;
}

std::vector<std::string_view> command_names() {
  std::vector<std::string_view> names;
  for (const Command& command : commands()) names.push_back(command.name);
  return names;
}

int run_help(const Arguments& arguments, Io& io) {
  if (arguments.words().empty()) {
    io.out(overview());
    return kDone;
  }
  std::string word(arguments.words().front());
  if (arguments.words().size() == 1 && !commands_of(word).empty()) {
    io.out(overview_of(word));
    return kDone;
  }
  if (arguments.words().size() == 2) word += ' ' + std::string(arguments.words().back());
  const Command* command = find_command(word);
  if (command == nullptr) return unknown_word("help", word, command_names(), io);
  io.out(help_of(*command));
  return kDone;
}

constexpr std::array<std::string_view, 3> kShells = {"bash", "zsh", "fish"};

int run_completion(const Arguments& arguments, Io& io) {
  const std::string_view shell = arguments.words().front();
  const std::string script = completion_for(shell);
  if (script.empty()) return unknown_word("completion", shell, kShells, io);
  io.out(script);
  return kDone;
}

int run_man(const Arguments& arguments, Io& io) {
  const std::vector<std::string> pages = man_pages();
  if (arguments.has("list")) {
    for (const std::string& page : pages) io.out(page + ' ' + man_file(page) + '\n');
    return kDone;
  }
  const std::string_view page = arguments.words().empty() ? "sonde" : arguments.words().front();
  const std::string text = man_page(page);
  if (text.empty()) {
    const std::vector<std::string_view> names(pages.begin(), pages.end());
    return unknown_word("man", page, names, io);
  }
  io.out(text);
  return kDone;
}

constexpr std::array<Option, 1> kWrapOptions = {{
    {.name = "config", .value = "FILE", .help = "Read the configuration from this file."},
}};
constexpr std::array<Example, 3> kWrapExamples = {{
    {"sonde wrap -- npx -y @modelcontextprotocol/server-everything", "Observe a server."},
    {"sonde wrap --name github --environment staging -- docker run -i --rm mcp/github",
     "The same, with names for logs and metrics."},
    {"sonde wrap --no-inject -- uvx mcp-server-fetch", "Not one byte of the stream is changed."},
}};
constexpr std::array<Example, 4> kWrapExit = {{
    {"N", "That of the server; a signal that ended it ends wrap too."},
    {"2", "A wrong flag, or no command; nothing was started."},
    {"126", "The command cannot be executed."},
    {"127", "The command was not found."},
}};

constexpr std::array<Example, 4> kProxyExamples = {{
    {"sonde proxy --upstream search=http://127.0.0.1:3001",
     "Observe a server; clients connect to http://127.0.0.1:8080 instead."},
    {"sonde proxy --listen 127.0.0.1:9000 --upstream a@a.example.com=http://10.0.0.1:3000 "
     "--upstream b@b.example.com=http://10.0.0.2:3000",
     "Two servers, told apart by the host that clients ask for."},
    {"sonde proxy --upstream files/files=http://127.0.0.1:3001/ "
     "--upstream git/git=http://127.0.0.1:3002/",
     "Two servers, told apart by path: /files/mcp is /mcp of the first."},
    {"sonde proxy --listen 0.0.0.0:8443 --tls-certificate cert.pem --token-file token "
     "--upstream search=https://mcp.internal --log-stdout",
     "In a container, with TLS on both sides, and a token of its own."},
}};
constexpr std::array<Example, 3> kProxyExit = {{
    {"0", "It was told to end, and has."},
    {"1", "It could not start: the address is taken, a file cannot be read."},
    {"2", "A wrong flag or configuration; the key and the nearest valid name are told."},
}};

constexpr std::array<Example, 2> kHelpExamples = {{
    {"sonde help", "All commands."},
    {"sonde help tail", "One of them."},
}};
constexpr std::array<Example, 3> kCompletionExamples = {{
    {"source <(sonde completion bash)", "For this shell; put it into ~/.bashrc to keep it."},
    {"sonde completion zsh > ~/.zfunc/_sonde", "A folder of $fpath."},
    {"sonde completion fish > ~/.config/fish/completions/sonde.fish", "For fish."},
}};
constexpr std::array<Option, 1> kManOptions = {{
    {.name = "list", .help = "List all pages with the names of their files."},
}};
constexpr std::array<Example, 2> kManExamples = {{
    {"sonde man tail | man -l -", "Read the page of `sonde tail`."},
    {"sonde man --list | while read -r page file; do sonde man $page > $file; done",
     "Write all pages."},
}};

}  // namespace

std::span<const Command> commands() noexcept {
  static const std::array<Command, 18> all = {{
      {.name = "wrap",
       .arguments = "[--] COMMAND [ARGUMENT…]",
       .summary = "Run an MCP server and observe its calls.",
       .description = "Runs an MCP server that speaks over stdin and stdout, and writes one log "
                      "line for every call. Client and server see the bytes that they would see "
                      "without it, except trace context in `_meta`. Whatever fails in sonde "
                      "itself, a wrong configuration file included, the session goes on.",
       .options = kWrapOptions,
       .examples = kWrapExamples,
       .exit_codes = kWrapExit},
      {.name = "proxy",
       .summary = "Stand before MCP servers on HTTP and observe their calls.",
       .description = "A reverse proxy for MCP over Streamable HTTP and HTTP+SSE that writes one "
                      "log line for every call. Method, path, status, bodies and end-to-end "
                      "headers are as sent, except trace and correlation context; nothing is "
                      "held back. SIGTERM drains, SIGHUP reads the configuration again, SIGUSR2 "
                      "starts a successor with the same sockets.",
       .options = kWrapOptions,
       .examples = kProxyExamples,
       .exit_codes = kProxyExit},
      kInstallCommand,
      kUninstallCommand,
      kTailCommand,
      kCallCommand,
      kDoctorCommand,
      kHealthCommand,
      kCaptureCommand,
      kHashCommand,
      kAlarmReplayCommand,
      kAwsTemplateCommand,
      kAwsCostCommand,
      kAwsAdotCommand,
      kAwsDeployCommand,
      {.name = "completion",
       .arguments = "bash|zsh|fish",
       .summary = "Print a completion script for a shell.",
       .description = "Prints a script that completes commands, options and their words.",
       .examples = kCompletionExamples,
       .exit_codes = kUsageExit,
       .words = kShells,
       .arguments_min = 1,
       .arguments_max = 1,
       .run = run_completion},
      {.name = "man",
       .arguments = "[PAGE]",
       .summary = "Print a manual page.",
       .description = "Prints a manual page as roff: of a command, or `config` for sonde.yaml.",
       .options = kManOptions,
       .examples = kManExamples,
       .exit_codes = kUsageExit,
       .arguments_max = 1,
       .run = run_man},
      {.name = "help",
       .arguments = "[COMMAND]",
       .summary = "Show all commands, or how to use one.",
       .description = "Shows all commands, or the options, examples and exit status of one.",
       .examples = kHelpExamples,
       .exit_codes = kUsageExit,
       .arguments_max = 2,
       .run = run_help},
  }};
  return all;
}

}  // namespace sonde::cli
