#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "config/schema.h"
#include "config/value.h"

namespace sonde::config {

/// A field set on the command line.
struct Override {
  const Field* field = nullptr;
  Value value;
};

/// `sonde wrap [flags] [--] COMMAND [ARGUMENTS]`
struct WrapCommand {
  std::string config_file;  ///< Of --config; empty: looked for.
  std::vector<Override> overrides;
  std::vector<std::string> command;  ///< Of the server; not empty, unless `help`.
  bool help = false;
};

/// Reads what stands behind `wrap`.
///
/// Purpose.  The one thing that may stop `wrap` is a wrong flag, told at once; so this
/// runs before anything is started, and takes microseconds: no file, no table.
/// Flags are `--emf-mode off` or `--emf-mode=off`; a switch is `--trace-inject`,
/// `--no-trace-inject` or `--trace-inject=false`.  A list's flag may be given again, which
/// adds to it; otherwise the last one counts.  The command begins behind `--` or at the
/// first word that is no flag.
/// Failure.  kInvalidInput with flag, fault and nearest valid name: exit with status 2.
Result<WrapCommand> parse_wrap(std::span<const std::string_view> arguments);

/// `sonde proxy [flags]`
struct ProxyCommand {
  std::string config_file;  ///< Of --config; empty: looked for.
  std::vector<Override> overrides;
  bool help = false;
};

/// Reads what stands behind `proxy`, which takes flags only.  Otherwise as parse_wrap.
Result<ProxyCommand> parse_proxy(std::span<const std::string_view> arguments);

/// Reads the flag in front of `arguments` if it is one of the configuration's that applies to
/// `command`, and adds it to `overrides`.  Returns how many words it took; 0 if it is none.
Result<std::size_t> read_field_flag(std::string_view command,
                                    std::span<const std::string_view> arguments,
                                    std::vector<Override>& overrides);

/// One flag of a field, for commands that take some: `name` without dashes, `value` if one
/// was attached by `=`.
struct FlagText {
  std::string_view name;
  std::string_view value;
  bool has_value = false;
};

/// Splits "--name=value"; nothing attached if there is no `=`.
FlagText split_flag(std::string_view argument);

}  // namespace sonde::config
