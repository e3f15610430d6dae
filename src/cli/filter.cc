#include "cli/filter.h"

#include <algorithm>
#include <array>

#include <fnmatch.h>

#include "base/nearest.h"
#include "base/printable.h"
#include "base/timestamp.h"
#include "config/fault.h"
#include "config/value.h"

namespace sonde::cli {
namespace {

constexpr std::array<std::string_view, 6> kStatuses = {"ok",      "error",     "denied",
                                                       "timeout", "cancelled", "aborted"};

std::string quoted(std::string_view text) { return '`' + printable(text, 64) + '`'; }

}  // namespace

bool Filter::matches(const LogEntry& entry) const {
  if (entry.at < since) return false;
  if (!server.empty() && !pattern_matches(server, entry.server)) return false;
  if (!tool.empty() && !pattern_matches(tool, entry.tool)) return false;
  if (statuses.empty()) return true;
  return std::ranges::find(statuses, entry.status) != statuses.end();
}

Result<std::vector<std::string>> parse_statuses(std::string_view text) {
  std::vector<std::string> out;
  while (!text.empty()) {
    const std::size_t comma = std::min(text.find(','), text.size());
    const std::string_view word = text.substr(0, comma);
    text.remove_prefix(std::min(comma + 1, text.size()));
    if (std::ranges::find(kStatuses, word) == kStatuses.end()) {
      const std::string hint = config::did_you_mean(nearest(word, kStatuses));
      return fail(Errc::kInvalidInput,
                  quoted(word) +
                      " is no status; write ok, error, denied, timeout, cancelled or aborted" +
                      (hint.empty() ? "" : "; " + hint));
    }
    out.emplace_back(word);
  }
  return out;
}

Result<std::chrono::milliseconds> parse_duration(std::string_view text) {
  static constexpr config::Field kDuration = {
      .key = "duration", .type = config::Type::kDuration, .max = 3650.0 * 24 * 60 * 60 * 1000};
  const Result<config::Value> value = config::parse_value(kDuration, text);
  if (!value) return fail(value.error());
  return std::chrono::milliseconds(std::get<std::uint64_t>(*value));
}

Result<std::chrono::nanoseconds> parse_since(std::string_view text, std::chrono::nanoseconds now) {
  if (const auto moment = parse_rfc3339(text)) return *moment;
  const auto duration = parse_duration(text);
  if (duration) return std::max(now - *duration, std::chrono::nanoseconds(0));
  return fail(Errc::kInvalidInput,
              quoted(text) + " is no time; write 10m, 2h or 2026-11-20T12:00:00Z");
}

bool pattern_matches(const std::string& pattern, const std::string& name) {
  return fnmatch(pattern.c_str(), name.c_str(), 0) == 0;
}

}  // namespace sonde::cli
