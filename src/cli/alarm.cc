#include "cli/alarm.h"

#include <algorithm>
#include <array>
#include <cerrno>
#include <functional>
#include <optional>
#include <string>
#include <system_error>
#include <vector>

#include <fcntl.h>
#include <unistd.h>

#include "alarm/replay.h"
#include "alarm/template_reader.h"
#include "alarm/words.h"
#include "base/fd.h"
#include "base/json_writer.h"
#include "base/printable.h"
#include "base/timestamp.h"
#include "cli/filter.h"
#include "cli/line_reader.h"
#include "cli/place.h"
#include "cli/text.h"

namespace sonde::cli {
namespace {

using alarm::AlarmSet;
using alarm::Change;
using alarm::Replay;
using alarm::ReplayOptions;
using alarm::ReplayReport;
using std::chrono::seconds;

constexpr seconds kTailMax{14 * 86'400};

std::unexpected<Error> system_error(const std::string& path) {
  return fail(Errc::kInternal, printable(path) + ": " + std::generic_category().message(errno));
}

/// Opens for reading; "-" is standard input.
Result<Fd> open_input(const std::string& path, const Io& io) {
  Fd file(path == "-" ? dup(io.in) : open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return system_error(path);
  return file;
}

/// Calls `body` with each piece of what is read.
Status read_pieces(const std::string& path, const Io& io,
                   const std::function<Status(std::string_view)>& body) {
  const auto file = open_input(path, io);
  if (!file) return fail(file.error());
  std::vector<char> block(65536);
  for (;;) {
    const ssize_t got = read(file->get(), block.data(), block.size());
    if (got == 0) return {};
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return system_error(path);
    SONDE_RETURN_IF_ERROR(body({block.data(), static_cast<std::size_t>(got)}));
  }
}

Result<std::string> read_template_file(const std::string& path, const Io& io) {
  std::string text;
  SONDE_RETURN_IF_ERROR(read_pieces(path, io, [&](std::string_view piece) -> Status {
    text.append(piece);
    if (text.size() <= alarm::kTemplateBytesMax) return {};
    return fail(Errc::kLimitExceeded, printable(path) + ": larger than 1 MiB");
  }));
  return text;
}

/// Cuts pieces into lines; what is longer than kLineBytesMax is cut off, which makes it a
/// line that no metrics can be read from.
class Lines {
 public:
  explicit Lines(Replay& replay) : replay_(replay) {}

  void add(std::string_view piece) {
    while (!piece.empty()) {
      const std::size_t end = std::min(piece.find('\n'), piece.size());
      const std::size_t room = kLineBytesMax - std::min(line_.size(), kLineBytesMax);
      line_.append(piece.substr(0, std::min(end, room)));
      if (end == piece.size()) return;
      finish();
      piece.remove_prefix(end + 1);
    }
  }

  void finish() {
    if (!line_.empty()) replay_.feed(line_);
    line_.clear();
  }

 private:
  Replay& replay_;
  std::string line_;
};

Result<alarm::TemplateParameters> parameters_of(const Arguments& arguments) {
  alarm::TemplateParameters parameters;
  for (const std::string_view text : arguments.values("parameter")) {
    const std::size_t equals = text.find('=');
    if (equals == 0 || equals == std::string_view::npos) {
      return fail(Errc::kInvalidInput,
                  "--parameter: `" + printable(text, 64) + "` is not NAME=VALUE");
    }
    parameters[std::string(text.substr(0, equals))] = text.substr(equals + 1);
  }
  return parameters;
}

Result<ReplayOptions> options_of(const Arguments& arguments) {
  ReplayOptions options;
  options.log_group = arguments.value("log-group").value_or("");
  if (const auto text = arguments.value("tail")) {
    const auto duration = parse_duration(*text);
    if (!duration) return fail(Error(duration.error()).within("--tail"));
    options.tail = std::chrono::floor<seconds>(*duration);
    if (options.tail < seconds(0) || options.tail > kTailMax) {
      return fail(Errc::kInvalidInput, "--tail: at most 14d");
    }
  }
  return options;
}

std::string utc(seconds at) {
  std::string text;
  append_rfc3339(text, at);
  return text;
}

std::string change_json(const Change& change) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().member("at", utc(change.at)).member("alarm", change.alarm);
  json.key("composite").boolean(change.composite);
  json.member("before", to_string(change.before)).member("after", to_string(change.after));
  json.member("reason", change.reason).key("reason_data").raw(change.reason_data);
  json.end_object();
  return out + '\n';
}

std::string notification_json(const alarm::Notification& notification) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().member("at", utc(notification.at)).member("notified", notification.alarm);
  json.member("state", to_string(notification.state)).key("actions").begin_array();
  for (const std::string& action : notification.actions) json.string(action);
  json.end_array().end_object();
  return out + '\n';
}

std::string summary_json(const ReplayReport& report, const std::vector<std::string>& names,
                         const Replay& replay) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().key("summary").begin_object();
  json.member("from", utc(report.from)).member("until", utc(report.until));
  json.key("lines").number(report.lines).key("metric_lines").number(report.metric_lines);
  json.key("faults").number(report.faults).member("first_fault", report.first_fault);
  json.key("lines_out_of_range").number(report.out_of_range);
  json.key("values_dropped").number(report.dropped.values + report.dropped.series);
  json.key("values_late").number(report.dropped.late);
  json.key("states").begin_object();
  for (const std::string& name : names) json.member(name, to_string(replay.state(name)));
  json.end_object().end_object().end_object();
  return out + '\n';
}

std::string change_text(const Change& change, std::size_t width, bool colour) {
  const Colour shade = change.after == alarm::State::kAlarm ? Colour::kRed
                       : change.after == alarm::State::kOk  ? Colour::kGreen
                                                            : Colour::kYellow;
  return utc(change.at) + "  " + padded(printable(change.alarm), width) + "  " +
         coloured(padded(to_string(change.after), 17), shade, colour) + "  " +
         printable(change.reason) + '\n';
}

std::string summary_text(const ReplayReport& report, std::size_t alarms, std::size_t fired) {
  if (report.from == seconds(0)) {
    return "no metrics in " + std::to_string(report.lines) + " lines; nothing was evaluated\n";
  }
  std::string text = std::to_string(fired) + " of " + std::to_string(alarms) +
                     " alarms fired from " + utc(report.from) + " to " + utc(report.until) +
                     ", over " + std::to_string(report.metric_lines) + " metric lines\n";
  const auto tell = [&](std::uint64_t count, const std::string& what) {
    if (count > 0) text += std::to_string(count) + " " + what + '\n';
  };
  tell(report.faults,
       "lines that CloudWatch would take no metrics from; " + printable(report.first_fault, 256));
  tell(report.out_of_range, "lines of a time more than 14 days away from the others");
  tell(report.dropped.values + report.dropped.series, "values that there was no room for");
  tell(report.dropped.late, "values that came too late to count");
  return text;
}

std::vector<std::string> names_of(const AlarmSet& alarms) {
  std::vector<std::string> names;
  names.reserve(alarms.metric.size() + alarms.composite.size());
  for (const alarm::MetricAlarm& one : alarms.metric) names.push_back(one.name);
  for (const alarm::CompositeAlarm& one : alarms.composite) names.push_back(one.name);
  return names;
}

int report_json(const ReplayReport& report, const std::vector<std::string>& names,
                const Replay& replay, Io& io) {
  for (const Change& change : report.changes) {
    if (!io.out(change_json(change))) return kDone;
  }
  for (const alarm::Notification& one : report.notifications) {
    if (!io.out(notification_json(one))) return kDone;
  }
  io.out(summary_json(report, names, replay));
  return kDone;
}

int report_text(const ReplayReport& report, const std::vector<std::string>& names, Io& io) {
  std::size_t width = 8;
  std::vector<std::string_view> fired;
  for (const Change& change : report.changes) {
    width = std::max(width, std::min<std::size_t>(printable(change.alarm).size(), 64));
    if (change.after == alarm::State::kAlarm) fired.push_back(change.alarm);
  }
  const bool colour = colours(io);
  for (const Change& change : report.changes) {
    // What is first seen to be OK is no news.
    if (change.before == alarm::State::kInsufficientData && change.after == alarm::State::kOk)
      continue;
    if (!io.out(change_text(change, width, colour))) return kDone;
  }
  std::ranges::sort(fired);
  const auto repeated = std::ranges::unique(fired);
  fired.erase(repeated.begin(), repeated.end());
  io.out(summary_text(report, names.size(), fired.size()));
  return kDone;
}

int refuse(const Error& error, int code, Io& io) {
  complain(io, "alarm replay: " + error.message());
  return code;
}

int run_replay(const Arguments& arguments, Io& io) {
  const auto path = arguments.value("template");
  if (!path) {
    complain(io, "alarm replay: needs --template FILE; `sonde aws template` makes one");
    return kUsage;
  }
  const auto parameters = parameters_of(arguments);
  if (!parameters) return refuse(parameters.error(), kUsage, io);
  auto options = options_of(arguments);
  if (!options) return refuse(options.error(), kUsage, io);
  const auto text = read_template_file(std::string(*path), io);
  if (!text) return refuse(text.error(), kProblem, io);
  auto alarms = alarm::read_template(*text, *parameters);
  if (!alarms) return refuse(Error(alarms.error()).within(printable(*path, 256)), kProblem, io);
  const std::vector<std::string> names = names_of(*alarms);
  auto replay = Replay::make(std::move(*alarms), std::move(*options));
  if (!replay) return refuse(Error(replay.error()).within(printable(*path, 256)), kProblem, io);
  Lines lines(*replay);
  for (const std::string_view word : arguments.words()) {
    const Status status = read_pieces(std::string(word), io, [&](std::string_view piece) -> Status {
      lines.add(piece);
      return {};
    });
    lines.finish();
    if (!status) return refuse(status.error(), kProblem, io);
  }
  const ReplayReport report = replay->finish();
  if (arguments.has("json")) return report_json(report, names, *replay, io);
  return report_text(report, names, io);
}

constexpr std::array<Option, 5> kOptions = {{
    {.name = "template",
     .value = "FILE",
     .help = "The CloudFormation template with the alarms, as JSON."},
    {.name = "parameter",
     .value = "NAME=VALUE",
     .help = "A parameter of the template, or AWS::Region and the like; may be repeated."},
    {.name = "tail",
     .value = "TIME",
     .help = "Go on for so long after the last line, to see alarms recover; by default not."},
    {.name = "log-group",
     .value = "NAME",
     .help = "The log group that the lines are of; by default each one that an alarm watches."},
    kJsonOption,
}};

constexpr std::array<Example, 2> kExamples = {{
    {"sonde alarm replay --template mcp.json --tail 30m calls.jsonl",
     "What the alarms would have done on this day."},
    {"zcat calls-*.jsonl.gz | sonde alarm replay --template mcp.json --parameter Suffix=-blue -",
     "The same over older logs."},
}};

constexpr std::array<Example, 3> kExitCodes = {{
    {"0", "The recording was replayed, whether an alarm fired or not."},
    {"1", "A file cannot be read, or CloudWatch would refuse an alarm; the reason is told."},
    {"2", "The command line is wrong."},
}};

}  // namespace

const Command kAlarmReplayCommand = {
    .name = "alarm replay",
    .arguments = "FILE…|-",
    .summary = "Show whether the alarms of a template would have fired on a recording.",
    .description =
        "Reads metric lines (log lines with `_aws`, in about the order of their time) and "
        "evaluates the alarms of a CloudFormation template over them, minute by minute of their "
        "own time, by CloudWatch's rules for periods, percentiles, metric math, missing data and "
        "composite alarms. Nothing is sent anywhere.",
    .options = kOptions,
    .examples = kExamples,
    .exit_codes = kExitCodes,
    .arguments_min = 1,
    .arguments_max = 10'000,
    .run = run_replay,
};

}  // namespace sonde::cli
