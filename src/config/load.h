#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "config/fault.h"
#include "config/flags.h"
#include "config/resolve.h"
#include "model/config.h"

namespace sonde::config {

/// Where configuration comes from, weakest last: flags, environment, file, defaults.
struct Sources {
  std::string_view config_file;          ///< Of --config.
  std::span<const Override> overrides;   ///< Of the command line.
  std::span<const std::string> command;  ///< Of the server; names it when nothing else does.
  Lookup lookup = process_variable;
  std::string_view host;  ///< What gethostname says.
};

/// Which source a field got its value from.
enum class Origin : std::uint8_t { kDefault, kFile, kEnvironment, kFlag };

struct Loaded {
  Config config;                ///< Resolved; within bounds, also when there are faults.
  std::string file;             ///< The file that was read, or could not be; empty if none.
  std::vector<Origin> origins;  ///< In the order of fields().
  std::vector<Fault> faults;
};

/// Finds, reads, checks, merges and resolves the configuration.
///
/// Purpose.  The file is --config, else $SONDE_CONFIG, else the first that exists of the
/// default_config_paths().  One that was named must exist.
/// Blocking.  Reads one file.  Failure.  Only by Loaded::faults: a wrong value counts as
/// not given.  Whether to start all the same is the caller's decision.
Loaded load(const Sources& sources);

/// The text of a regular file of at most `bytes_max`.
Result<std::string> read_text_file(const std::string& path, std::size_t bytes_max);

}  // namespace sonde::config
