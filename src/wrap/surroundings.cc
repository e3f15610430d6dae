#include "wrap/surroundings.h"

#include <fcntl.h>
#include <unistd.h>

#include <optional>

#include "base/fd.h"
#include "base/ids.h"
#include "trace_context/trace_parent.h"

namespace sonde::wrap {
namespace {

using trace_context::TraceParent;

constexpr std::string_view kCorrelationName = "SONDE_CORRELATION_ID";
constexpr std::string_view kParentName = "TRACEPARENT";

std::optional<std::string_view> find(const std::vector<std::string>& environment,
                                     std::string_view name) {
  for (const std::string_view entry : environment) {
    if (entry.size() > name.size() && entry.starts_with(name) && entry[name.size()] == '=') {
      return entry.substr(name.size() + 1);
    }
  }
  return std::nullopt;
}

std::string assignment(std::string_view name, std::string_view value) {
  return std::string(name) + '=' + std::string(value);
}

std::string read_small_file(const std::string& path) {
  const Fd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  char text[1024];
  const ssize_t n = read(file.get(), text, sizeof text);
  return n > 0 ? std::string(text, static_cast<std::size_t>(n)) : std::string();
}

// Field 22 of /proc/<pid>/stat; fields are counted behind the name, which may hold blanks.
std::string_view start_time(std::string_view stat) {
  std::size_t at = stat.rfind(')');
  for (int field = 2; field < 22 && at != std::string_view::npos; ++field) {
    at = stat.find(' ', at + 1);
  }
  if (at == std::string_view::npos) return {};
  stat.remove_prefix(at + 1);
  return stat.substr(0, stat.find(' '));
}

}  // namespace

Surroundings surroundings_of(const std::vector<std::string>& environment, bool inject, Moment now,
                             Random& random) {
  Surroundings result{.environment = environment,
                      .added = {},
                      .context = trace_context::read_environment(
                          [&](std::string_view name) { return find(environment, name); })};
  if (!inject) return result;

  const TraceParent minted{
      .trace_id = new_trace_id(now.wall, random), .span_id = new_span_id(random), .flags = 1};
  if (!find(environment, kCorrelationName)) {
    const TraceId& trace = result.context.parent.value_or(minted).trace_id;
    result.context.correlation_id = to_hex(trace);
    result.added.push_back(assignment(kCorrelationName, result.context.correlation_id));
  }
  if (!find(environment, kParentName)) {
    std::string text;
    trace_context::append_traceparent(text, minted);
    result.added.push_back(assignment(kParentName, text));
  }
  result.environment.insert(result.environment.end(), result.added.begin(), result.added.end());
  return result;
}

std::string host_session_id() {
  const pid_t parent = getppid();
  if (parent <= 1) return {};
  const std::string stat = read_small_file("/proc/" + std::to_string(parent) + "/stat");
  const std::string boot = read_small_file("/proc/sys/kernel/random/boot_id");
  const std::string_view started = start_time(stat);
  // By the time it was read, the number may belong to somebody else.
  if (started.empty() || boot.size() < 8 || getppid() != parent) return {};
  return "host-" + boot.substr(0, 8) + '-' + std::to_string(parent) + '-' + std::string(started);
}

}  // namespace sonde::wrap
