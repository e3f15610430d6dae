#include "config/flags.h"

#include <algorithm>
#include <array>
#include <utility>

#include "base/nearest.h"
#include "base/printable.h"
#include "config/fault.h"

namespace sonde::config {
namespace {

constexpr std::array<std::string_view, 2> kOwnFlags = {"--config", "--help"};

/// Only built when a flag is wrong, so that a right one costs nothing.
std::string nearest_flag(std::string_view flag, std::string_view command) {
  std::vector<std::string> names(kOwnFlags.begin(), kOwnFlags.end());
  for (const Field& field : fields()) {
    if (!applies_to(field, command)) continue;
    names.push_back(flag_name(field));
    if (!field.short_flag.empty()) names.push_back("--" + std::string(field.short_flag));
    if (field.type == Type::kBoolean) names.push_back("--no-" + names.back().substr(2));
  }
  const std::vector<std::string_view> views(names.begin(), names.end());
  return std::string(nearest(flag.substr(0, 64), views));
}

/// Adds to what an earlier flag of the same list has set.
Result<Value> extended(const Field& field, std::span<const Override> earlier, Value value) {
  const auto last = std::ranges::find(earlier.rbegin(), earlier.rend(), &field, &Override::field);
  if (last == earlier.rend()) return value;
  if (auto* list = std::get_if<List>(&value)) {
    List both = std::get<List>(last->value);
    both.insert(both.end(), list->begin(), list->end());
    return check_list(field, std::move(both));
  }
  if (auto* lists = std::get_if<ListOfLists>(&value)) {
    ListOfLists both = std::get<ListOfLists>(last->value);
    both.insert(both.end(), lists->begin(), lists->end());
    return check_lists(field, std::move(both));
  }
  return value;
}

/// What stands behind a command's name.
struct Line {
  std::string config_file;
  std::vector<Override> overrides;
  bool help = false;
  std::span<const std::string_view> words;  ///< From the first that is no flag.
};

/// Reads the flags of one command line.
class FlagParser {
 public:
  FlagParser(std::string_view command, std::span<const std::string_view> arguments)
      : command_(command), arguments_(arguments) {}

  Result<Line> parse() {
    while (at_ < arguments_.size()) {
      const std::string_view argument = arguments_[at_];
      if (argument == "--") {
        ++at_;
        break;
      }
      if (!argument.starts_with('-')) break;
      ++at_;
      SONDE_RETURN_IF_ERROR(read_flag(argument));
      if (out_.help) return std::move(out_);
    }
    out_.words = arguments_.subspan(at_);
    return std::move(out_);
  }

  /// The one in front, if it is of a field; returns the words it took.
  Result<std::size_t> read_one(std::vector<Override>& overrides) {
    const FlagText flag = split_flag(arguments_.front());
    const bool negated = flag.name.starts_with("no-") && find(flag.name.substr(3)) != nullptr;
    if (find(flag.name) == nullptr && !negated) return std::size_t{0};
    out_.overrides = std::move(overrides);
    at_ = 1;
    const Status read = read_flag(arguments_.front());
    overrides = std::move(out_.overrides);
    if (!read) return fail(read.error());
    return at_;
  }

  /// A complaint in the words of all of them.
  std::unexpected<Error> complain(std::string_view what) const {
    return fail(Errc::kInvalidInput, command_ + ": " + std::string(what) + "\nRun `sonde help " +
                                         command_ + "` for all flags.");
  }

 private:
  std::unexpected<Error> wrong(std::string_view argument, std::string_view problem) const {
    return complain(printable(argument, 64) + ' ' + std::string(problem));
  }

  const Field* find(std::string_view flag) const {
    const Field* const field = find_flag(flag);
    return field != nullptr && applies_to(*field, command_) ? field : nullptr;
  }

  std::unexpected<Error> unknown(std::string_view flag) const {
    const std::string hint = did_you_mean(nearest_flag(flag, command_));
    return wrong(flag, "is no flag" + (hint.empty() ? "" : "; " + hint));
  }

  Status read_flag(std::string_view argument) {
    if (argument == "-h" || argument == "--help") {
      out_.help = true;
      return {};
    }
    if (!argument.starts_with("--")) return unknown(argument);
    const FlagText flag = split_flag(argument);
    if (flag.name == "config") return read_config(argument, flag);
    if (const Field* field = find(flag.name)) return read_field(*field, argument, flag);
    if (flag.name.starts_with("no-")) {
      const Field* field = find(flag.name.substr(3));
      if (field != nullptr && field->type == Type::kBoolean && !flag.has_value) {
        out_.overrides.push_back({.field = field, .value = false});
        return {};
      }
    }
    return unknown(argument.substr(0, flag.name.size() + 2));
  }

  Status read_config(std::string_view argument, const FlagText& flag) {
    auto value = value_of(argument, flag, "a file");
    if (!value) return fail(std::move(value).error());
    if (value->empty()) return wrong("--config", "needs a file");
    out_.config_file = *value;
    return {};
  }

  Status read_field(const Field& field, std::string_view argument, const FlagText& flag) {
    if (field.type == Type::kBoolean && !flag.has_value) {
      out_.overrides.push_back({.field = &field, .value = true});
      return {};
    }
    const auto text = value_of(argument, flag, describe_bounds(field));
    if (!text) return fail(text.error());
    auto value = parse_value(field, *text);
    if (value) value = extended(field, out_.overrides, *std::move(value));
    if (!value) return wrong("--" + std::string(flag.name) + ':', value.error().message());
    out_.overrides.push_back({.field = &field, .value = *std::move(value)});
    return {};
  }

  /// What is attached by `=`, else the next word.
  Result<std::string_view> value_of(std::string_view argument, const FlagText& flag,
                                    std::string_view what) {
    if (flag.has_value) return flag.value;
    if (at_ < arguments_.size() && arguments_[at_] != "--") return arguments_[at_++];
    return wrong(argument, "needs a value: " + std::string(what));
  }

  const std::string command_;
  std::span<const std::string_view> arguments_;
  std::size_t at_ = 0;
  Line out_;
};

}  // namespace

Result<WrapCommand> parse_wrap(std::span<const std::string_view> arguments) {
  FlagParser parser("wrap", arguments);
  auto line = parser.parse();
  if (!line) return fail(std::move(line).error());
  if (line->words.empty() && !line->help) {
    return parser.complain(
        "the server's command is missing; write it behind `--`, as "
        "`sonde wrap -- npx -y @modelcontextprotocol/server-everything`");
  }
  return WrapCommand{.config_file = std::move(line->config_file),
                     .overrides = std::move(line->overrides),
                     .command = {line->words.begin(), line->words.end()},
                     .help = line->help};
}

Result<ProxyCommand> parse_proxy(std::span<const std::string_view> arguments) {
  FlagParser parser("proxy", arguments);
  auto line = parser.parse();
  if (!line) return fail(std::move(line).error());
  if (!line->words.empty()) {
    return parser.complain('`' + printable(line->words.front(), 64) +
                           "` is no flag; servers are named by --upstream NAME=URL");
  }
  return ProxyCommand{.config_file = std::move(line->config_file),
                      .overrides = std::move(line->overrides),
                      .help = line->help};
}

Result<std::size_t> read_field_flag(std::string_view command,
                                    std::span<const std::string_view> arguments,
                                    std::vector<Override>& overrides) {
  return FlagParser(command, arguments).read_one(overrides);
}

FlagText split_flag(std::string_view argument) {
  argument.remove_prefix(std::min<std::size_t>(2, argument.size()));
  const std::size_t equals = argument.find('=');
  if (equals == std::string_view::npos) return {.name = argument, .value = {}, .has_value = false};
  return {
      .name = argument.substr(0, equals), .value = argument.substr(equals + 1), .has_value = true};
}

}  // namespace sonde::config
