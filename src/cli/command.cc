#include "cli/command.h"

#include <algorithm>
#include <string>
#include <utility>

#include "base/nearest.h"
#include "base/printable.h"
#include "cli/help.h"
#include "config/fault.h"

namespace sonde::cli {
namespace {

class Parser {
 public:
  Parser(const Command& command, std::span<const std::string_view> line,
         std::vector<config::Override>& overrides)
      : command_(command), line_(line), overrides_(overrides) {}

  template <class AddOption, class AddWord>
  Status parse(AddOption&& add_option, AddWord&& add_word) {
    bool options = true;
    while (at_ < line_.size()) {
      const std::string_view word = line_[at_++];
      if (!options || word == "-" || !word.starts_with('-')) {
        add_word(word);
      } else if (word == "--") {
        options = false;
      } else if (word.starts_with("--")) {
        SONDE_RETURN_IF_ERROR(read_long(word, add_option));
      } else {
        SONDE_RETURN_IF_ERROR(read_letters(word.substr(1), add_option));
      }
    }
    return {};
  }

  std::unexpected<Error> wrong(const std::string& text) const {
    const std::string name(command_.name);
    return fail(Errc::kInvalidInput,
                name + ": " + text + "\nRun `sonde help " + name + "` for its usage.");
  }

 private:
  const Option* find(auto&& matches) const {
    const auto found = std::ranges::find_if(command_.options, matches);
    if (found != command_.options.end()) return &*found;
    return matches(kHelpOption) ? &kHelpOption : nullptr;
  }

  Status read_long(std::string_view word, auto& add) {
    const config::FlagText flag = config::split_flag(word);
    const Option* option = find([&](const Option& one) { return one.name == flag.name; });
    if (option == nullptr) return read_configured(flag);
    if (option->value.empty()) {
      if (flag.has_value) return wrong("--" + std::string(flag.name) + " takes no value");
      add(option->name, {});
      return {};
    }
    if (flag.has_value) {
      add(option->name, flag.value);
      return {};
    }
    return read_next(*option, add);
  }

  Status read_configured(const config::FlagText& flag) {
    if (!command_.configured) return unknown("--" + std::string(flag.name));
    const auto used = config::read_field_flag(command_.name, line_.subspan(at_ - 1), overrides_);
    if (!used) return fail(used.error());
    if (*used == 0) return unknown("--" + std::string(flag.name));
    at_ += *used - 1;
    return {};
  }

  Status read_letters(std::string_view letters, auto& add) {
    for (std::size_t i = 0; i < letters.size(); ++i) {
      const Option* option = find([&](const Option& one) { return one.letter == letters[i]; });
      if (option == nullptr) return unknown("-" + std::string(letters.substr(i, 1)));
      if (option->value.empty()) {
        add(option->name, {});
        continue;
      }
      if (i + 1 == letters.size()) return read_next(*option, add);
      add(option->name, letters.substr(i + 1));
      return {};
    }
    return {};
  }

  Status read_next(const Option& option, auto& add) {
    if (at_ == line_.size()) {
      return wrong("--" + std::string(option.name) +
                   " needs a value: " + std::string(option.value));
    }
    add(option.name, line_[at_++]);
    return {};
  }

  std::unexpected<Error> unknown(const std::string& flag) const {
    std::vector<std::string> names = {"--help"};
    for (const Option& option : command_.options) names.push_back("--" + std::string(option.name));
    for (const config::Field& field : config::fields()) {
      if (!command_.configured || !config::applies_to(field, command_.name)) continue;
      names.push_back(config::flag_name(field));
    }
    const std::vector<std::string_view> views(names.begin(), names.end());
    const std::string hint = config::did_you_mean(nearest(flag.substr(0, 64), views));
    return wrong(printable(flag, 64) + " is no option" + (hint.empty() ? "" : "; " + hint));
  }

  const Command& command_;
  std::span<const std::string_view> line_;
  std::vector<config::Override>& overrides_;
  std::size_t at_ = 0;
};

int complain_usage(Io& io, std::string_view text) {
  complain(io, text);
  return kUsage;
}

int run_unknown(std::string_view name, Io& io) {
  std::vector<std::string_view> names = {"--help", "--version"};
  for (const Command& command : commands()) names.push_back(command.name);
  const std::string hint = config::did_you_mean(nearest(name.substr(0, 64), names));
  return complain_usage(io, '`' + printable(name, 64) + "` is no command" +
                                (hint.empty() ? "" : "; " + hint) +
                                "\nRun `sonde help` for all commands.");
}

/// Runs a command that takes the flags of the configuration.
template <class Parsed, class Run>
int run_configured(std::string_view name, Result<Parsed> parsed, const Run& run, Io& io) {
  if (!parsed) return complain_usage(io, parsed.error().message());
  if (parsed->help) {
    io.out(help_of(*find_command(name)));
    return kDone;
  }
  if (!run) return complain_usage(io, std::string(name) + ": not part of this program");
  return run(*std::move(parsed));
}

int run_parsed(const Command& command, std::span<const std::string_view> line, Io& io) {
  const Result<Arguments> arguments = parse_arguments(command, line);
  if (!arguments) return complain_usage(io, arguments.error().message());
  if (arguments->has("help")) {
    io.out(help_of(command));
    return kDone;
  }
  return command.run(*arguments, io);
}

/// `sonde aws …`: `line` begins with the word behind the group's.
int run_group(std::string_view group, std::span<const std::string_view> line, Io& io) {
  if (line.empty()) {
    complain(io, std::string(group) + " needs a command");
    io.err(overview_of(group));
    return kUsage;
  }
  if (line.front() == "--help" || line.front() == "-h") {
    io.out(overview_of(group));
    return kDone;
  }
  const std::string name = std::string(group) + ' ' + std::string(line.front());
  const Command* command = find_command(name);
  return command == nullptr ? run_unknown(name, io) : run_parsed(*command, line.subspan(1), io);
}

}  // namespace

std::optional<std::string_view> Arguments::value(std::string_view option) const {
  const auto last = std::find_if(options_.rbegin(), options_.rend(),
                                 [&](const auto& one) { return one.first == option; });
  if (last == options_.rend()) return std::nullopt;
  return last->second;
}

std::vector<std::string_view> Arguments::values(std::string_view option) const {
  std::vector<std::string_view> out;
  for (const auto& [name, value] : options_) {
    if (name == option) out.push_back(value);
  }
  return out;
}

Result<Arguments> parse_arguments(const Command& command, std::span<const std::string_view> line) {
  Arguments out;
  Parser parser(command, line, out.overrides_);
  SONDE_RETURN_IF_ERROR(
      parser.parse([&](std::string_view name,
                       std::string_view value) { out.options_.emplace_back(name, value); },
                   [&](std::string_view word) { out.words_.push_back(word); }));
  if (out.has("help")) return out;
  if (out.words_.size() < command.arguments_min) {
    return parser.wrong("needs " + std::string(command.arguments));
  }
  if (out.words_.size() > command.arguments_max) {
    return parser.wrong('`' + printable(out.words_[command.arguments_max], 64) +
                        "` is one word too many");
  }
  return out;
}

const Command* find_command(std::string_view name) noexcept {
  const auto found = std::ranges::find(commands(), name, &Command::name);
  return found == commands().end() ? nullptr : &*found;
}

std::vector<const Command*> commands_of(std::string_view group) {
  std::vector<const Command*> out;
  for (const Command& command : commands()) {
    const bool member = command.name.size() > group.size() && command.name.starts_with(group) &&
                        command.name[group.size()] == ' ';
    if (member) out.push_back(&command);
  }
  return out;
}

int run_command(std::span<const std::string_view> arguments, Io& io) {
  if (arguments.empty()) {
    io.err(overview());
    return kUsage;
  }
  const std::string_view first = arguments.front();
  const auto rest = arguments.subspan(1);
  // First: a client waits for it.
  if (first == "wrap") return run_configured(first, config::parse_wrap(rest), io.wrap, io);
  if (first == "proxy") return run_configured(first, config::parse_proxy(rest), io.proxy, io);
  if (first == "--version" || first == "-V") {
    io.out("sonde " + std::string(version()) + '\n');
    return kDone;
  }
  if (first == "--help" || first == "-h") {
    io.out(overview());
    return kDone;
  }
  if (!commands_of(first).empty()) return run_group(first, rest, io);
  const Command* command = find_command(first);
  return command == nullptr ? run_unknown(first, io) : run_parsed(*command, rest, io);
}

std::string_view version() noexcept { return SONDE_VERSION; }

}  // namespace sonde::cli
