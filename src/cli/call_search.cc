#include "cli/call_search.h"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <utility>

#include <fcntl.h>
#include <sys/stat.h>

#include "base/json_reader.h"
#include "base/json_writer.h"
#include "base/printable.h"
#include "cli/text.h"

namespace sonde::cli {
namespace {

struct Label {
  std::string_view key;
  std::string_view label;
};

// In the order in which a person asks.  What is not named here comes last, under its key.
constexpr std::array<Label, 52> kLabels = {{
    {"event", "event"},
    {"server_name", "server"},
    {"server_version", "server version"},
    {"tool_name", "tool"},
    {"prompt_name", "prompt"},
    {"resource_uri", "resource"},
    {"method", "method"},
    {"direction", "direction"},
    {"status", "status"},
    {"error_type", "error type"},
    {"error_code", "error code"},
    {"error_message", "error"},
    {"message", "message"},
    {"started_at", "started"},
    {"ended_at", "ended"},
    {"duration_ms", "duration, ms"},
    {"server_ms", "in the server, ms"},
    {"human_wait_ms", "waiting for a person, ms"},
    {"sampling_wait_ms", "waiting for a model, ms"},
    {"overhead_us", "in sonde, us"},
    {"open_ms", "open for, ms"},
    {"hops", "requests"},
    {"progress", "progress messages"},
    {"args_size_bytes", "arguments, bytes"},
    {"args_keys", "argument names"},
    {"args_hash", "arguments hash"},
    {"result_size_bytes", "result, bytes"},
    {"result_count", "result items"},
    {"result_tokens_est", "result tokens, estimated"},
    {"result_hash", "result hash"},
    {"result_summary", "result summary"},
    {"hash_key_id", "hash key"},
    {"arguments", "captured arguments"},
    {"result", "captured result"},
    {"request_id", "request id"},
    {"jsonrpc_id", "wire id"},
    {"tool_call_id", "tool call id"},
    {"correlation_id", "correlation id"},
    {"trace_id", "trace id"},
    {"span_id", "span id"},
    {"parent_span_id", "parent span id"},
    {"session_id", "session"},
    {"session_confidence", "session is"},
    {"mcp_session_id", "MCP session"},
    {"turn_id", "turn"},
    {"user_id", "user"},
    {"client_name", "client"},
    {"client_version", "client version"},
    {"protocol_version", "protocol"},
    {"transport", "transport"},
    {"environment", "environment"},
    {"instance", "instance"},
}};

/// Said twice in a line for other readers, or of use to them only.
bool is_repetition(std::string_view key) {
  constexpr std::array<std::string_view, 7> kKeys = {"_aws",      "tool",   "error",  "level",
                                                     "timestamp", "logger", "vantage"};
  return std::ranges::find(kKeys, key) != kKeys.end();
}

bool is_id_key(std::string_view key) {
  constexpr std::array<std::string_view, 6> kKeys = {"request_id",     "jsonrpc_id", "tool_call_id",
                                                     "correlation_id", "trace_id",   "span_id"};
  return std::ranges::find(kKeys, key) != kKeys.end();
}

/// A trace id as X-Ray or a traceparent header write it, as the log does.
std::string normal_id(std::string_view id) {
  const bool xray = id.size() == 35 && id.starts_with("1-") && id[10] == '-';
  if (xray) return std::string(id.substr(2, 8)) + std::string(id.substr(11));
  const bool traceparent = id.size() == 55 && id.starts_with("00-") && id[35] == '-';
  return std::string(traceparent ? id.substr(3, 32) : id);
}

std::string shown_value(std::string_view raw) {
  const auto text = json_string(raw);
  return printable(text ? *text : std::string(raw));
}

enum class Match : std::uint8_t { kNo, kPrefix, kExact };

/// How a line has the id, and for a prefix the whole of it.
std::pair<Match, std::string> match(std::string_view line, std::string_view id) {
  std::pair<Match, std::string> best{Match::kNo, {}};
  JsonMembers members(line);
  while (members.next()) {
    if (!is_id_key(members.key())) continue;
    const auto text = json_string(members.value());
    const std::string value = text ? *text : std::string(members.value());
    if (value == id) return {Match::kExact, value};
    const bool prefix =
        text && id.size() >= kPrefixMin && value.starts_with(id) && members.key() != "jsonrpc_id";
    if (prefix) best = {Match::kPrefix, value};
  }
  return best;
}

/// Collects matches of both kinds: only at the end is it known which counts.
class Collector {
 public:
  explicit Collector(std::string_view id) : id_(normal_id(id)) {
    append_json_string(needle_, id_);
    needle_ = needle_.substr(1, needle_.size() - 2);
  }

  void look_at(std::string_view line, Skipped& skipped) {
    if (line.find(needle_) == std::string_view::npos) return;
    if (!parse_log_entry(line)) {
      ++skipped.lines;
      return;
    }
    auto [kind, id] = match(line, id_);
    if (kind == Match::kExact) keep(exact_, line);
    if (kind == Match::kPrefix && by_prefix_.size() <= kFoundMax) {
      keep(by_prefix_[std::move(id)], line);
    }
  }

  Found finish() {
    Found found;
    found.more = more_;
    if (!exact_.empty()) {
      found.lines = std::move(exact_);
    } else if (by_prefix_.size() == 1) {
      found.lines = std::move(by_prefix_.begin()->second);
    } else {
      for (const auto& [id, lines] : by_prefix_) found.ambiguous.insert(id);
    }
    // RFC 3339 in UTC sorts as text; equal times must not sort by chance.
    std::ranges::sort(found.lines, {}, [](const std::string& line) {
      return std::pair(find_member(line, "timestamp").value_or(""), std::string_view(line));
    });
    return found;
  }

 private:
  void keep(std::vector<std::string>& lines, std::string_view line) {
    if (lines.size() < kFoundMax) {
      lines.emplace_back(line);
    } else {
      more_ = true;
    }
  }

  std::string id_;
  std::string needle_;  ///< The id as it stands in JSON.
  std::vector<std::string> exact_;
  std::map<std::string, std::vector<std::string>> by_prefix_;
  bool more_ = false;
};

void search_file(const std::string& path, Collector& collector, Skipped& skipped) {
  Fd file(open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK));
  struct stat info{};
  if (!file || fstat(file.get(), &info) != 0 || !S_ISREG(info.st_mode)) {
    skipped.files.push_back(printable(path) + ": cannot be read");
    return;
  }
  ForwardLines lines(std::move(file), info.st_size);
  while (const auto line = lines.next()) collector.look_at(*line, skipped);
  skipped.lines += lines.oversized();
}

}  // namespace

Found find_calls(const std::vector<LogSeries>& series, std::string_view id, Skipped& skipped) {
  Collector collector(id);
  if (id.empty()) return collector.finish();
  for (const LogSeries& one : series) {
    for (const LogFile& file : one.newest_first) search_file(file.path, collector, skipped);
  }
  return collector.finish();
}

std::string describe_call(std::string_view line) {
  std::map<std::string_view, std::string_view> known;
  std::vector<std::pair<std::string, std::string>> rows;
  JsonMembers members(line);
  while (members.next()) known[members.key()] = members.value();
  for (const Label& label : kLabels) {
    const auto found = known.find(label.key);
    if (found == known.end()) continue;
    rows.emplace_back(label.label, shown_value(found->second));
    known.erase(found);
  }
  for (const auto& [key, value] : known) {
    if (!is_repetition(key)) rows.emplace_back(printable(key, 64), shown_value(value));
  }
  std::size_t width = 0;
  for (const auto& [label, value] : rows) width = std::max(width, columns(label));
  std::string out;
  for (const auto& [label, value] : rows) out += padded(label, width) + "  " + value + '\n';
  return out;
}

}  // namespace sonde::cli
