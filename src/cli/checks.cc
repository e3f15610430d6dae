#include "cli/checks.h"

#include <algorithm>
#include <array>
#include <optional>
#include <vector>

#include "base/nearest.h"
#include "base/printable.h"
#include "base/stats.h"
#include "config/fault.h"
#include "privacy/hash_key_file.h"
#include "privacy/scrubber.h"

namespace sonde::cli {
namespace {

/// Variables of the program's own that are no keys, and those of its tests and build.
bool is_known_variable(std::string_view name) {
  const auto known = config::other_variables();
  if (std::ranges::find(known, name) != known.end()) return true;
  return std::ranges::any_of(config::fields(), [&](const config::Field& field) {
    return config::variable_name(field) == name;
  });
}

Finding unknown_variable(const std::string& name) {
  std::vector<std::string> names(config::other_variables().begin(),
                                 config::other_variables().end());
  for (const config::Field& field : config::fields()) {
    names.push_back(config::variable_name(field));
  }
  const std::vector<std::string_view> views(names.begin(), names.end());
  const std::string hint = config::did_you_mean(nearest(name.substr(0, 64), views));
  return {.level = Level::kWarn,
          .what = "this variable is set, but nothing reads it",
          .where = printable(name, 64),
          .advice = hint.empty() ? "unset it if it was meant for sonde" : hint};
}

Finding fault_finding(const config::Fault& fault) {
  config::Fault place = fault;
  place.problem.clear();
  place.advice.clear();
  std::string where = to_string(place);
  while (where.ends_with(' ') || where.ends_with(':')) where.pop_back();
  const std::string advice = fault.advice.empty()
                                 ? "correct it; `sonde man config` says what may be written"
                                 : fault.advice;
  return {.level = Level::kRed,
          .what = printable(fault.problem),
          .where = printable(where),
          .advice = printable(advice)};
}

void check_redaction(const Config& config, Findings& out) {
  Stats stats;
  const auto scrubber =
      privacy::Scrubber::make(config.privacy, config.capture, privacy::HashKey::ephemeral(), stats);
  if (scrubber) return;
  out.push_back({.level = Level::kRed,
                 .what = printable(scrubber.error().message()),
                 .where = "redaction",
                 .advice = "correct it; until then `sonde wrap` records nothing"});
}

/// What a user can do about a counter that is not zero.
std::string advice_for(std::string_view counter) {
  struct Advice {
    std::string_view counter;
    std::string_view advice;
  };
  constexpr std::array<Advice, 8> kAdvice = {{
      {"records_dropped", "raise wrap.queue_records_max, or look for a slow disk"},
      {"records_unflushed", "raise wrap.flush_max, or look for a slow disk"},
      {"hashes_skipped", "raise privacy.hash_rate_bytes_max"},
      {"series_overflow", "raise emf.max_series, or drop ToolName from emf.dimensions"},
      {"outstanding_evicted", "raise wrap.outstanding_max; does the server answer at all?"},
      {"streams_disabled", "the server writes text to stdout; make it log to stderr"},
      {"records_lost", "see which sink failed, and why, above or in the log's tap.degraded lines"},
      {"sink_errors", "see which sink failed, and why, above or in the log's tap.degraded lines"},
  }};
  const auto found = std::ranges::find(kAdvice, counter, &Advice::counter);
  return found == kAdvice.end() ? "" : std::string(found->advice);
}

std::string name_of(const Tap& tap) {
  return "tap of " + printable(tap.server, 64) + " (pid " + std::to_string(tap.pid) + ')';
}

/// ": 12 sessions (3 idle), …" of a proxy.
std::string what_is_there(const Tap& tap) {
  if (!tap.gauges) return {};
  const Gauges& gauges = *tap.gauges;
  return ": " + std::to_string(gauges.sessions) + " MCP sessions (" +
         std::to_string(gauges.idle_sessions) + " idle), " +
         std::to_string(gauges.active_sse_streams) + " event streams, " +
         std::to_string(gauges.active_users) + " users in 5 minutes";
}

void check_counters(const Tap& tap, Findings& out) {
  for (const auto& [name, value] : tap.counters) {
    const auto info = std::ranges::find(kStatInfo, name, &StatInfo::name);
    // Faults of the configuration are told one by one.
    if (info == kStatInfo.end() || info->severity == Severity::kInfo) continue;
    if (name == "config_errors" && !tap.config_faults.empty()) continue;
    out.push_back(
        {.level = Level::kWarn,
         .what = std::to_string(value) + ' ' + std::string(info->help) + " (" + name + ')',
         .where = name_of(tap),
         .advice = advice_for(name)});
  }
}

void check_servers(const Tap& tap, Findings& out) {
  for (const Tap::Server& server : tap.servers) {
    if (server.state != "down" && server.state != "degraded") continue;
    out.push_back({.level = server.state == "down" ? Level::kRed : Level::kWarn,
                   .what = "server " + printable(server.name, 64) + " is " + server.state + ": " +
                           printable(server.reason, 256),
                   .where = name_of(tap),
                   .advice = "look at the server itself; docs/operations.md, Health"});
  }
}

void check_tap(const Tap& tap, Findings& out) {
  const std::size_t before = out.size();
  check_servers(tap, out);
  if (!tap.silence.empty()) {
    out.push_back({.level = Level::kRed,
                   .what = "does not answer: " + printable(tap.silence, 256),
                   .where = name_of(tap),
                   .advice = "its counters are those of " + printable(tap.updated_at, 64) +
                             "; restart the client if it stays so"});
  }
  for (const auto& [name, error] : tap.sink_errors) {
    out.push_back({.level = Level::kRed,
                   .what = "sink " + printable(name, 64) + " fails: " + printable(error, 256),
                   .where = name_of(tap),
                   .advice = "calls are held back within limits and then lost"});
  }
  for (const std::string& fault : tap.config_faults) {
    out.push_back({.level = Level::kRed,
                   .what = printable(fault, 512),
                   .where = name_of(tap),
                   .advice = "correct the configuration and restart the client"});
  }
  check_counters(tap, out);
  if (out.size() == before) {
    out.push_back({.level = Level::kOk,
                   .what = "running well" + what_is_there(tap),
                   .where = name_of(tap),
                   .advice = {}});
  }
}

}  // namespace

Findings check_configuration(const config::Loaded& loaded, const Io& io) {
  Findings out;
  for (const config::Fault& fault : loaded.faults) out.push_back(fault_finding(fault));
  for (const std::string& name : io.variables) {
    if (name.starts_with("SONDE_") && !is_known_variable(name))
      out.push_back(unknown_variable(name));
  }
  const bool red =
      std::ranges::any_of(out, [](const Finding& f) { return f.level == Level::kRed; });
  if (red) {
    out.push_back({.level = Level::kRed,
                   .what = "`sonde wrap` runs servers, but records nothing until this is corrected",
                   .where = {},
                   .advice = {}});
    return out;
  }
  out.push_back({.level = Level::kOk,
                 .what = loaded.file.empty() ? "no file; everything is at its default" : "read",
                 .where = printable(loaded.file),
                 .advice = {}});
  return out;
}

Findings check_privacy(const config::Loaded& loaded) {
  Findings out;
  check_redaction(loaded.config, out);
  const std::string own = loaded.config.state_dir + "/hash.key";
  const bool named = !loaded.config.privacy.hash_key.empty();
  const auto exists = config::read_text_file(own, 64 * 1024);
  const bool absent = !exists && exists.error().code() == Errc::kUnavailable;
  if (!named && absent) {
    out.push_back({.level = Level::kOk,
                   .what = "the hash key will be made at first use",
                   .where = printable(own),
                   .advice = {}});
    return out;
  }
  const auto key = privacy::load_hash_key(loaded.config.privacy, loaded.config.state_dir);
  if (key) {
    out.push_back({.level = Level::kOk,
                   .what = "hash key " + key->id(),
                   .where = printable(named ? loaded.config.privacy.hash_key : own),
                   .advice = {}});
  } else {
    out.push_back({.level = Level::kRed,
                   .what = printable(key.error().message()),
                   .where = "privacy.hash_key",
                   .advice = "until then each tap hashes with a key of its own, and hashes of two "
                             "taps do not compare"});
  }
  return out;
}

Findings check_taps(const RunningTaps& running) {
  Findings out;
  for (const Tap& tap : running.taps) check_tap(tap, out);
  for (const std::string& fault : running.faults) {
    out.push_back({.level = Level::kRed,
                   .what = printable(fault),
                   .where = {},
                   .advice = "remove the file if no such process is running"});
  }
  if (running.removed > 0) {
    out.push_back(
        {.level = Level::kOk,
         .what = "removed " + std::to_string(running.removed) + " files of taps that are gone",
         .where = {},
         .advice = {}});
  }
  if (running.taps.empty()) {
    out.push_back({.level = Level::kOk, .what = "none is running", .where = {}, .advice = {}});
  }
  return out;
}

}  // namespace sonde::cli
