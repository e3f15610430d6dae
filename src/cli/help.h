#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "cli/command.h"

namespace sonde::cli {

/// `sonde --help`: all commands.
std::string overview();

/// `sonde help aws`: those of a group.
std::string overview_of(std::string_view group);

/// `sonde help tail`, `sonde tail --help`.
std::string help_of(const Command& command);

/// "sonde tail [options] [FILE…]"
std::string usage_of(const Command& command);

/// One option as it is written, and what it does.
struct OptionText {
  std::string flags;  ///< "-n, --lines COUNT"
  std::string help;
};

/// The command's own options, those made from the configuration's table (wrap), --help.
std::vector<OptionText> options_of(const Command& command);

/// Breaks text at blanks into lines of at most `width`, each behind `indent` blanks.
std::string wrapped(std::string_view text, std::size_t indent, std::size_t width = 80);

}  // namespace sonde::cli
