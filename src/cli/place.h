#pragma once

#include <string>

#include "cli/command.h"
#include "config/load.h"

namespace sonde::cli {

inline constexpr Option kConfigOption = {
    .name = "config", .value = "FILE", .help = "Read the configuration from this file."};
inline constexpr Option kStateOption = {
    .name = "state-dir",
    .value = "FOLDER",
    .help = "Where logs and running taps are found; by default as configured."};
inline constexpr Option kJsonOption = {.name = "json", .help = "Print JSON, one object a line."};

/// The configuration as the options --config and --state-dir, the environment and the file
/// give it.
config::Loaded load_config(const Arguments& arguments, const Io& io);

/// Where `field` got its value from.
config::Origin origin_of(const config::Loaded& loaded, std::string_view key);

/// The log file that is configured outside of the state folder; empty if none is.
std::string log_elsewhere(const config::Loaded& loaded);

}  // namespace sonde::cli
