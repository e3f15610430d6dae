#pragma once

#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "model/config.h"

namespace sonde::config {

/// Looks a variable of the environment up: the only way this module sees it.
using Lookup = std::function<std::optional<std::string>(std::string_view name)>;

/// The real one.  Threads.  Safe as long as nobody calls setenv.
std::optional<std::string> process_variable(std::string_view name);

/// A variable that is set and not empty; an empty one counts as not set.
std::optional<std::string> variable(const Lookup& lookup, std::string_view name);

/// The name of a server that nobody has named, from the command that starts it:
/// the first word that is no launcher (npx, uvx, node, docker, …) and no flag.
/// `npx -y @modelcontextprotocol/server-everything stdio` is `server-everything`,
/// `node /x/y/dist/index.js` is `y`, because every server's file is called index.js.
std::string server_name_from(std::span<const std::string> command);

/// `OTEL_RESOURCE_ATTRIBUTES`: the value of one attribute, percent-decoded.
std::optional<std::string> resource_attribute(std::string_view attributes, std::string_view key);

/// $HOME, else the password database's answer; empty if neither knows.
std::string home_dir(const Lookup& lookup);

/// `~/x` becomes `<home>/x`.
std::string expand_home(std::string_view path, std::string_view home);

/// $XDG_STATE_HOME/sonde, else ~/.local/state/sonde.
std::string default_state_dir(const Lookup& lookup);

/// Where the configuration is looked for when nobody says: in the user's folder, then
/// in /etc.
struct ConfigPaths {
  std::string user;
  std::string system;
};
ConfigPaths default_config_paths(const Lookup& lookup);

/// Fills what `config` leaves empty and can be derived: server_name, service,
/// environment, instance, state_dir, log.file, emf.log_group; expands `~/`.
/// `host` is what gethostname says.
void resolve(Config& config, std::span<const std::string> command, const Lookup& lookup,
             std::string_view host);

/// A server's name as part of a file's name: letters, digits, `.`, `_`, `-`, at most 100,
/// no dot in front; never empty.
std::string file_name_of(std::string_view server_name);

/// Folders within the state folder.
std::string log_dir(const Config& config);
std::string control_dir(const Config& config);

}  // namespace sonde::config
