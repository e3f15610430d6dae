#include "cli/log_entry.h"

#include <array>
#include <charconv>
#include <cmath>

#include "base/json_reader.h"
#include "base/timestamp.h"

namespace sonde::cli {
namespace {

std::optional<double> json_number(std::string_view raw) {
  double value = 0;
  const auto [end, error] = std::from_chars(raw.data(), raw.data() + raw.size(), value);
  if (error != std::errc() || end != raw.data() + raw.size() || !std::isfinite(value)) {
    return std::nullopt;
  }
  return value;
}

std::string text_of(std::string_view raw) { return json_string(raw).value_or(std::string()); }

std::optional<std::uint64_t> size_of(std::string_view raw) {
  const auto value = json_integer(raw);
  if (!value || *value < 0) return std::nullopt;
  return static_cast<std::uint64_t>(*value);
}

/// What of a line has to be looked at together before it is an entry.
struct Draft {
  LogEntry entry;
  std::optional<std::chrono::nanoseconds> at;
  std::string method;
  std::string prompt;
  std::string message;
  std::string error;
  std::optional<std::int64_t> exit_code;
  std::optional<std::int64_t> signal;
};

void take_size(std::string_view raw, std::uint64_t& size, bool& has) {
  if (const auto value = size_of(raw)) {
    size = *value;
    has = true;
  }
}

void take_member(Draft& draft, std::string_view key, std::string_view raw) {
  LogEntry& entry = draft.entry;
  struct Text {
    std::string_view key;
    std::string& into;
  };
  const std::array<Text, 10> texts = {{{"event", entry.event},
                                       {"level", entry.level},
                                       {"server_name", entry.server},
                                       {"tool_name", entry.tool},
                                       {"status", entry.status},
                                       {"args_hash", entry.args_hash},
                                       {"method", draft.method},
                                       {"prompt_name", draft.prompt},
                                       {"message", draft.message},
                                       {"error_message", draft.error}}};
  for (const Text& text : texts) {
    if (key != text.key) continue;
    text.into = text_of(raw);
    return;
  }
  if (key == "timestamp") draft.at = parse_rfc3339(text_of(raw));
  if (key == "duration_ms") entry.duration_ms = json_number(raw).value_or(0);
  if (key == "args_size_bytes") take_size(raw, entry.args_bytes, entry.has_args_size);
  if (key == "result_size_bytes") take_size(raw, entry.result_bytes, entry.has_result_size);
  if (key == "exit_code") draft.exit_code = json_integer(raw);
  if (key == "signal") draft.signal = json_integer(raw);
}

LogEntry finished(Draft&& draft, std::chrono::nanoseconds at) {
  LogEntry entry = std::move(draft.entry);
  entry.at = at;
  if (entry.is_call() && entry.tool.empty()) {
    entry.tool = draft.method + (draft.prompt.empty() ? "" : ' ' + draft.prompt);
  }
  entry.detail = draft.error.empty() ? draft.message : draft.error;
  if (draft.exit_code)
    entry.detail.insert(0, "exit code " + std::to_string(*draft.exit_code) + ' ');
  if (draft.signal) entry.detail.insert(0, "signal " + std::to_string(*draft.signal) + ' ');
  return entry;
}

}  // namespace

bool LogEntry::is_error() const noexcept {
  return status == "error" || status == "timeout" || status == "aborted";
}

bool is_metrics_event(std::string_view event) noexcept { return event.starts_with("emf."); }

std::optional<LogEntry> parse_log_entry(std::string_view line) {
  if (!line.starts_with('{')) return std::nullopt;
  Draft draft;
  JsonMembers members(line);
  while (members.next()) take_member(draft, members.key(), members.value());
  if (!members.ok() || !draft.at || draft.entry.event.empty()) return std::nullopt;
  const std::chrono::nanoseconds at = *draft.at;
  return finished(std::move(draft), at);
}

}  // namespace sonde::cli
