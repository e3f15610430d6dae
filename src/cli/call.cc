#include "cli/call.h"

#include <array>
#include <string>

#include "base/printable.h"
#include "cli/call_search.h"
#include "cli/place.h"

namespace sonde::cli {
namespace {

constexpr std::size_t kAmbiguousToldMax = 10;

std::vector<LogSeries> all_logs(const Arguments& arguments, const Io& io) {
  const config::Loaded loaded = load_config(arguments, io);
  std::vector<LogSeries> series = find_logs(config::log_dir(loaded.config));
  if (const std::string file = log_elsewhere(loaded); !file.empty()) {
    series.push_back(log_series(file));
  }
  return series;
}

int tell_none(std::string_view id, const Found& found, Io& io) {
  if (found.ambiguous.empty()) {
    complain(io, "call: no call has the id `" + printable(id, 128) +
                     "`; `sonde tail --json` shows the ids of the newest");
    return kProblem;
  }
  std::string text = "call: several ids begin with `" + printable(id, 128) + "`; write more of it:";
  std::size_t told = 0;
  for (const std::string& one : found.ambiguous) {
    if (++told > kAmbiguousToldMax) break;
    text += "\n  " + printable(one, 128);
  }
  complain(io, text);
  return kProblem;
}

/// A terminal gets nothing that acts on it, whoever has written the line.
std::string as_logged(const std::string& line, const Io& io) {
  return (io.terminal ? printable(line) : line) + '\n';
}

int run_call(const Arguments& arguments, Io& io) {
  const std::string_view id = arguments.words().front();
  Skipped skipped;
  const Found found = find_calls(all_logs(arguments, io), id, skipped);
  for (const std::string& file : skipped.files) complain(io, "call: " + file);
  if (found.lines.empty()) return tell_none(id, found, io);
  bool first = true;
  for (const std::string& line : found.lines) {
    std::string text = arguments.has("json") ? as_logged(line, io) : describe_call(line);
    if (!first && !arguments.has("json")) text.insert(0, "\n");
    first = false;
    if (!io.out(text)) break;
  }
  if (found.more) {
    complain(io, "call: only the first " + std::to_string(kFoundMax) + " lines are shown");
  }
  return kDone;
}

constexpr std::array<Option, 3> kOptions = {{kJsonOption, kStateOption, kConfigOption}};

constexpr std::array<Example, 2> kExamples = {{
    {"sonde call 01978a3e-7d5c", "The call whose request id begins so."},
    {"sonde call 6918f3804f1c0d2b3a49586776859403 --json", "All calls of a trace, as logged."},
}};

constexpr std::array<Example, 3> kExitCodes = {{
    {"0", "At least one call was found."},
    {"1", "None was found, or several ids begin so."},
    {"2", "The command line is wrong."},
}};

}  // namespace

const Command kCallCommand = {
    .name = "call",
    .arguments = "ID",
    .summary = "Show everything known of one call.",
    .description =
        "Finds calls by their request, wire (JSON-RPC), tool-call, correlation, trace "
        "or span id, in the logs of all servers. Four characters of an id are enough "
        "if no other begins so; a wire id is written whole.",
    .options = kOptions,
    .examples = kExamples,
    .exit_codes = kExitCodes,
    .arguments_min = 1,
    .arguments_max = 1,
    .run = run_call,
};

}  // namespace sonde::cli
