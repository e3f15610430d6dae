#include "install/clients.h"

#include <array>

namespace sonde::install {
namespace {

constexpr std::array<std::string_view, 3> kClients = {"claude-code", "cursor", "vscode"};
constexpr std::array<std::string_view, 2> kScopes = {"user", "project"};

template <class Enum, std::size_t kSize>
std::optional<Enum> parse(const std::array<std::string_view, kSize>& names, std::string_view name) {
  for (std::size_t i = 0; i < kSize; ++i) {
    if (names[i] == name) return static_cast<Enum>(i);
  }
  return std::nullopt;
}

/// A folder that a variable names, if it names one absolutely.
std::string folder(const config::Lookup& lookup, std::string_view name, std::string fallback) {
  const auto value = config::variable(lookup, name);
  if (value && value->starts_with('/')) return *value;
  return fallback;
}

}  // namespace

std::string_view name_of(Client client) noexcept {
  return kClients[static_cast<std::size_t>(client)];
}

std::string_view name_of(Scope scope) noexcept { return kScopes[static_cast<std::size_t>(scope)]; }

std::optional<Client> client_of(std::string_view name) noexcept {
  return parse<Client>(kClients, name);
}

std::optional<Scope> scope_of(std::string_view name) noexcept {
  return parse<Scope>(kScopes, name);
}

std::vector<ClientFile> client_files(std::string_view home, std::string_view project,
                                     const config::Lookup& lookup) {
  const std::string user(home);
  const std::string here(project);
  return {
      {.client = Client::kClaudeCode,
       .scope = Scope::kUser,
       .layout = Layout::kProjects,
       .path = folder(lookup, "CLAUDE_CONFIG_DIR", user) + "/.claude.json"},
      {.client = Client::kClaudeCode,
       .scope = Scope::kProject,
       .layout = Layout::kMcpServers,
       .path = here + "/.mcp.json"},
      {.client = Client::kCursor,
       .scope = Scope::kUser,
       .layout = Layout::kMcpServers,
       .path = user + "/.cursor/mcp.json"},
      {.client = Client::kCursor,
       .scope = Scope::kProject,
       .layout = Layout::kMcpServers,
       .path = here + "/.cursor/mcp.json"},
      {.client = Client::kVsCode,
       .scope = Scope::kUser,
       .layout = Layout::kServers,
       .path = folder(lookup, "XDG_CONFIG_HOME", user + "/.config") + "/Code/User/mcp.json"},
      {.client = Client::kVsCode,
       .scope = Scope::kProject,
       .layout = Layout::kServers,
       .path = here + "/.vscode/mcp.json"},
  };
}

}  // namespace sonde::install
