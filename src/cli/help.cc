#include "cli/help.h"

#include <algorithm>
#include <cctype>

#include "base/printable.h"
#include "config/document.h"
#include "config/value.h"

namespace sonde::cli {
namespace {

constexpr std::size_t kIndent = 2;
constexpr std::size_t kHelpColumn = 26;

std::string option_flags(const Option& option) {
  std::string out = option.letter != 0 ? std::string("-") + option.letter + ", " : "    ";
  out += "--" + std::string(option.name);
  if (!option.value.empty()) out += ' ' + std::string(option.value);
  return out;
}

std::string value_name(const config::Field& field) {
  using config::Type;
  switch (field.type) {
    case Type::kBoolean:
      return {};
    case Type::kInteger:
    case Type::kNumber:
      return " NUMBER";
    case Type::kBytes:
      return " SIZE";
    case Type::kDuration:
      return " TIME";
    case Type::kPath:
      return " FILE";
    case Type::kChoice:
      return " WORD";
    case Type::kList:
      return " LIST";
    case Type::kListOfLists:
      return " LISTS";
    case Type::kString:
      return " TEXT";
  }
  return {};
}

/// A switch is shown in the form that changes something.
std::string field_flags(const config::Field& field) {
  std::string name =
      field.short_flag.empty() ? config::flag_name(field) : "--" + std::string(field.short_flag);
  if (field.type == config::Type::kBoolean && config::show(field, Config{}) == "true") {
    name = "--no-" + name.substr(2);
  }
  return "    " + name + value_name(field);
}

std::string field_help(const config::Field& field) {
  if (field.type != config::Type::kBoolean) {
    return std::string(field.help) + ' ' + config::default_of(field);
  }
  if (config::show(field, Config{}) == "false") return std::string(field.help);
  std::string sentence(field.help);
  sentence.front() = static_cast<char>(std::tolower(static_cast<unsigned char>(sentence.front())));
  return "Turns off: " + sentence;
}

std::string entry(const std::string& left, std::string_view right) {
  const std::string text = wrapped(right, kHelpColumn);
  std::string out = std::string(kIndent, ' ') + left;
  if (columns(out) + 2 > kHelpColumn) return out + '\n' + text;
  out.append(kHelpColumn - columns(out), ' ');
  return out + text.substr(kHelpColumn);
}

}  // namespace

std::string wrapped(std::string_view text, std::size_t indent, std::size_t width) {
  std::string out;
  std::size_t used = 0;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find_first_of(" \n"), text.size());
    const std::string_view word = text.substr(0, end);
    const std::size_t size = columns(word);
    if (used > 0 && used + 1 + size > width) {
      out += '\n';
      used = 0;
    }
    if (!word.empty()) {
      out += used == 0 ? std::string(indent, ' ') : " ";
      out += word;
      used = (used == 0 ? indent : used + 1) + size;
    }
    if (end < text.size() && text[end] == '\n') {
      out += '\n';
      used = 0;
    }
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return out.empty() || out.ends_with('\n') ? out : out + '\n';
}

std::string usage_of(const Command& command) {
  std::string out = "sonde " + std::string(command.name);
  if (!options_of(command).empty()) out += " [options]";
  if (!command.arguments.empty()) out += ' ' + std::string(command.arguments);
  return out;
}

std::vector<OptionText> options_of(const Command& command) {
  std::vector<OptionText> out;
  for (const Option& option : command.options) {
    out.push_back({option_flags(option), std::string(option.help)});
  }
  if (command.configured || command.name == "wrap" || command.name == "proxy") {
    for (const config::Field& field : config::fields()) {
      if (!config::applies_to(field, command.name)) continue;
      out.push_back({field_flags(field), field_help(field)});
    }
  }
  out.push_back({option_flags(kHelpOption), std::string(kHelpOption.help)});
  return out;
}

std::string overview() {
  std::string out =
      "sonde: see every MCP call, of any server, without changing it.\n\n"
      "Usage: sonde COMMAND [options]\n\nCommands:\n";
  for (const Command& command : commands()) {
    out += entry(std::string(command.name), command.summary);
  }
  out +=
      "\nExamples:\n"
      "  sonde wrap -- npx -y @modelcontextprotocol/server-everything\n"
      "  sonde tail -f --status error\n"
      "  sonde doctor\n\n"
      "`sonde help COMMAND` says more; `sonde --version` says which sonde this is.\n"
      "Exit status: 0 done, 1 a problem or nothing found, 2 a wrong command line.\n";
  return out;
}

std::string overview_of(std::string_view group) {
  const std::string name(group);
  std::string out = "Usage: sonde " + name + " COMMAND [options]\n\nCommands:\n";
  for (const Command* command : commands_of(group)) {
    out += entry(std::string(command->name), command->summary);
  }
  return out + "\n`sonde help " + name + " COMMAND` says more.\n";
}

std::string help_of(const Command& command) {
  std::string out = "Usage: " + usage_of(command) + "\n\n";
  out += wrapped(command.description, 0);
  out += "\nOptions:\n";
  for (const OptionText& option : options_of(command)) out += entry(option.flags, option.help);
  out += "\nExamples:\n";
  for (const Example& example : command.examples) {
    out += "  " + std::string(example.line) + '\n' + wrapped(example.meaning, 6);
  }
  out += "\nExit status:\n";
  for (const Example& code : command.exit_codes) {
    out += wrapped(std::string(code.line) + "  " + std::string(code.meaning), kIndent);
  }
  return out;
}

}  // namespace sonde::cli
