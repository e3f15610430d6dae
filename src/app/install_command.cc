#include "app/install_command.h"

#include <array>
#include <filesystem>
#include <span>
#include <string_view>
#include <system_error>
#include <utility>

#include "base/nearest.h"
#include "base/printable.h"
#include "config/fault.h"
#include "config/resolve.h"
#include "install/report.h"

namespace sonde::app {
namespace {

namespace fs = std::filesystem;

constexpr std::array<std::string_view, 3> kClients = {"claude-code", "cursor", "vscode"};
constexpr std::array<std::string_view, 2> kScopes = {"user", "project"};

/// The path by which this program can be started again: as it was found, so that a link
/// which follows the newest version stays a link.
std::string own_path(const std::string& program, const config::Lookup& lookup) {
  std::error_code error;
  const fs::path real = fs::read_symlink("/proc/self/exe", error);
  const auto ours = [&](const fs::path& path) {
    return path.is_absolute() && fs::equivalent(path, "/proc/self/exe", error);
  };
  if (program.find('/') != std::string::npos) {
    const fs::path path = fs::absolute(program, error).lexically_normal();
    return ours(path) ? path : real;
  }
  const std::string path = config::variable(lookup, "PATH").value_or("");
  for (std::size_t at = 0; at <= path.size();) {
    const std::size_t end = std::min(path.find(':', at), path.size());
    const fs::path candidate = fs::path(path.substr(at, end - at)) / program;
    if (ours(candidate)) return candidate;
    at = end + 1;
  }
  return real;
}

/// A folder of the user: what the variable names absolutely, else below the home.
std::string user_folder(const config::Lookup& lookup, std::string_view name, std::string fallback) {
  const auto value = config::variable(lookup, name);
  if (value && value->starts_with('/')) return *value;
  return fallback;
}

/// Clients start servers with little more than HOME and PATH: what XDG variables say here
/// must travel as flags.
std::vector<std::string> wrap_flags(const std::string& home, const config::Lookup& lookup) {
  std::vector<std::string> flags;
  const std::string state = config::default_state_dir(lookup);
  if (state != home + "/.local/state/sonde") flags.push_back("--state-dir=" + state);
  const std::string file = config::default_config_paths(lookup).user;
  std::error_code error;
  if (file != home + "/.config/sonde/sonde.yaml" && fs::exists(file, error)) {
    flags.push_back("--config=" + file);
  }
  return flags;
}

int wrong_word(std::string_view option, std::string_view word,
               std::span<const std::string_view> words, cli::Io& io) {
  const std::string hint = config::did_you_mean(nearest(word.substr(0, 64), words));
  cli::complain(io, "--" + std::string(option) + ": there is no `" + printable(word, 64) + '`' +
                        (hint.empty() ? "" : "; " + hint));
  return cli::kUsage;
}

int carry_out(const install::Request& request, const std::string& program, bool json, cli::Io& io) {
  std::error_code error;
  const std::string home = config::home_dir(io.lookup);
  const fs::path project = fs::current_path(error);
  if (!home.starts_with('/') || error) {
    cli::complain(io, error ? "the current folder is gone" : "HOME names no folder");
    return cli::kProblem;
  }
  const install::Place place = {
      .home = home,
      .project = project,
      .data_dir = user_folder(io.lookup, "XDG_DATA_HOME", home + "/.local/share") + "/sonde",
      .sonde = own_path(program, io.lookup),
      .flags = wrap_flags(home, io.lookup),
      .lookup = io.lookup};
  const auto outcome = install::run(request, place);
  if (!outcome) {
    cli::complain(io, printable(outcome.error().message()));
    return cli::kProblem;
  }
  io.out(json ? install::as_json(*outcome, request) : install::as_text(*outcome, request));
  return install::succeeded(*outcome, request) ? cli::kDone : cli::kProblem;
}

}  // namespace

std::function<int(const cli::Arguments&, cli::Io&)> install_command(install::Action action,
                                                                    std::string program) {
  return [action, program = std::move(program)](const cli::Arguments& arguments, cli::Io& io) {
    install::Request request{.action = action, .dry_run = arguments.has("dry-run")};
    if (const auto word = arguments.value("client")) {
      request.client = install::client_of(*word);
      if (!request.client) return wrong_word("client", *word, kClients, io);
    }
    if (const auto word = arguments.value("scope")) {
      request.scope = install::scope_of(*word);
      if (!request.scope) return wrong_word("scope", *word, kScopes, io);
    }
    if (const auto word = arguments.value("server")) request.server = std::string(*word);
    return carry_out(request, program, arguments.has("json"), io);
  };
}

}  // namespace sonde::app
