#include "recorder/control_request.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <utility>

#include "base/json_reader.h"
#include "base/nearest.h"

namespace sonde::recorder {
namespace {

constexpr std::size_t kShownMax = 64;  ///< Of a text that we do not know, in an error.

using Names = std::span<const std::string_view>;

constexpr std::array<std::string_view, 2> kCommands{"capture", "stats"};
constexpr std::array<std::string_view, 4> kCaptureKeys{"command", "on", "for_s", "errors_only"};
constexpr std::array<std::string_view, 1> kStatsKeys{"command"};

std::unexpected<Error> refuse(std::string message) {
  return fail(Errc::kInvalidInput, std::move(message));
}

std::unexpected<Error> unknown(std::string_view what, std::string_view name, Names known) {
  std::string message =
      "unknown " + std::string(what) + " \"" + std::string(name.substr(0, kShownMax)) + "\"";
  const std::string_view best = nearest(name.substr(0, kShownMax), known);
  if (!best.empty()) message += "; did you mean \"" + std::string(best) + "\"?";
  return refuse(std::move(message));
}

Status check_keys(std::string_view line, Names known) {
  JsonMembers members(line);
  while (members.next()) {
    const bool found = std::ranges::any_of(
        known, [&](std::string_view name) { return key_equals(members.key(), name); });
    if (found) continue;
    std::string name;
    append_unescaped(name, members.key());
    return unknown("key", name, known);
  }
  return members.ok() ? Status() : refuse("not a JSON object on one line");
}

Result<std::optional<bool>> boolean(std::string_view line, std::string_view key) {
  const auto value = find_member(line, key);
  if (!value) return std::nullopt;
  if (*value == "true") return true;
  if (*value == "false") return false;
  return refuse("\"" + std::string(key) + "\" must be true or false");
}

Result<std::chrono::seconds> duration(std::string_view line) {
  const auto value = find_member(line, "for_s");
  if (!value) return CaptureRequest::kDefault;
  const std::int64_t seconds = json_integer(*value).value_or(0);
  if (seconds >= 1 && seconds <= CaptureRequest::kMax.count()) return std::chrono::seconds(seconds);
  return refuse("\"for_s\" must be a whole number from 1 to " +
                std::to_string(CaptureRequest::kMax.count()));
}

Result<ControlRequest> parse_capture(std::string_view line) {
  SONDE_RETURN_IF_ERROR(check_keys(line, kCaptureKeys));
  const auto on = boolean(line, "on");
  if (!on) return fail(on.error());
  const std::optional<bool> chosen = *on;
  if (!chosen) return refuse("\"on\" is missing: true or false");
  const auto errors_only = boolean(line, "errors_only");
  if (!errors_only) return fail(errors_only.error());
  const auto seconds = duration(line);
  if (!seconds) return fail(seconds.error());
  return CaptureRequest{
      .on = *chosen, .duration = *seconds, .errors_only = errors_only->value_or(false)};
}

Result<ControlRequest> parse_stats(std::string_view line) {
  SONDE_RETURN_IF_ERROR(check_keys(line, kStatsKeys));
  return StatsRequest{};
}

}  // namespace

Result<ControlRequest> parse_control_request(std::string_view line) {
  JsonMembers members(line);
  while (members.next()) {
  }
  if (!members.ok()) return refuse("not a JSON object on one line");
  const auto value = find_member(line, "command");
  const auto command = value ? json_string(*value) : std::nullopt;
  if (!command) return refuse("\"command\" is missing: \"capture\" or \"stats\"");
  if (*command == "capture") return parse_capture(line);
  if (*command == "stats") return parse_stats(line);
  return unknown("command", *command, kCommands);
}

}  // namespace sonde::recorder
