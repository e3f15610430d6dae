#include "cli/tail.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <utility>

#include "base/printable.h"
#include "cli/filter.h"
#include "cli/follow.h"
#include "cli/log_files.h"
#include "cli/place.h"
#include "cli/row.h"
#include "cli/summary.h"

namespace sonde::cli {
namespace {

constexpr std::uint64_t kRowsDefault = 20;
constexpr std::uint64_t kRowsMax = 1'000'000;
constexpr std::size_t kWriteBytes = std::size_t{64} * 1024;
constexpr std::size_t kHeldBytesMax = std::size_t{256} * 1024 * 1024;

struct TailOptions {
  Filter filter;
  std::optional<std::uint64_t> rows;  ///< Nothing: all.
  bool json = false;
  bool follow = false;
  bool summary = false;
};

Result<std::uint64_t> parse_rows(std::string_view text) {
  std::uint64_t rows = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), rows);
  if (error != std::errc() || end != text.data() + text.size() || rows > kRowsMax) {
    return fail(Errc::kInvalidInput, "--lines: `" + printable(text, 64) +
                                         "` is no number from 0 to " + std::to_string(kRowsMax));
  }
  return rows;
}

Status read_filter(const Arguments& arguments, const Io& io, Filter& filter) {
  filter.server = arguments.value("server").value_or("");
  filter.tool = arguments.value("tool").value_or("");
  if (const auto text = arguments.value("status")) {
    auto statuses = parse_statuses(*text);
    if (!statuses) return fail(std::move(statuses).error().within("--status"));
    filter.statuses = *std::move(statuses);
  }
  if (const auto text = arguments.value("since")) {
    auto since = parse_since(*text, io.clock->now().wall);
    if (!since) return fail(std::move(since).error().within("--since"));
    filter.since = *since;
  }
  return {};
}

Result<TailOptions> read_options(const Arguments& arguments, const Io& io) {
  TailOptions out;
  SONDE_RETURN_IF_ERROR(read_filter(arguments, io, out.filter));
  out.json = arguments.has("json");
  out.follow = arguments.has("follow");
  out.summary = arguments.has("summary");
  if (out.summary && (out.follow || arguments.has("lines"))) {
    return fail(Errc::kInvalidInput,
                "--summary counts all lines; it goes with neither --follow "
                "nor --lines, but with --since");
  }
  if (const auto text = arguments.value("lines")) {
    const auto rows = parse_rows(*text);
    if (!rows) return fail(rows.error());
    out.rows = *rows;
  } else if (!out.summary && !arguments.has("since")) {
    out.rows = kRowsDefault;
  }
  return out;
}

/// Where to look: the files named, else the folder, and a log that is configured elsewhere.
struct Sources {
  std::string folder;
  std::vector<std::string> files;
  std::string elsewhere;

  std::vector<LogSeries> series() const {
    std::vector<LogSeries> out;
    if (!folder.empty()) out = find_logs(folder);
    for (const std::string& file : files) out.push_back({.newest_first = {{.path = file}}});
    if (!elsewhere.empty()) out.push_back(log_series(elsewhere));
    return out;
  }

  Follower follower() const {
    std::vector<std::string> all = files;
    if (!elsewhere.empty()) all.push_back(elsewhere);
    return Follower(folder, std::move(all));
  }
};

Sources find_sources(const Arguments& arguments, const Io& io) {
  Sources out;
  for (const std::string_view word : arguments.words()) out.files.emplace_back(word);
  if (out.files.empty()) {
    const config::Loaded loaded = load_config(arguments, io);
    out.folder = config::log_dir(loaded.config);
    out.elsewhere = log_elsewhere(loaded);
  }
  return out;
}

/// Prints entries as rows or as they are, many in one write.
class Printer {
 public:
  Printer(const TailOptions& options, Io& io) : options_(options), io_(io) {}

  void widen_for(const LogEntry& entry) { widen(widths_, entry); }

  /// False once nobody reads any more.
  bool print(const LogEntry& entry, std::string_view line) {
    if (options_.json) {
      text_ += (io_.terminal ? printable(line) : std::string(line)) + '\n';
    } else {
      widen(widths_, entry);
      if (std::exchange(header_, false)) text_ += row_header(widths_, io_);
      text_ += row_of(entry, widths_, io_);
    }
    return text_.size() < kWriteBytes || flush();
  }

  bool flush() { return text_.empty() || io_.out(std::exchange(text_, {})); }

 private:
  const TailOptions& options_;
  Io& io_;
  RowWidths widths_;
  bool header_ = true;
  std::string text_;
};

/// An entry held until the newest ones are known.
struct Held {
  LogEntry entry;
  std::string line;       ///< Only for --json.
  std::size_t newer = 0;  ///< How many were read before it.
};

bool print_newest(std::vector<LogSeries> series, const TailOptions& options, Printer& printer,
                  Skipped& skipped) {
  std::vector<Held> held;
  std::size_t bytes = 0;
  const std::uint64_t wanted = options.rows.value_or(kRowsDefault);
  const auto hold = [&](const LogEntry& entry, std::string_view line) {
    if (held.size() == wanted) return false;
    if (!options.filter.matches(entry)) return true;
    bytes += sizeof(Held) + (options.json ? line.size() : entry.detail.size());
    if (bytes > kHeldBytesMax) {
      skipped.rows = wanted - held.size();
      return false;
    }
    held.push_back({entry, options.json ? std::string(line) : std::string(), held.size()});
    return held.size() < wanted;
  };
  if (wanted > 0) {
    merge_logs(std::move(series), Order::kNewestFirst, options.filter.since, skipped, hold);
  }
  std::ranges::sort(held, [](const Held& a, const Held& b) {
    return a.entry.at == b.entry.at ? a.newer > b.newer : a.entry.at < b.entry.at;
  });
  for (const Held& one : held) printer.widen_for(one.entry);
  return std::ranges::all_of(held,
                             [&](const Held& one) { return printer.print(one.entry, one.line); });
}

bool print_all(std::vector<LogSeries> series, const TailOptions& options, Printer& printer,
               Skipped& skipped) {
  bool reading = true;
  merge_logs(std::move(series), Order::kOldestFirst, options.filter.since, skipped,
             [&](const LogEntry& entry, std::string_view line) {
               if (options.filter.matches(entry)) reading = printer.print(entry, line);
               return reading;
             });
  return reading;
}

void print_summary(std::vector<LogSeries> series, const TailOptions& options, Io& io,
                   Skipped& skipped) {
  Summary summary;
  merge_logs(std::move(series), Order::kOldestFirst, options.filter.since, skipped,
             [&](const LogEntry& entry, std::string_view) {
               if (options.filter.matches(entry)) summary.add(entry);
               return true;
             });
  io.out(options.json ? summary.json() : summary.table(io));
}

void follow(Follower& follower, const TailOptions& options, Printer& printer, Io& io,
            Skipped& skipped) {
  follower.follow(io.stop_fd(), [&](std::string_view line) {
    const auto entry = parse_log_entry(line);
    if (!entry) {
      if (!line.empty()) ++skipped.lines;
      return true;
    }
    if (is_metrics_event(entry->event) || !options.filter.matches(*entry)) return true;
    return printer.print(*entry, line) && printer.flush();
  });
}

int tell_skipped(const Skipped& skipped, Io& io) {
  if (skipped.lines > 0) {
    complain(io, "tail: " + std::to_string(skipped.lines) +
                     (skipped.lines == 1 ? " line was" : " lines were") +
                     " skipped: torn, too long or not written by sonde");
  }
  if (skipped.rows > 0) {
    complain(io,
             "tail: older calls are not shown, to stay below 256 MiB; use --since without "
             "--lines to see all");
  }
  for (const std::string& file : skipped.files) complain(io, "tail: " + file);
  return skipped.files.empty() ? kDone : kProblem;
}

int run_tail(const Arguments& arguments, Io& io) {
  const Result<TailOptions> options = read_options(arguments, io);
  if (!options) {
    complain(io, "tail: " + options.error().message());
    return kUsage;
  }
  const Sources sources = find_sources(arguments, io);
  Skipped skipped;
  Printer printer(*options, io);
  const auto print = [&](std::vector<LogSeries> series) {
    const bool read = options->rows ? print_newest(std::move(series), *options, printer, skipped)
                                    : print_all(std::move(series), *options, printer, skipped);
    return read && printer.flush();
  };
  if (options->summary) {
    print_summary(sources.series(), *options, io, skipped);
  } else if (options->follow) {
    Follower follower = sources.follower();
    if (print(follower.present())) follow(follower, *options, printer, io, skipped);
  } else {
    const std::vector<LogSeries> series = sources.series();
    if (series.empty()) {
      complain(io, "tail: no logs in " + printable(sources.folder) +
                       " yet; put `sonde wrap --` in front of a server's command");
    }
    print(series);
  }
  return tell_skipped(skipped, io);
}

constexpr std::array<Option, 10> kOptions = {{
    {.name = "server",
     .letter = 's',
     .value = "NAME",
     .help = "Only this server; * and ? stand for any letters."},
    {.name = "tool", .letter = 't', .value = "NAME", .help = "Only this tool, likewise."},
    {.name = "status",
     .value = "LIST",
     .help = "Only calls that ended so: ok, error, denied, timeout, cancelled, aborted."},
    {.name = "since",
     .value = "TIME",
     .help = "Only what ended after this: 10m, 2h, 7d or 2026-11-20T12:00:00Z."},
    {.name = "lines",
     .letter = 'n',
     .value = "COUNT",
     .help = "Only the newest; 20, or all with --since."},
    {.name = "follow", .letter = 'f', .help = "Go on showing what is written, until Ctrl-C."},
    {.name = "summary",
     .help = "Count calls and errors by server and tool, with percentiles of their duration."},
    kJsonOption,
    kStateOption,
    kConfigOption,
}};

constexpr std::array<Example, 4> kExamples = {{
    {"sonde tail", "The last 20 calls of all servers."},
    {"sonde tail -f --status error,timeout", "Failing calls as they happen."},
    {"sonde tail --summary --since 1h", "What was slow, and what failed, in the last hour."},
    {"sonde tail --json --since 1h | jq .tool_name", "The log lines themselves."},
}};

constexpr std::array<Example, 3> kExitCodes = {{
    {"0", "The logs were read, even if nothing matched."},
    {"1", "A log could not be read."},
    {"2", "The command line is wrong."},
}};

}  // namespace

const Command kTailCommand = {
    .name = "tail",
    .arguments = "[FILE…]",
    .summary = "Show calls as they were logged, one a line.",
    .description =
        "Shows the calls in the logs of all servers, merged by time, rotated files "
        "included; or those in the files named. IN and OUT are the sizes of arguments "
        "and result, ARGS is the start of the arguments' hash: equal ones had equal "
        "arguments.",
    .options = kOptions,
    .examples = kExamples,
    .exit_codes = kExitCodes,
    .arguments_max = 10'000,
    .run = run_tail,
};

}  // namespace sonde::cli
