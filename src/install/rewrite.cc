#include "install/rewrite.h"

#include <algorithm>
#include <span>

#include "base/json_writer.h"
#include "config/schema.h"
#include "config/value.h"

namespace sonde::install {
namespace {

bool blanks(std::string_view text) {
  return text.find_first_not_of(" \t\r\n") == std::string_view::npos;
}

/// The words that stand in front of the original command, with `--`.
std::vector<std::string> leading_words(const Server& server, const Launch& launch,
                                       bool args_added) {
  std::vector<std::string> words;
  if (std::string flag = name_flag(server.name); !flag.empty()) words.push_back(std::move(flag));
  words.insert(words.end(), launch.flags.begin(), launch.flags.end());
  if (args_added) words.emplace_back(kArgsAdded);
  words.emplace_back("--");
  return words;
}

std::string as_json(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) {
    if (!out.empty()) out += ", ";
    append_json_string(out, word);
  }
  return out;
}

std::string as_json(std::string_view word) {
  std::string out;
  append_json_string(out, word);
  return out;
}

/// Line end and indent in front of the command, if it stands on a line of its own.
std::string separation(const JsoncDocument& document, const JsoncMember& command) {
  const std::string_view before = document.text().substr(0, command.key_span.begin);
  const std::size_t last = before.find_last_not_of(" \t");
  if (last == std::string_view::npos || before[last] != '\n') return " ";
  const std::size_t begin = last > 0 && before[last - 1] == '\r' ? last - 1 : last;
  return std::string(before.substr(begin));
}

TextEdit first_words(const JsoncDocument& document, const Server& server, const Launch& launch) {
  const std::string_view command = document.raw(server.command.value.span);
  if (!server.args) {
    const std::size_t end = server.command.value.span.end;
    return {.span = {.begin = end, .end = end},
            .text = "," + separation(document, server.command) + "\"args\": [" +
                    as_json(leading_words(server, launch, true)) + ", " + std::string(command) +
                    "]"};
  }
  std::string words = as_json(leading_words(server, launch, false)) + ", " + std::string(command);
  if (server.words.empty()) {
    const std::size_t inside = server.args->value.span.begin + 1;
    return {.span = {.begin = inside, .end = inside}, .text = std::move(words)};
  }
  const std::size_t first = server.words.front().value.span.begin;
  return {.span = {.begin = first, .end = first}, .text = words + ", "};
}

/// Those that an installed entry has in front of its original command.
std::vector<std::string> leading_words(const JsoncDocument& document, const Server& server) {
  std::vector<std::string> words;
  words.reserve(server.original);
  for (const JsoncElement& word : std::span(server.words).first(server.original)) {
    words.push_back(document.string(word.value).value_or(""));
  }
  return words;
}

/// Brings an installed entry up to date: another home, another name, other flags.
std::vector<TextEdit> update_edits(const JsoncDocument& document, const Server& server,
                                   const Launch& launch) {
  std::vector<TextEdit> edits;
  if (document.string(server.command.value) != launch.launcher) {
    edits.push_back({.span = server.command.value.span, .text = as_json(launch.launcher)});
  }
  const std::vector<std::string> words = leading_words(document, server);
  const bool args_added = std::ranges::count(words, kArgsAdded) > 0;
  const std::vector<std::string> wanted = leading_words(server, launch, args_added);
  if (words != wanted) {
    edits.push_back({.span = {.begin = server.words.front().value.span.begin,
                              .end = server.words[server.original - 1].value.span.end},
                     .text = as_json(wanted)});
  }
  return edits;
}

std::vector<TextEdit> in_order(std::vector<TextEdit> edits) {
  std::ranges::sort(edits, {}, [](const TextEdit& edit) { return edit.span.begin; });
  return edits;
}

/// Takes `args` out, with one of its commas.
std::vector<TextEdit> remove_args(const JsoncDocument& document, const JsoncMember& args) {
  const Span member = args.span();
  if (!args.comma_before) {
    std::vector<TextEdit> edits = {{.span = member, .text = {}}};
    if (args.comma_after) {
      edits.push_back(
          {.span = {.begin = *args.comma_after, .end = *args.comma_after + 1}, .text = {}});
    }
    return edits;
  }
  const Span between = {.begin = *args.comma_before + 1, .end = member.begin};
  if (blanks(document.raw(between))) {
    return {{.span = {.begin = *args.comma_before, .end = member.end}, .text = {}}};
  }
  // A comment stands between, which is not ours.
  return {{.span = {.begin = *args.comma_before, .end = between.begin}, .text = {}},
          {.span = member, .text = {}}};
}

/// Takes the words up to the original command out of `args`, and their commas.
std::vector<TextEdit> remove_words(const JsoncDocument& document, const Server& server) {
  const JsoncElement& original = server.words[server.original];
  const Span ours = {.begin = server.words.front().value.span.begin,
                     .end = original.value.span.end};
  if (!original.comma_after) return {{.span = ours, .text = {}}};
  const Span comma = {.begin = *original.comma_after, .end = *original.comma_after + 1};
  if (server.original + 1 < server.words.size()) {
    const std::size_t next = server.words[server.original + 1].value.span.begin;
    if (blanks(document.raw({.begin = ours.end, .end = comma.begin})) &&
        blanks(document.raw({.begin = comma.end, .end = next}))) {
      return {{.span = {.begin = ours.begin, .end = next}, .text = {}}};
    }
  }
  return {{.span = ours, .text = {}}, {.span = comma, .text = {}}};
}

/// Did it have no args, and has nobody added to ours?
bool only_ours(const JsoncDocument& document, const Server& server) {
  return server.original + 1 == server.words.size() &&
         std::ranges::count(leading_words(document, server), kArgsAdded) > 0;
}

}  // namespace

std::string name_flag(std::string_view key) {
  if (key.empty() || key.find("${") != std::string_view::npos) return {};
  if (!config::parse_value(*config::find_field("name"), key)) return {};
  return "--name=" + std::string(key);
}

std::vector<TextEdit> install_edits(const JsoncDocument& document, const Server& server,
                                    const Launch& launch) {
  if (server.state == ServerState::kInstalled) {
    return in_order(update_edits(document, server, launch));
  }
  return in_order({{.span = server.command.value.span, .text = as_json(launch.launcher)},
                   first_words(document, server, launch)});
}

std::vector<TextEdit> uninstall_edits(const JsoncDocument& document, const Server& server) {
  const bool whole = server.args && only_ours(document, server);
  std::vector<TextEdit> edits =
      whole ? remove_args(document, *server.args) : remove_words(document, server);
  const Span original = server.words[server.original].value.span;
  edits.push_back({.span = server.command.value.span, .text = std::string(document.raw(original))});
  return in_order(std::move(edits));
}

}  // namespace sonde::install
