#include "privacy/command_line.h"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>

#include "privacy/error_template.h"

namespace sonde::privacy {
namespace {

constexpr std::string_view kHidden = "<arg>";
constexpr std::array<std::string_view, 8> kLaunchers{"npx",  "bunx", "pnpx",   "uvx",
                                                     "pipx", "deno", "docker", "podman"};
constexpr std::array<std::string_view, 8> kScripts{".js", ".mjs", ".cjs", ".ts",
                                                   ".py", ".rb",  ".sh",  ".jar"};

bool name_character(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
         c == '_' || c == '.';
}

bool is_name(std::string_view text) {
  return !text.empty() && text.size() <= 64 && std::ranges::all_of(text, name_character);
}

std::string_view base_name(std::string_view path) { return path.substr(path.rfind('/') + 1); }

/// "@scope/name", perhaps with "@version".
bool is_scoped_package(std::string_view text) {
  const std::size_t slash = text.find('/');
  if (!text.starts_with('@') || slash == std::string_view::npos) return false;
  const std::string_view rest = text.substr(slash + 1);
  const std::size_t version = rest.find('@');
  return is_name(text.substr(1, slash - 1)) && is_name(rest.substr(0, version)) &&
         (version == std::string_view::npos || is_name(rest.substr(version + 1)));
}

bool is_script(std::string_view name) {
  return is_name(name) &&
         std::ranges::any_of(kScripts, [name](auto suffix) { return name.ends_with(suffix); });
}

/// What redaction has put in the place of a secret; it says the kind.
bool is_marker(std::string_view text) {
  return text.starts_with("[redacted:") && text.find(']') == text.size() - 1;
}

/// "--flag" or "--flag=<arg>"; nothing else of it.
std::string shown_flag(std::string_view argument) {
  const std::size_t equals = argument.find('=');
  const std::string_view name = argument.substr(0, equals);
  if (name.size() > 32 || !is_name(name)) return std::string(kHidden);
  std::string shown(name);
  if (equals == std::string_view::npos) return shown;
  const std::string_view value = argument.substr(equals + 1);
  shown.append("=").append(is_marker(value) ? value : kHidden);
  return shown;
}

std::string shown_word(std::string_view argument, bool package) {
  if (is_marker(argument)) return std::string(argument);
  if (is_scoped_package(argument)) return std::string(argument);
  if (const std::string_view file = base_name(argument); is_script(file)) return std::string(file);
  if (package && is_name(argument)) return std::string(argument);
  return std::string(error_template(argument) == argument ? argument : kHidden);
}

}  // namespace

std::vector<std::string> shown_command(std::vector<std::string> command, Redactor& redactor) {
  if (command.empty()) return command;
  redactor.redact_arguments(command);
  const std::string program(base_name(command.front()));
  command.front() = is_name(program) ? program : std::string(kHidden);
  // Only the first word behind a launcher names the package.
  bool package = std::ranges::find(kLaunchers, program) != kLaunchers.end();
  for (std::string& argument : std::span(command).subspan(1)) {
    if (argument.starts_with('-')) {
      argument = shown_flag(argument);
    } else {
      argument = shown_word(argument, package);
      package = false;
    }
  }
  return command;
}

}  // namespace sonde::privacy
