#include "cli/completion.h"

#include <vector>

#include "cli/help.h"
#include "cli/man.h"

namespace sonde::cli {
namespace {

/// One flag of a command: "--since", whether a value follows, and what it does.
struct Flag {
  std::string name;
  bool value;
  std::string help;
};

std::string first_sentence(const std::string& text) {
  const std::size_t end = text.find(". ");
  return end == std::string::npos ? text : text.substr(0, end + 1);
}

std::vector<Flag> flags_of(const Command& command) {
  std::vector<Flag> out;
  for (const OptionText& option : options_of(command)) {
    const std::size_t begin = option.flags.find("--");
    const std::size_t end = option.flags.find(' ', begin);
    out.push_back({.name = option.flags.substr(begin, end - begin),
                   .value = end != std::string::npos,
                   .help = first_sentence(option.help)});
  }
  return out;
}

std::string joined(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) out += (out.empty() ? "" : " ") + word;
  return out;
}

/// What can stand first: commands, and each group once.
std::vector<std::string> first_words() {
  std::vector<std::string> words;
  for (const Command& command : commands()) {
    std::string word(command.name.substr(0, command.name.find(' ')));
    if (words.empty() || words.back() != word) words.push_back(std::move(word));
  }
  return words;
}

/// What can stand behind a group's word.
std::vector<std::string> second_words(std::string_view group) {
  std::vector<std::string> words;
  for (const Command* command : commands_of(group)) {
    words.emplace_back(command->name.substr(group.size() + 1));
  }
  return words;
}

std::string flag_names(const Command& command) {
  std::vector<std::string> names;
  for (const Flag& flag : flags_of(command)) names.push_back(flag.name);
  return joined(names);
}

std::string argument_words(const Command& command) {
  std::vector<std::string> words(command.words.begin(), command.words.end());
  if (command.name == "help") words.push_back(joined(first_words()));
  if (command.name == "man") words = man_pages();
  return joined(words);
}

bool takes_files(const Command& command) {
  return command.arguments.find("FILE") != std::string_view::npos;
}

/// Takes the second word into `command` where the first is of a group.
std::string bash_groups() {
  std::string out = "  case $command in\n";
  for (const std::string& group : first_words()) {
    const std::vector<std::string> words = second_words(group);
    if (words.empty()) continue;
    out += "    " + group +
           ")\n"
           "      if ((COMP_CWORD == 2)); then\n"
           "        COMPREPLY=($(compgen -W \"" +
           joined(words) +
           " --help\" -- \"$word\"))\n"
           "        return\n"
           "      fi\n"
           "      command=\"$command ${COMP_WORDS[2]}\"\n"
           "      ;;\n";
  }
  return out + "  esac\n";
}

std::string bash() {
  std::string out =
      "# bash completion for sonde; load it with: source <(sonde completion bash)\n"
      "_sonde() {\n"
      "  local word=${COMP_WORDS[COMP_CWORD]} command=${COMP_WORDS[1]} i\n"
      "  COMPREPLY=()\n"
      "  if ((COMP_CWORD == 1)); then\n"
      "    COMPREPLY=($(compgen -W \"" +
      joined(first_words()) +
      " --help --version\" -- \"$word\"))\n"
      "    return\n"
      "  fi\n" +
      bash_groups() + "  case $command in\n";
  for (const Command& command : commands()) {
    out += "    '" + std::string(command.name) + "')\n";
    if (command.name == "wrap") {
      out +=
          "      for ((i = 2; i < COMP_CWORD; i++)); do\n"
          "        if [[ ${COMP_WORDS[i]} == -- ]]; then\n"
          "          COMPREPLY=($(compgen -c -f -- \"$word\"))\n"
          "          return\n"
          "        fi\n"
          "      done\n";
    }
    out += "      COMPREPLY=($(compgen -W \"" + flag_names(command);
    if (const std::string words = argument_words(command); !words.empty()) out += ' ' + words;
    out += "\" -- \"$word\"))\n";
    if (takes_files(command)) out += "      COMPREPLY+=($(compgen -f -- \"$word\"))\n";
    out += "      ;;\n";
  }
  return out + "  esac\n}\ncomplete -F _sonde sonde\n";
}

/// For text within single quotes; a colon or bracket would end the part of a zsh spec.
std::string quoted(std::string_view text, std::string_view escaped = {}) {
  std::string out;
  for (const char c : text) {
    if (c == '\'') {
      out += "'\\''";
      continue;
    }
    if (escaped.find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

/// Of a command, or what a group holds.
std::string summary_of(const std::string& word) {
  if (const Command* command = find_command(word)) return std::string(command->summary);
  return "Commands: " + joined(second_words(word));
}

std::string zsh_groups() {
  std::string out = "  case $command in\n";
  for (const std::string& group : first_words()) {
    const std::vector<std::string> words = second_words(group);
    if (words.empty()) continue;
    out += "    " + group +
           ")\n"
           "      if ((CURRENT == 3)); then\n"
           "        compadd -- " +
           joined(words) +
           "\n"
           "        return\n"
           "      fi\n"
           "      command=\"$command $words[3]\"\n"
           "      ;;\n";
  }
  return out + "  esac\n";
}

std::string zsh() {
  std::string out =
      "#compdef sonde\n"
      "# zsh completion for sonde; put it into a folder of $fpath as _sonde\n"
      "_sonde() {\n"
      "  local -a commands\n"
      "  commands=(\n";
  for (const std::string& word : first_words()) {
    out += "    '" + word + ':' + quoted(summary_of(word), ":") + "'\n";
  }
  out +=
      "  )\n"
      "  if ((CURRENT == 2)); then\n"
      "    _describe command commands\n"
      "    return\n"
      "  fi\n"
      "  local command=$words[2]\n" +
      zsh_groups() + "  case $command in\n";
  for (const Command& command : commands()) {
    out += "    '" + std::string(command.name) + "')\n      _arguments \\\n";
    for (const Flag& flag : flags_of(command)) {
      out += "        '*" + flag.name + '[' + quoted(flag.help, "[]:") + ']' +
             (flag.value ? ":value:_default" : "") + "' \\\n";
    }
    const std::string words = argument_words(command);
    out += words.empty() ? "        '*:argument:_default'\n"
                         : "        '*:argument:(" + quoted(words) + ")'\n";
    out += "      ;;\n";
  }
  return out + "  esac\n}\n_sonde \"$@\"\n";
}

/// fish knows two escapes within single quotes.
std::string fish_quoted(std::string_view text) {
  std::string out;
  for (const char c : text) {
    if (c == '\'' || c == '\\') out += '\\';
    out += c;
  }
  return out;
}

std::string fish_condition(const std::string& name) {
  const std::size_t blank = name.find(' ');
  const std::string seen = "__fish_seen_subcommand_from ";
  if (blank == std::string::npos) return seen + name;
  return seen + name.substr(0, blank) + "; and " + seen + name.substr(blank + 1);
}

std::string fish() {
  std::string out =
      "# fish completion for sonde; load it with: sonde completion fish | source\n"
      "complete -c sonde -f\n";
  for (const std::string& word : first_words()) {
    out += "complete -c sonde -n __fish_use_subcommand -a " + word + " -d '" +
           fish_quoted(summary_of(word)) + "'\n";
    const std::vector<std::string> words = second_words(word);
    if (words.empty()) continue;
    out += "complete -c sonde -n '__fish_seen_subcommand_from " + word +
           "; and not __fish_seen_subcommand_from " + joined(words) + "' -a '" + joined(words) +
           "'\n";
  }
  for (const Command& command : commands()) {
    const std::string name(command.name);
    const std::string within = "complete -c sonde -n '" + fish_condition(name) + "' ";
    for (const Flag& flag : flags_of(command)) {
      out += within + "-l " + flag.name.substr(2) + (flag.value ? " -r" : "") + " -d '" +
             fish_quoted(flag.help) + "'\n";
    }
    if (const std::string words = argument_words(command); !words.empty()) {
      out += within + "-a '" + fish_quoted(words) + "'\n";
    }
    if (takes_files(command) || name == "wrap") out += within + "-F\n";
  }
  return out;
}

}  // namespace

std::string completion_for(std::string_view shell) {
  if (shell == "bash") return bash();
  if (shell == "zsh") return zsh();
  if (shell == "fish") return fish();
  return {};
}

}  // namespace sonde::cli
