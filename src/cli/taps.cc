#include "cli/taps.h"

#include <algorithm>
#include <charconv>
#include <memory>
#include <set>
#include <tuple>

#include <dirent.h>

#include "base/json_reader.h"
#include "config/load.h"
#include "recorder/control_client.h"
#include "recorder/control_dir.h"

namespace sonde::cli {
namespace {

constexpr std::size_t kDocumentBytesMax = std::size_t{256} * 1024;

std::string text_of(std::string_view raw) { return json_string(raw).value_or(std::string()); }

void read_counters(std::string_view object, Tap& tap) {
  JsonMembers members(object);
  while (members.next()) {
    const auto value = json_integer(members.value());
    if (value && *value > 0) {
      tap.counters.emplace_back(members.key(), static_cast<std::uint64_t>(*value));
    }
  }
}

void read_capture(std::string_view object, Tap& tap) {
  tap.capture_on = find_member(object, "on") == "true";
  tap.capture_until = text_of(find_member(object, "until").value_or(""));
}

void read_gauges(std::string_view object, Tap& tap) {
  const auto gauge = [&](std::string_view key) {
    const auto raw = find_member(object, key);
    const std::int64_t value = raw ? json_integer(*raw).value_or(0) : 0;
    return static_cast<std::uint64_t>(std::max<std::int64_t>(value, 0));
  };
  tap.gauges = Gauges{.active_sse_streams = gauge("active_sse_streams"),
                      .active_users = gauge("active_users"),
                      .sessions = gauge("mcp_sessions"),
                      .idle_sessions = gauge("idle_mcp_sessions")};
}

void read_servers(std::string_view array, Tap& tap) {
  JsonElements servers(array);
  while (servers.next()) {
    const auto member = [&](std::string_view name) {
      return text_of(find_member(servers.value(), name).value_or(""));
    };
    tap.servers.push_back(
        {.name = member("name"), .state = member("state"), .reason = member("reason")});
  }
}

void read_sinks(std::string_view array, Tap& tap) {
  JsonElements sinks(array);
  while (sinks.next()) {
    if (find_member(sinks.value(), "ok") != "false") continue;
    tap.sink_errors.emplace_back(text_of(find_member(sinks.value(), "name").value_or("")),
                                 text_of(find_member(sinks.value(), "error").value_or("")));
  }
}

void read_member(std::string_view key, std::string_view value, Tap& tap) {
  if (key == "pid") tap.pid = static_cast<pid_t>(json_integer(value).value_or(0));
  if (key == "server") tap.server = text_of(value);
  if (key == "tap_version") tap.version = text_of(value);
  if (key == "started_at") tap.started_at = text_of(value);
  if (key == "updated_at") tap.updated_at = text_of(value);
  if (key == "counters") read_counters(value, tap);
  if (key == "gauges") read_gauges(value, tap);
  if (key == "capture") read_capture(value, tap);
  if (key == "servers") read_servers(value, tap);
  if (key == "sinks") read_sinks(value, tap);
  if (key == "config_faults") {
    JsonElements faults(value);
    while (faults.next()) tap.config_faults.push_back(text_of(faults.value()));
  }
}

/// The pids that files in the folder are named after: `123.json`, `123.sock`.
std::set<pid_t> pids_in(const std::string& folder) {
  std::set<pid_t> pids;
  const std::unique_ptr<DIR, int (*)(DIR*)> dir(opendir(folder.c_str()), closedir);
  while (dir && pids.size() < kTapsMax) {
    const dirent* found = readdir(dir.get());  // NOLINT(concurrency-mt-unsafe): own stream.
    if (found == nullptr) break;
    const std::string_view name = found->d_name;
    pid_t pid = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), pid);
    const std::string_view rest(end, static_cast<std::size_t>(name.data() + name.size() - end));
    if (error == std::errc() && pid > 0 && (rest == ".json" || rest == ".sock")) pids.insert(pid);
  }
  return pids;
}

Result<Tap> ask(const std::string& folder, pid_t pid) {
  const auto answer =
      recorder::ask_tap(recorder::socket_path(folder, pid), R"({"command":"stats"})",
                        {.timeout = std::chrono::milliseconds(1000)});
  if (answer) return parse_tap(*answer);
  const std::string path = recorder::stats_path(folder, pid);
  const auto text = config::read_text_file(path, kDocumentBytesMax);
  if (!text) return fail(Error(text.error()).within(path));
  Result<Tap> tap = parse_tap(*text);
  if (!tap) return fail(std::move(tap).error().within(path));
  tap->silence = answer.error().message();
  return tap;
}

}  // namespace

Result<Tap> parse_tap(std::string_view document) {
  while (document.ends_with('\n')) document.remove_suffix(1);
  Tap tap;
  JsonMembers members(document);
  while (members.next()) read_member(members.key(), members.value(), tap);
  if (!members.ok() || tap.pid <= 0) return fail(Errc::kInvalidInput, "is no stats document");
  tap.document = document;
  return tap;
}

RunningTaps running_taps(const std::string& control_dir) {
  RunningTaps out;
  out.removed = recorder::sweep_control_dir(control_dir);
  for (const pid_t pid : pids_in(control_dir)) {
    Result<Tap> tap = ask(control_dir, pid);
    if (tap) {
      out.taps.push_back(*std::move(tap));
    } else if (recorder::process_start_ticks(pid)) {
      out.faults.push_back(tap.error().message());
    }
  }
  std::ranges::sort(out.taps, {}, [](const Tap& tap) { return std::tie(tap.server, tap.pid); });
  return out;
}

}  // namespace sonde::cli
