#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "cli/io.h"
#include "config/flags.h"

namespace sonde::cli {

struct Option {
  std::string_view name;     ///< "since", without dashes.
  char letter = 0;           ///< 'n' for -n; 0: none.
  std::string_view value{};  ///< "TIME"; empty: a switch.
  std::string_view help{};
};

struct Example {
  std::string_view line;
  std::string_view meaning;
};

class Arguments;

/// One sub-command: what help, completion and man page are made from.
struct Command {
  std::string_view name;         ///< Of a group's: "aws template", with one blank.
  std::string_view arguments{};  ///< "ID", "[FILE…]"
  std::string_view summary{};    ///< One line, for the list of commands.
  std::string_view description{};
  std::span<const Option> options{};
  std::span<const Example> examples{};
  std::span<const Example> exit_codes{};      ///< "1": "no such call"
  std::span<const std::string_view> words{};  ///< What its arguments can be, if that is fixed.
  std::size_t arguments_min = 0;
  std::size_t arguments_max = 0;
  int (*run)(const Arguments& arguments, Io& io) = nullptr;
  bool configured = false;  ///< Takes flags of the configuration beside its options.
};

/// A command line, checked against the table of its command.
///
/// Lifetime.  Views of the command line, which must outlive it.
class Arguments {
 public:
  bool has(std::string_view option) const { return value(option).has_value(); }
  /// Of the last one given; empty for a switch.
  std::optional<std::string_view> value(std::string_view option) const;
  /// Of each time it was given.
  std::vector<std::string_view> values(std::string_view option) const;
  const std::vector<std::string_view>& words() const noexcept { return words_; }
  /// What flags of the configuration say, if the command takes them.
  const std::vector<config::Override>& overrides() const noexcept { return overrides_; }

 private:
  friend Result<Arguments> parse_arguments(const Command& command,
                                           std::span<const std::string_view> line);
  std::vector<std::pair<std::string_view, std::string_view>> options_;
  std::vector<std::string_view> words_;
  std::vector<config::Override> overrides_;
};

/// Reads what stands behind the command's name.
///
/// `--since 10m`, `--since=10m`, `-n 20`, `-n20`, `-fn20`; words behind `--` are never
/// options.  `--help` is an option of every command.
/// Failure.  kInvalidInput with the nearest valid option: exit with kUsage.
Result<Arguments> parse_arguments(const Command& command, std::span<const std::string_view> line);

inline constexpr Option kHelpOption = {
    .name = "help", .letter = 'h', .help = "Show this help and end."};

/// All commands, in the order of the help.
std::span<const Command> commands() noexcept;
/// Null if there is no such command.
const Command* find_command(std::string_view name) noexcept;
/// Those of a group, as "aws"; empty if there is no such group.
std::vector<const Command*> commands_of(std::string_view group);

/// The program: `arguments` is the command line without the program's name.
///
/// Returns the exit code.  A wrong command line is told on stderr with the nearest valid
/// name.  `wrap` is parsed here and handed to Io::wrap.
int run_command(std::span<const std::string_view> arguments, Io& io);

/// "0.1.0"
std::string_view version() noexcept;

}  // namespace sonde::cli
