#include "config/resolve.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>
#include <vector>

#include <pwd.h>
#include <unistd.h>

namespace sonde::config {
namespace {

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string lowered(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), lower);
  return out;
}

template <std::size_t Size>
bool one_of(std::string_view text, const std::array<std::string_view, Size>& words) {
  return std::ranges::find(words, text) != words.end();
}

bool is_launcher(std::string_view program) {
  constexpr std::array<std::string_view, 38> kLaunchers = {
      "npx",     "npm",   "pnpm",   "pnpx",    "yarn",   "bun", "bunx",   "node",
      "nodejs",  "deno",  "tsx",    "ts-node", "uv",     "uvx", "pipx",   "python",
      "python3", "pypy3", "poetry", "docker",  "podman", "sh",  "bash",   "zsh",
      "dash",    "env",   "cmd",    "java",    "ruby",   "php", "dotnet", "go",
      "cargo",   "sonde", "exec",   "nohup",   "sudo",   "nice"};
  if (one_of(program, kLaunchers)) return true;
  return program.starts_with("python3.");
}

/// Words by which launchers say what to do with the next one.
bool is_launcher_word(std::string_view word) {
  constexpr std::array<std::string_view, 8> kWords = {"run",   "exec", "x",    "dlx",
                                                      "start", "tool", "wrap", "/c"};
  return one_of(word, kWords);
}

/// Flags whose value is the next word, and names no server.
bool takes_value(std::string_view flag, bool container) {
  constexpr std::array<std::string_view, 13> kFlags = {
      "--with", "--env",    "--env-file",  "--python",    "--require", "--import", "--loader",
      "-r",     "--prefix", "--index-url", "--directory", "--project", "--cwd"};
  constexpr std::array<std::string_view, 15> kContainerFlags = {
      "-e",      "-v",        "-w",           "-u",         "-p",
      "-l",      "--name",    "--user",       "--volume",   "--network",
      "--mount", "--workdir", "--entrypoint", "--platform", "--label"};
  return one_of(flag, kFlags) || (container && one_of(flag, kContainerFlags));
}

/// Flags whose value is the folder that the server's file lies in.
bool takes_folder(std::string_view flag) {
  return flag == "--directory" || flag == "--project" || flag == "--cwd" || flag == "--prefix";
}

std::string_view base_name(std::string_view path) {
  while (path.ends_with('/')) path.remove_suffix(1);
  return path.substr(path.rfind('/') + 1);  // npos + 1 is 0.
}

std::string_view parent(std::string_view path) {
  while (path.ends_with('/')) path.remove_suffix(1);
  const std::size_t slash = path.rfind('/');
  return slash == std::string_view::npos ? std::string_view() : path.substr(0, slash);
}

std::string_view without_extension(std::string_view name) {
  constexpr std::array<std::string_view, 12> kExtensions = {
      ".js", ".mjs", ".cjs", ".ts", ".mts", ".py", ".pyz", ".rb", ".jar", ".sh", ".exe", ".php"};
  for (const std::string_view extension : kExtensions) {
    if (name.size() > extension.size() && name.ends_with(extension)) {
      return name.substr(0, name.size() - extension.size());
    }
  }
  return name;
}

/// Names that every package uses for its files and folders, so they name nothing.
bool says_nothing(std::string_view name) {
  constexpr std::array<std::string_view, 23> kNames = {
      "index",    "main", "dist",  "build",  "lib", "src",    "out",         "bin",
      "cmd",      "cli",  "start", "server", "app", "target", "release",     "debug",
      "__main__", "esm",  "cjs",   "stdio",  ".",   "..",     "node_modules"};
  return name.empty() || one_of(name, kNames);
}

/// `/x/y/dist/index.js` is `y`: the first part from the end that says something.
std::string name_of_path(std::string_view path) {
  std::string_view name = without_extension(base_name(path));
  for (std::string_view folder = parent(path); says_nothing(name) && !folder.empty();
       folder = parent(folder)) {
    name = base_name(folder);
  }
  return std::string(says_nothing(name) ? without_extension(base_name(path)) : name);
}

/// `@scope/name@1.2`, `name[extra]==1.0`, `registry/image:tag`, `git+https://…/name.git`.
std::string name_of_package(std::string_view package) {
  for (const std::string_view registry : {"npm:", "jsr:"}) {
    if (package.starts_with(registry)) package.remove_prefix(registry.size());
  }
  const bool scoped = package.starts_with('@');
  if (package.find("://") == std::string_view::npos) {
    package = package.substr(0, package.find('@', scoped ? 1 : 0));
  }
  std::string_view name = base_name(package);
  name = name.substr(0, name.find_first_of("[=<>~:;#? "));
  if (name.ends_with(".git")) name.remove_suffix(4);
  // Of `@playwright/mcp` the scope is what tells servers apart.
  const bool general = says_nothing(name) || name == "mcp" || name == "mcp-server";
  if (scoped && general && parent(package).size() > 1) name = parent(package).substr(1);
  return std::string(name);
}

bool looks_like_path(std::string_view word) {
  return word.starts_with('/') || word.starts_with("./") || word.starts_with("../") ||
         word.starts_with("~/") || without_extension(word).size() != word.size();
}

std::string name_of(std::string_view word, std::string_view folder) {
  if (!looks_like_path(word)) return name_of_package(word);
  if (folder.empty() || word.starts_with('/')) return name_of_path(word);
  return name_of_path(std::string(folder) + '/' + std::string(word));
}

/// The words of `sh -c "…"`, roughly: quoting is not undone.
std::vector<std::string> words_of(std::string_view line) {
  std::vector<std::string> words;
  while (!line.empty()) {
    const std::size_t begin = line.find_first_not_of(" \t\n\"'");
    if (begin == std::string_view::npos) break;
    line.remove_prefix(begin);
    const std::size_t end = std::min(line.find_first_of(" \t\n\"'"), line.size());
    words.emplace_back(line.substr(0, end));
    line.remove_prefix(end);
  }
  return words;
}

bool is_shell(std::string_view program) {
  constexpr std::array<std::string_view, 4> kShells = {"sh", "bash", "zsh", "dash"};
  return one_of(program, kShells);
}

bool is_assignment(std::string_view word) {
  const std::size_t equals = word.find('=');
  return equals != std::string_view::npos && equals > 0 && word.find_first_of("/@[") > equals &&
         !word.substr(equals).starts_with("==");
}

std::string decode_percent(std::string_view text) {
  const auto digit = [](char c) -> int {
    if (c >= '0' && c <= '9') return c - '0';
    const char l = lower(c);
    return l >= 'a' && l <= 'f' ? l - 'a' + 10 : -1;
  };
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool escape =
        text[i] == '%' && i + 2 < text.size() && digit(text[i + 1]) >= 0 && digit(text[i + 2]) >= 0;
    if (escape) {
      out += static_cast<char>(digit(text[i + 1]) * 16 + digit(text[i + 2]));
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

std::string_view trim(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

/// Makes a text from outside fit where a metric's dimension value must.
std::string dimension_value(std::string_view text) {
  std::string out;
  for (const char c : trim(text).substr(0, 255)) out += c >= 0x20 && c < 0x7f ? c : '_';
  return out;
}

std::string from_attributes(const Lookup& lookup, std::span<const std::string_view> keys) {
  const auto attributes = variable(lookup, "OTEL_RESOURCE_ATTRIBUTES");
  if (!attributes) return {};
  for (const std::string_view key : keys) {
    const auto value = resource_attribute(*attributes, key);
    if (value && !trim(*value).empty()) return dimension_value(*value);
  }
  return {};
}

std::string derive_environment(const Lookup& lookup) {
  // These are names of the EMF library's transports, not of environments.
  constexpr std::array<std::string_view, 5> kTransports = {"local", "lambda", "agent", "ec2",
                                                           "ecs"};
  const auto emf = variable(lookup, "AWS_EMF_ENVIRONMENT");
  if (emf && !one_of(lowered(trim(*emf)), kTransports)) return dimension_value(*emf);
  constexpr std::array<std::string_view, 2> kKeys = {"deployment.environment.name",
                                                     "deployment.environment"};
  std::string found = from_attributes(lookup, kKeys);
  if (found.empty()) found = "production";
  return found;
}

std::string derive_service(const Lookup& lookup, const std::string& server_name) {
  for (const std::string_view name : {"OTEL_SERVICE_NAME", "AWS_EMF_SERVICE_NAME"}) {
    if (const auto value = variable(lookup, name)) return dimension_value(*value);
  }
  return server_name;
}

std::string derive_instance(const Lookup& lookup, std::string_view host) {
  constexpr std::array<std::string_view, 3> kKeys = {"service.instance.id", "k8s.pod.name",
                                                     "host.name"};
  std::string found = from_attributes(lookup, kKeys);
  if (found.empty()) found = dimension_value(host);
  return found;
}

/// XDG: a path that is not absolute is to be ignored.
std::string xdg_dir(const Lookup& lookup, std::string_view name, std::string_view below_home) {
  if (const auto path = variable(lookup, name); path && path->starts_with('/')) return *path;
  const std::string home = home_dir(lookup);
  return home.empty() ? std::string() : home + '/' + std::string(below_home);
}

}  // namespace

std::optional<std::string> process_variable(std::string_view name) {
  const char* value = std::getenv(std::string(name).c_str());  // NOLINT(concurrency-mt-unsafe)
  if (value == nullptr) return std::nullopt;
  return std::string(value);
}

std::optional<std::string> variable(const Lookup& lookup, std::string_view name) {
  auto value = lookup(name);
  if (value && value->empty()) value.reset();
  return value;
}

std::string server_name_from(std::span<const std::string> command) {
  std::string launcher;
  std::string_view folder;
  for (std::size_t i = 0; i < command.size(); ++i) {
    const std::string& word = command[i];
    const bool more = i + 1 < command.size();
    if (word.starts_with('-')) {
      if (is_shell(launcher) && word == "-c" && more)
        return server_name_from(words_of(command[i + 1]));
      if (takes_folder(word) && more) folder = command[i + 1];
      if (takes_value(word, launcher == "docker" || launcher == "podman")) ++i;
      continue;
    }
    if (word.empty() || is_assignment(word)) continue;
    const std::string program = lowered(without_extension(base_name(word)));
    if (is_launcher(program) && !word.starts_with('@')) {
      launcher = program;
    } else if (launcher.empty() || !is_launcher_word(word)) {
      if (const std::string name = name_of(word, folder); !name.empty())
        return dimension_value(name);
    }
  }
  const std::string last =
      name_of_path(!folder.empty() || command.empty() ? folder : command.front());
  return last.empty() ? "server" : dimension_value(last);
}

std::optional<std::string> resource_attribute(std::string_view attributes, std::string_view key) {
  while (!attributes.empty()) {
    const std::size_t comma = std::min(attributes.find(','), attributes.size());
    const std::string_view pair = attributes.substr(0, comma);
    attributes.remove_prefix(std::min(comma + 1, attributes.size()));
    const std::size_t equals = pair.find('=');
    if (equals == std::string_view::npos || trim(pair.substr(0, equals)) != key) continue;
    return decode_percent(trim(pair.substr(equals + 1)));
  }
  return std::nullopt;
}

std::string home_dir(const Lookup& lookup) {
  if (auto home = variable(lookup, "HOME"); home && home->starts_with('/')) return *home;
  std::array<char, 4096> buffer{};
  passwd entry{};
  passwd* found = nullptr;
  if (getpwuid_r(getuid(), &entry, buffer.data(), buffer.size(), &found) != 0) return {};
  return found == nullptr || found->pw_dir == nullptr ? std::string() : std::string(found->pw_dir);
}

std::string expand_home(std::string_view path, std::string_view home) {
  if (!path.starts_with("~/") || home.empty()) return std::string(path);
  return std::string(home) + std::string(path.substr(1));
}

std::string default_state_dir(const Lookup& lookup) {
  const std::string base = xdg_dir(lookup, "XDG_STATE_HOME", ".local/state");
  return base.empty() ? std::string() : base + "/sonde";
}

ConfigPaths default_config_paths(const Lookup& lookup) {
  const std::string base = xdg_dir(lookup, "XDG_CONFIG_HOME", ".config");
  return {.user = base.empty() ? std::string() : base + "/sonde/sonde.yaml",
          .system = "/etc/sonde/sonde.yaml"};
}

namespace {

/// That of its server, if it has one only.
std::string name_of_proxy(const ProxyConfig& proxy) {
  if (proxy.upstreams.size() != 1) return "proxy";
  const std::string& upstream = proxy.upstreams.front();
  return upstream.substr(0, upstream.find_first_of("@/="));
}

}  // namespace

void resolve(Config& config, std::span<const std::string> command, const Lookup& lookup,
             std::string_view host) {
  const auto fill = [](std::string& member, auto&& derive) {
    if (member.empty()) member = derive();
  };
  fill(config.server_name, [&] {
    return command.empty() && !config.proxy.upstreams.empty() ? name_of_proxy(config.proxy)
                                                              : server_name_from(command);
  });
  fill(config.service, [&] { return derive_service(lookup, config.server_name); });
  fill(config.environment, [&] { return derive_environment(lookup); });
  fill(config.instance, [&] { return derive_instance(lookup, host); });
  fill(config.state_dir, [&] { return default_state_dir(lookup); });

  const std::string home = home_dir(lookup);
  config.state_dir = expand_home(config.state_dir, home);
  fill(config.log.file,
       [&] { return log_dir(config) + '/' + file_name_of(config.server_name) + ".jsonl"; });
  config.log.file = expand_home(config.log.file, home);
  config.privacy.hash_key = expand_home(config.privacy.hash_key, home);
  for (std::string* const path :
       {&config.proxy.token_file, &config.proxy.tls_certificate, &config.proxy.tls_key,
        &config.proxy.tls_client_ca, &config.proxy.upstream_ca, &config.proxy.upstream_certificate,
        &config.proxy.upstream_key}) {
    *path = expand_home(*path, home);
  }
  fill(config.emf.log_group, [&] { return file_name_of(config.service) + "-metrics"; });
}

std::string file_name_of(std::string_view server_name) {
  std::string name;
  for (const char c : server_name.substr(0, 100)) {
    const bool safe = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                      c == '_' || c == '-' || (c == '.' && !name.empty());
    name += safe ? c : '_';
  }
  return name.empty() ? "server" : name;
}

std::string log_dir(const Config& config) { return config.state_dir + "/log"; }
std::string control_dir(const Config& config) { return config.state_dir + "/control"; }

}  // namespace sonde::config
