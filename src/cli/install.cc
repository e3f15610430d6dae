#include "cli/install.h"

#include <array>

#include "cli/place.h"

namespace sonde::cli {
namespace {

/// The work itself is done by a neighbour of this module, which main brings in.
int run_hook(const std::function<int(const Arguments&, Io&)>& hook, const Arguments& arguments,
             Io& io) {
  if (hook) return hook(arguments, io);
  complain(io, "not part of this program");
  return kProblem;
}

int run_install(const Arguments& arguments, Io& io) { return run_hook(io.install, arguments, io); }

int run_uninstall(const Arguments& arguments, Io& io) {
  return run_hook(io.uninstall, arguments, io);
}

constexpr std::array<Option, 5> kOptions = {{
    {.name = "client",
     .value = "CLIENT",
     .help = "Only this client: claude-code, cursor or vscode."},
    {.name = "scope",
     .value = "SCOPE",
     .help = "Only the user's own files (user) or those of the folder you are in (project)."},
    {.name = "server", .value = "NAME", .help = "Only the server with this name."},
    {.name = "dry-run", .help = "Change nothing; show what would change as a diff."},
    kJsonOption,
}};

constexpr std::array<Example, 4> kInstallExamples = {{
    {"sonde install --dry-run", "What would be changed, in which files."},
    {"sonde install", "Observe all servers of all clients."},
    {"sonde install --client cursor --server github", "One server of one client."},
    {"sonde install --scope user --json | jq -r .file", "Only files of the user."},
}};

constexpr std::array<Example, 2> kUninstallExamples = {{
    {"sonde uninstall", "Every file is as it was, byte for byte."},
    {"sonde uninstall --server github", "One server runs directly again."},
}};

constexpr std::array<Example, 3> kExitCodes = {{
    {"0", "Done, or there was nothing to do."},
    {"1", "A file could not be read or written, or there is no such server."},
    {"2", "The command line is wrong."},
}};

}  // namespace

const Command kInstallCommand = {
    .name = "install",
    .summary = "Observe the servers that your MCP clients start.",
    .description =
        "Changes the files of Claude Code, Cursor and VS Code so that every server which is a "
        "program runs through sonde. Only `command` and `args` of an entry change; formatting, "
        "comments and everything else stay. Servers are started by a launcher in your home, "
        "which runs them directly when sonde is gone. Entries with a URL are left alone. The "
        "file as it was is kept in ~/.local/share/sonde/backups.",
    .options = kOptions,
    .examples = kInstallExamples,
    .exit_codes = kExitCodes,
    .run = run_install,
};

const Command kUninstallCommand = {
    .name = "uninstall",
    .summary = "Let MCP clients start their servers without sonde again.",
    .description =
        "Takes back what `sonde install` has changed, and nothing else: a file that nobody has "
        "changed in between is again what it was, byte for byte. The launcher stays in "
        "~/.local/share/sonde, because other projects may use it.",
    .options = kOptions,
    .examples = kUninstallExamples,
    .exit_codes = kExitCodes,
    .run = run_uninstall,
};

}  // namespace sonde::cli
