#include "cli/place.h"

#include <vector>

namespace sonde::cli {

config::Loaded load_config(const Arguments& arguments, const Io& io) {
  std::vector<config::Override> overrides;
  if (const auto folder = arguments.value("state-dir")) {
    overrides.push_back({.field = config::find_field("state_dir"), .value = std::string(*folder)});
  }
  return config::load({.config_file = arguments.value("config").value_or(""),
                       .overrides = overrides,
                       .command = {},
                       .lookup = io.lookup,
                       .host = io.host});
}

config::Origin origin_of(const config::Loaded& loaded, std::string_view key) {
  const config::Field* field = config::find_field(key);
  return loaded.origins[static_cast<std::size_t>(field - config::fields().data())];
}

std::string log_elsewhere(const config::Loaded& loaded) {
  const std::string& file = loaded.config.log.file;
  if (origin_of(loaded, "log.file") == config::Origin::kDefault) return {};
  return file.starts_with(config::log_dir(loaded.config) + '/') ? std::string() : file;
}

}  // namespace sonde::cli
