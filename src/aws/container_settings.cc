#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <utility>
#include <variant>

#include "aws/task_definition.h"
#include "config/schema.h"
#include "config/value.h"

namespace sonde::aws {
namespace {

/// Set for the container, whatever they are here; or of this machine only.
constexpr std::array<std::string_view, 12> kOwn = {
    "proxy.listen", "proxy.health_listen", "proxy.insecure_listen", "state_dir",
    "instance",     "server_name",         "environment",           "service",
    "log.to_file",  "log.to_stdout",       "log.to_stderr",         "proxy.upstreams"};

bool own(const config::Field& field) { return std::ranges::find(kOwn, field.key) != kOwn.end(); }

/// What parse_value() reads back.
void append_escaped(std::string& out, std::string_view text) {
  for (const char c : text) {
    if (c == ',' || c == ';' || c == '\\') out.push_back('\\');
    out.push_back(c);
  }
}

std::string list_text(const config::List& list) {
  std::string out;
  for (const std::string& text : list) {
    if (&text != list.data()) out.push_back(',');
    append_escaped(out, text);
  }
  return out;
}

/// The value as a variable of the environment has it.
std::string variable_text(const config::Field& field, Config& config) {
  if (const auto* text = std::get_if<std::string& (*)(Config&)>(&field.target)) {
    return (*text)(config);
  }
  if (const auto* list = std::get_if<config::List& (*)(Config&)>(&field.target)) {
    return list_text((*list)(config));
  }
  const auto* lists = std::get_if<config::ListOfLists& (*)(Config&)>(&field.target);
  if (lists == nullptr) return config::show(field, config);
  std::string out;
  for (const config::List& list : (*lists)(config)) {
    if (!out.empty()) out.push_back(';');
    out += list_text(list);
  }
  return out;
}

bool is_local_file(const config::Field& field, std::string_view text) {
  if (field.key == "privacy.hash_key") return !text.starts_with("env:");
  return field.type == config::Type::kPath;
}

}  // namespace

ContainerSettings container_settings(const config::Loaded& loaded) {
  ContainerSettings settings;
  Config config = loaded.config;
  settings.variables = {{"SONDE_ENVIRONMENT", config.environment},
                        {"SONDE_SERVICE", config.service},
                        {"SONDE_PROXY_LISTEN", "0.0.0.0:8080"},
                        // The task's security group says who may come.
                        {"SONDE_PROXY_INSECURE_LISTEN", "true"},
                        {"SONDE_LOG_TO_STDOUT", "true"},
                        {"SONDE_LOG_TO_FILE", "false"}};
  const auto fields = config::fields();
  for (std::size_t i = 0; i < fields.size() && i < loaded.origins.size(); ++i) {
    const config::Field& field = fields[i];
    if (loaded.origins[i] == config::Origin::kDefault || own(field) ||
        !config::applies_to(field, "proxy")) {
      continue;
    }
    std::string text = variable_text(field, config);
    if (is_local_file(field, text)) {
      settings.left_out.push_back(std::string(field.key) +
                                  " names a file of this machine: bring it into the container, "
                                  "and set " +
                                  config::variable_name(field));
      continue;
    }
    settings.variables.emplace_back(config::variable_name(field), std::move(text));
  }
  return settings;
}

}  // namespace sonde::aws
