#include "cli/man.h"

#include <algorithm>

#include "cli/help.h"
#include "config/document.h"

namespace sonde::cli {
namespace {

/// Text in which roff finds nothing to act upon.
std::string roff(std::string_view text) {
  constexpr std::string_view kEllipsis = "\xe2\x80\xa6";
  std::string out;
  bool line_start = true;
  for (std::size_t i = 0; i < text.size(); ++i) {
    // Old formatters read bytes, not UTF-8.
    if (text.substr(i).starts_with(kEllipsis)) {
      out += "...";
      i += kEllipsis.size() - 1;
      line_start = false;
      continue;
    }
    const char c = text[i];
    if (line_start && (c == '.' || c == '\'')) out += "\\&";
    if (c == '\\') {
      out += "\\e";
    } else if (c == '-') {
      out += "\\-";
    } else {
      out += c;
    }
    line_start = c == '\n';
  }
  return out;
}

std::string heading(std::string_view name, std::string_view section) {
  return ".TH \"" + roff(name) + "\" \"" + std::string(section) + "\" \"\" \"sonde " +
         roff(version()) + "\" \"Sonde\"\n.nh\n";
}

std::string tagged(std::string_view tag, std::string_view text) {
  const std::size_t begin = std::min(tag.find_first_not_of(' '), tag.size());
  return ".TP\n.B " + roff(tag.substr(begin)) + '\n' + roff(text) + '\n';
}

std::string examples(std::span<const Example> list) {
  std::string out = ".SH EXAMPLES\n";
  for (const Example& example : list) {
    out += ".TP\n.nf\n" + roff(example.line) + "\n.fi\n" + roff(example.meaning) + '\n';
  }
  return out;
}

constexpr std::string_view kSeeAlso =
    ".SH SEE ALSO\n.BR sonde (1),\n.BR sonde\\-wrap (1),\n.BR sonde\\-tail (1),\n"
    ".BR sonde\\-doctor (1),\n.BR sonde.yaml (5)\n";

std::string overview_page() {
  std::string out = heading("SONDE", "1");
  out +=
      ".SH NAME\nsonde \\- see every MCP call, of any server, without changing it\n"
      ".SH SYNOPSIS\n.B sonde\n.I COMMAND\n[options]\n"
      ".SH DESCRIPTION\n" +
      roff(
          "Sonde puts itself in front of any MCP server and writes one structured log line "
          "for every call, with its metrics and its place in the trace. The bytes that client "
          "and server see stay what they are.") +
      "\n.SH COMMANDS\n";
  for (const Command& command : commands()) out += tagged(command.name, command.summary);
  out += ".SH FILES\n";
  out += tagged("~/.config/sonde/sonde.yaml", "The configuration; see sonde.yaml(5).");
  out += tagged("~/.local/state/sonde/log/SERVER.jsonl", "The log of one server.");
  out += tagged("~/.local/state/sonde/control/", "How running taps are doing.");
  out += ".SH EXIT STATUS\n";
  out += tagged("0", "Done.");
  out += tagged("1", "A problem, or nothing found.");
  out += tagged("2", "A wrong command line.");
  return out + std::string(kSeeAlso);
}

/// "aws-template": pages and files of a group's commands are named in one word.
std::string page_of(const Command& command) {
  std::string name(command.name);
  std::ranges::replace(name, ' ', '-');
  return name;
}

std::string command_page(const Command& command) {
  const std::string name = page_of(command);
  std::string out = heading("SONDE-" + name, "1");
  out += ".SH NAME\nsonde\\-" + roff(name) + " \\- " + roff(command.summary) + '\n';
  out += ".SH SYNOPSIS\n.B " + roff(usage_of(command)) + '\n';
  out += ".SH DESCRIPTION\n" + roff(command.description) + "\n.SH OPTIONS\n";
  for (const OptionText& option : options_of(command)) out += tagged(option.flags, option.help);
  out += examples(command.examples) + ".SH EXIT STATUS\n";
  for (const Example& code : command.exit_codes) out += tagged(code.line, code.meaning);
  return out + std::string(kSeeAlso);
}

std::string config_page() {
  std::string out = heading("SONDE.YAML", "5");
  out += ".SH NAME\nsonde.yaml \\- configuration of sonde\n.SH DESCRIPTION\n" +
         roff(
             "What a flag says counts most, then the environment, then this file: --config FILE, "
             "else $SONDE_CONFIG, else ~/.config/sonde/sonde.yaml, else "
             "/etc/sonde/sonde.yaml. Keys below servers: NAME: hold what differs for one "
             "server.") +
         "\n.SH KEYS\n";
  for (const config::Field& field : config::fields()) {
    out += tagged(field.key, std::string(field.help) + ' ' + config::default_of(field) + "\nFlag " +
                                 config::flag_name(field) + ", environment " +
                                 config::variables_of(field) + '.');
  }
  out += ".SH EXAMPLES\nEvery key at its default:\n.PP\n.nf\n";
  return out + roff(config::render_example()) + ".fi\n" + std::string(kSeeAlso);
}

}  // namespace

std::vector<std::string> man_pages() {
  std::vector<std::string> pages = {"sonde"};
  for (const Command& command : commands()) pages.push_back(page_of(command));
  pages.emplace_back("config");
  return pages;
}

std::string man_file(std::string_view page) {
  if (page == "sonde") return "sonde.1";
  if (page == "config") return "sonde.yaml.5";
  return "sonde-" + std::string(page) + ".1";
}

std::string man_page(std::string_view page) {
  if (page == "sonde") return overview_page();
  if (page == "config") return config_page();
  const auto found = std::ranges::find(commands(), page, page_of);
  return found == commands().end() ? std::string() : command_page(*found);
}

}  // namespace sonde::cli
