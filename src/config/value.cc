#include "config/value.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <optional>
#include <utility>

#include "base/nearest.h"
#include "base/printable.h"

namespace sonde::config {
namespace {

constexpr std::size_t kTextBytesMax = 4096;
constexpr std::size_t kInnerListMax = 30;  // CloudWatch takes no more names in one set.

struct Unit {
  std::string_view name;
  std::uint64_t size;
};

constexpr std::array<Unit, 7> kByteUnits = {{{"GiB", 1ULL << 30},
                                             {"MiB", 1ULL << 20},
                                             {"KiB", 1ULL << 10},
                                             {"GB", 1'000'000'000},
                                             {"MB", 1'000'000},
                                             {"kB", 1'000},
                                             {"B", 1}}};
constexpr std::array<Unit, 5> kTimeUnits = {
    {{"d", 86'400'000}, {"h", 3'600'000}, {"m", 60'000}, {"s", 1'000}, {"ms", 1}}};

std::string quoted(std::string_view text) { return '`' + printable(text, 64) + '`'; }

std::unexpected<Error> wrong(std::string_view text, std::string_view is) {
  return fail(Errc::kInvalidInput, quoted(text) + ' ' + std::string(is));
}

std::unexpected<Error> out_of_bounds(const Field& field, std::string_view text) {
  return wrong(text, "is out of bounds; write " + describe_bounds(field));
}

std::string_view trim(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

bool same_letters(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, lower, lower);
}

bool within(const Field& field, double number) {
  return number >= field.min && number <= field.max;
}

std::optional<bool> to_boolean(std::string_view text) {
  constexpr std::array<std::string_view, 4> kTrue = {"true", "yes", "on", "1"};
  constexpr std::array<std::string_view, 4> kFalse = {"false", "no", "off", "0"};
  const auto is = [&](std::string_view word) { return same_letters(text, word); };
  if (std::ranges::any_of(kTrue, is)) return true;
  if (std::ranges::any_of(kFalse, is)) return false;
  return std::nullopt;
}

/// A number and what stands behind it.
template <class Number>
std::optional<std::pair<Number, std::string_view>> split_number(std::string_view text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc()) return std::nullopt;
  return std::pair(number, text.substr(static_cast<std::size_t>(end - text.data())));
}

/// "16MiB" or "1.5 s".  A unit may be left out where a size is one of the units.
std::optional<double> with_unit(std::string_view text, std::span<const Unit> units,
                                std::uint64_t without) {
  const auto split = split_number<double>(text);
  if (!split || !std::isfinite(split->first)) return std::nullopt;
  const std::string_view name = trim(split->second);
  if (name.empty()) {
    if (without == 0 && split->first != 0) return std::nullopt;
    return split->first * static_cast<double>(without);
  }
  for (const Unit& unit : units) {
    if (same_letters(unit.name, name)) return split->first * static_cast<double>(unit.size);
  }
  return std::nullopt;
}

Result<Value> bounded(const Field& field, std::string_view text, std::optional<double> number,
                      std::string_view complaint) {
  if (!number) return wrong(text, complaint);
  if (!within(field, *number)) return out_of_bounds(field, text);
  return Value(static_cast<std::uint64_t>(std::llround(*number)));
}

Result<Value> parse_integer(const Field& field, std::string_view text) {
  const auto split = split_number<std::uint64_t>(text);
  if (!split || !split->second.empty()) return wrong(text, "is no whole number");
  if (!within(field, static_cast<double>(split->first))) return out_of_bounds(field, text);
  return Value(split->first);
}

Result<Value> parse_number(const Field& field, std::string_view text) {
  const auto split = split_number<double>(text);
  if (!split || !split->second.empty()) return wrong(text, "is no number");
  if (!within(field, split->first)) return out_of_bounds(field, text);  // Catches NaN too.
  return Value(split->first);
}

Result<Value> parse_choice(const Field& field, std::string_view text) {
  for (std::size_t i = 0; i < field.choices.size(); ++i) {
    if (same_letters(field.choices[i], text)) return Value(std::uint64_t{i});
  }
  const std::string_view near = nearest(text, field.choices);
  const std::string hint = near.empty() ? "" : "; did you mean `" + std::string(near) + "`?";
  return wrong(text, "is not one of " + describe_bounds(field) + hint);
}

Status check_text(const Field& field, std::string_view text) {
  const bool control = std::ranges::any_of(
      text, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
  if (control) return wrong(text, "holds control characters");
  if (text.size() > kTextBytesMax) return wrong(text, "is longer than 4096 bytes");
  if (field.check == nullptr) return {};
  const std::string_view complaint = field.check(text);
  if (!complaint.empty()) return wrong(text, complaint);
  return {};
}

Result<Value> parse_string(const Field& field, std::string_view text) {
  SONDE_RETURN_IF_ERROR(check_text(field, text));
  const auto length = static_cast<double>(text.size());
  if (length > field.max) return wrong(text, "is too long; write " + describe_bounds(field));
  if (length < field.min) return fail(Errc::kInvalidInput, "must not be empty");
  return Value(std::string(text));
}

/// Splits at `separator`; a backslash protects the character behind it.
std::vector<std::string> split(std::string_view text, char separator, bool unescape) {
  std::vector<std::string> parts(1);
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\\' && i + 1 < text.size()) {
      if (!unescape) parts.back() += '\\';
      parts.back() += text[++i];
    } else if (text[i] == separator) {
      parts.emplace_back();
    } else {
      parts.back() += text[i];
    }
  }
  return parts;
}

List parse_plain_list(std::string_view text) {
  List list;
  for (const std::string& part : split(text, ',', true)) {
    if (const std::string_view item = trim(part); !item.empty()) list.emplace_back(item);
  }
  return list;
}

Result<Value> parse_lists(const Field& field, std::string_view text) {
  ListOfLists lists;
  for (const std::string& part : split(text, ';', false)) lists.push_back(parse_plain_list(part));
  return check_lists(field, std::move(lists));
}

template <class... Cases>
struct Overloaded : Cases... {
  using Cases::operator()...;
};

std::string show_number(double number) {
  std::array<char, 32> buffer{};
  const auto result = std::to_chars(buffer.data(), buffer.data() + buffer.size(), number);
  return {buffer.data(), result.ptr};
}

std::string show_with(std::uint64_t number, std::span<const Unit> units) {
  if (number == 0) return "0";
  for (const Unit& unit : units) {
    if (number % unit.size == 0) return std::to_string(number / unit.size) + std::string(unit.name);
  }
  return std::to_string(number);
}

/// A YAML scalar in double quotes.
std::string show_text(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') out += '\\';
    out += c;
  }
  return out + '"';
}

std::string show_list(const List& list) {
  std::string out;
  for (const std::string& text : list) out += (out.empty() ? "" : ", ") + show_text(text);
  return '[' + out + ']';
}

std::string show_lists(const ListOfLists& lists) {
  std::string out;
  for (const List& list : lists) out += (out.empty() ? "" : ", ") + show_list(list);
  return '[' + out + ']';
}

std::string or_list(std::span<const std::string_view> words) {
  std::string out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (i > 0) out += i + 1 == words.size() ? " or " : ", ";
    out += words[i];
  }
  return out;
}

std::string to(const std::string& min, const std::string& max) { return min + " to " + max; }

}  // namespace

Result<Value> parse_value(const Field& field, std::string_view text) {
  constexpr std::string_view kNoBytes = "is no size; write 512, 64KiB or 16MiB";
  constexpr std::string_view kNoDuration = "is no duration; write 500ms, 30s, 5m, 2h or 7d";
  switch (field.type) {
    case Type::kBoolean:
      if (const auto value = to_boolean(trim(text))) return Value(*value);
      return wrong(text, "is neither true nor false");
    case Type::kInteger:
      return parse_integer(field, trim(text));
    case Type::kBytes:
      return bounded(field, text, with_unit(trim(text), std::span(kByteUnits), 1), kNoBytes);
    case Type::kDuration:
      return bounded(field, text, with_unit(trim(text), std::span(kTimeUnits), 0), kNoDuration);
    case Type::kNumber:
      return parse_number(field, trim(text));
    case Type::kString:
    case Type::kPath:
      return parse_string(field, text);
    case Type::kChoice:
      return parse_choice(field, trim(text));
    case Type::kList:
      return check_list(field, parse_plain_list(text));
    case Type::kListOfLists:
      return parse_lists(field, text);
  }
  return fail(Errc::kInternal, "unknown type");
}

Result<Value> check_list(const Field& field, List list) {
  const auto size = static_cast<double>(list.size());
  if (!within(field, size)) {
    return fail(Errc::kInvalidInput, "wrong number of entries; write " + describe_bounds(field));
  }
  for (const std::string& text : list) {
    if (text.empty()) return fail(Errc::kInvalidInput, "an entry is empty");
    SONDE_RETURN_IF_ERROR(check_text(field, text));
  }
  return Value(std::move(list));
}

Result<Value> check_lists(const Field& field, ListOfLists lists) {
  if (!within(field, static_cast<double>(lists.size()))) {
    return fail(Errc::kInvalidInput, "wrong number of entries; write " + describe_bounds(field));
  }
  for (const List& list : lists) {
    if (list.size() > kInnerListMax) {
      return fail(Errc::kInvalidInput, "a list holds more than 30 entries");
    }
    for (const std::string& text : list) SONDE_RETURN_IF_ERROR(check_text(field, text));
  }
  return Value(std::move(lists));
}

void assign(const Field& field, const Value& value, Config& config) {
  const auto integer = [&] { return std::get<std::uint64_t>(value); };
  std::visit(Overloaded{
                 [&](bool& (*at)(Config&)) { at(config) = std::get<bool>(value); },
                 [&](std::uint32_t& (*at)(Config&)) {
                   at(config) = static_cast<std::uint32_t>(integer());
                 },
                 [&](std::uint64_t& (*at)(Config&)) { at(config) = integer(); },
                 [&](double& (*at)(Config&)) { at(config) = std::get<double>(value); },
                 [&](std::chrono::milliseconds& (*at)(Config&)) {
                   at(config) = std::chrono::milliseconds(integer());
                 },
                 [&](std::string& (*at)(Config&)) { at(config) = std::get<std::string>(value); },
                 [&](List& (*at)(Config&)) { at(config) = std::get<List>(value); },
                 [&](ListOfLists& (*at)(Config&)) { at(config) = std::get<ListOfLists>(value); },
                 [&](EmfConfig::Mode& (*at)(Config&)) {
                   at(config) = static_cast<EmfConfig::Mode>(integer());
                 },
                 [&](RestartPolicy& (*at)(Config&)) {
                   at(config) = static_cast<RestartPolicy>(integer());
                 },
                 [&](ThrashConfig::Action& (*at)(Config&)) {
                   at(config) = static_cast<ThrashConfig::Action>(integer());
                 },
             },
             field.target);
}

std::string show(const Field& field, const Config& config) {
  Config copy = config;  // The targets are for writing; a copy keeps the caller's const.
  const auto number = [&](std::uint64_t n) {
    return field.type == Type::kBytes ? show_bytes(n) : std::to_string(n);
  };
  return std::visit(
      Overloaded{
          [&](bool& (*at)(Config&)) { return std::string(at(copy) ? "true" : "false"); },
          [&](std::uint32_t& (*at)(Config&)) { return number(at(copy)); },
          [&](std::uint64_t& (*at)(Config&)) { return number(at(copy)); },
          [&](double& (*at)(Config&)) { return show_number(at(copy)); },
          [&](std::chrono::milliseconds& (*at)(Config&)) {
            return show_duration(static_cast<std::uint64_t>(at(copy).count()));
          },
          [&](std::string& (*at)(Config&)) { return show_text(at(copy)); },
          [&](List& (*at)(Config&)) { return show_list(at(copy)); },
          [&](ListOfLists& (*at)(Config&)) { return show_lists(at(copy)); },
          [&](EmfConfig::Mode& (*at)(Config&)) {
            return std::string(field.choices[static_cast<std::size_t>(at(copy))]);
          },
          [&](RestartPolicy& (*at)(Config&)) {
            return std::string(field.choices[static_cast<std::size_t>(at(copy))]);
          },
          [&](ThrashConfig::Action& (*at)(Config&)) {
            return std::string(field.choices[static_cast<std::size_t>(at(copy))]);
          },
      },
      field.target);
}

std::string describe_bounds(const Field& field) {
  const auto min = static_cast<std::uint64_t>(field.min);
  const auto max = static_cast<std::uint64_t>(field.max);
  switch (field.type) {
    case Type::kBoolean:
      return "true or false";
    case Type::kInteger:
      return to(std::to_string(min), std::to_string(max));
    case Type::kBytes:
      return to(show_bytes(min), show_bytes(max));
    case Type::kDuration:
      return to(show_duration(min), show_duration(max));
    case Type::kNumber:
      return to(show_number(field.min), show_number(field.max));
    case Type::kString:
      return "at most " + std::to_string(max) + " characters";
    case Type::kPath:
      return "a path, absolute or from ~/";
    case Type::kChoice:
      return or_list(field.choices);
    case Type::kList:
      return "a list of at most " + std::to_string(max);
    case Type::kListOfLists:
      return "a list of " + to(std::to_string(min), std::to_string(max)) + " lists";
  }
  return {};
}

std::string show_bytes(std::uint64_t bytes) {
  return show_with(bytes, std::span(kByteUnits).first(3));
}

std::string show_duration(std::uint64_t milliseconds) {
  return show_with(milliseconds, std::span(kTimeUnits));
}

}  // namespace sonde::config
