#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "config/resolve.h"
#include "install/servers.h"

namespace sonde::install {

enum class Client : std::uint8_t { kClaudeCode, kCursor, kVsCode };
enum class Scope : std::uint8_t { kUser, kProject };

/// "claude-code", "cursor", "vscode"
std::string_view name_of(Client client) noexcept;
/// "user", "project"
std::string_view name_of(Scope scope) noexcept;
std::optional<Client> client_of(std::string_view name) noexcept;
std::optional<Scope> scope_of(std::string_view name) noexcept;

/// One file in which a client looks for servers.
struct ClientFile {
  Client client;
  Scope scope;
  Layout layout;
  std::string path;
};

/// Every file that could be there, in the order of the enumerators.
///
/// `project` is the project's folder.  $CLAUDE_CONFIG_DIR and $XDG_CONFIG_HOME move the
/// user's files of Claude Code and of VS Code as they do for these.
std::vector<ClientFile> client_files(std::string_view home, std::string_view project,
                                     const config::Lookup& lookup);

}  // namespace sonde::install
