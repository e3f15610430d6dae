#include "cli/capture.h"

#include <algorithm>
#include <array>
#include <string>

#include "base/json_reader.h"
#include "base/json_writer.h"
#include "base/nearest.h"
#include "base/printable.h"
#include "cli/filter.h"
#include "cli/place.h"
#include "cli/taps.h"
#include "cli/text.h"
#include "config/fault.h"
#include "recorder/control_client.h"
#include "recorder/control_dir.h"
#include "recorder/control_request.h"

namespace sonde::cli {
namespace {

constexpr std::array<std::string_view, 3> kWords = {"on", "off", "status"};

struct Request {
  bool status = false;
  std::string line;
};

/// What one tap said.
struct Reply {
  bool ok = false;
  bool on = false;
  std::string until;
  std::string error;
};

Result<std::chrono::seconds> parse_for(const Arguments& arguments) {
  using recorder::CaptureRequest;
  const auto text = arguments.value("for");
  if (!text) return CaptureRequest::kDefault;
  const auto duration = parse_duration(*text);
  if (!duration) return fail(Error(duration.error()).within("--for"));
  const auto seconds = std::chrono::floor<std::chrono::seconds>(*duration);
  if (seconds < std::chrono::seconds(1) || seconds > CaptureRequest::kMax) {
    return fail(Errc::kInvalidInput, "--for: capture can last from 1s to 24h");
  }
  return seconds;
}

Result<Request> make_request(const Arguments& arguments) {
  const std::string_view word = arguments.words().front();
  const bool known = std::ranges::find(kWords, word) != kWords.end();
  if (!known) {
    const std::string hint = config::did_you_mean(nearest(word, kWords));
    return fail(Errc::kInvalidInput, '`' + printable(word, 64) + "` is not on, off or status" +
                                         (hint.empty() ? "" : "; " + hint));
  }
  if (word != "on" && (arguments.has("for") || arguments.has("errors-only"))) {
    return fail(Errc::kInvalidInput, "--for and --errors-only go with `on`");
  }
  const auto seconds = parse_for(arguments);
  if (!seconds) return fail(seconds.error());
  Request request;
  request.status = word == "status";
  JsonWriter json(request.line);
  json.begin_object().member("command", "capture").key("on").boolean(word == "on");
  if (word == "on") {
    json.key("for_s").number(seconds->count());
    json.key("errors_only").boolean(arguments.has("errors-only"));
  }
  json.end_object();
  return request;
}

Reply read_reply(std::string_view answer) {
  Reply reply;
  reply.ok = find_member(answer, "ok") == "true";
  const std::string_view capture = find_member(answer, "capture").value_or("{}");
  reply.on = find_member(capture, "on") == "true";
  reply.until = json_string(find_member(capture, "until").value_or("")).value_or("");
  if (!reply.ok) {
    reply.error = json_string(find_member(answer, "error").value_or("")).value_or("");
    if (reply.error.empty()) reply.error = "the tap gave no sense";
  }
  return reply;
}

Reply switch_capture(const Tap& tap, const Request& request, const std::string& folder) {
  if (!tap.silence.empty()) return {.ok = false, .on = false, .until = {}, .error = tap.silence};
  if (request.status)
    return {.ok = true, .on = tap.capture_on, .until = tap.capture_until, .error = {}};
  const auto answer = recorder::ask_tap(recorder::socket_path(folder, tap.pid), request.line);
  if (!answer) return {.ok = false, .on = false, .until = {}, .error = answer.error().message()};
  return read_reply(*answer);
}

std::string reply_json(const Tap& tap, const Reply& reply) {
  std::string out;
  JsonWriter json(out);
  json.begin_object().member("server", tap.server).key("pid").number(tap.pid);
  json.key("ok").boolean(reply.ok).key("on").boolean(reply.on).member("until", reply.until);
  json.member("error", reply.error).end_object();
  return out + '\n';
}

std::string reply_text(const Tap& tap, const Reply& reply) {
  const std::string out = printable(tap.server, 64) + " (pid " + std::to_string(tap.pid) + "): ";
  if (!reply.ok) return out + printable(reply.error, 256) + '\n';
  return out + (reply.on ? "capture is on until " + printable(reply.until, 64) : "capture is off") +
         '\n';
}

int tell_nobody(const std::string& server, std::size_t running, Io& io) {
  if (running == 0) {
    complain(io, "capture: no tap is running; start one with `sonde wrap -- COMMAND`");
  } else {
    complain(io, "capture: none of " + std::to_string(running) + " running taps is called `" +
                     printable(server, 64) + "`; `sonde doctor` lists them");
  }
  return kProblem;
}

int run_capture(const Arguments& arguments, Io& io) {
  const Result<Request> request = make_request(arguments);
  if (!request) {
    complain(io, "capture: " + request.error().message());
    return kUsage;
  }
  const std::string server(arguments.value("server").value_or(""));
  const std::string folder = config::control_dir(load_config(arguments, io).config);
  const RunningTaps running = running_taps(folder);
  std::size_t asked = 0;
  bool all_ok = true;
  for (const Tap& tap : running.taps) {
    if (!server.empty() && !pattern_matches(server, tap.server)) continue;
    ++asked;
    const Reply reply = switch_capture(tap, *request, folder);
    all_ok = all_ok && reply.ok;
    io.out(arguments.has("json") ? reply_json(tap, reply) : reply_text(tap, reply));
  }
  if (asked == 0) return tell_nobody(server, running.taps.size(), io);
  return all_ok ? kDone : kProblem;
}

constexpr std::array<Option, 6> kOptions = {{
    {.name = "server",
     .letter = 's',
     .value = "NAME",
     .help = "Only taps of this server; * and ? stand for any letters."},
    {.name = "for", .value = "TIME", .help = "How long, up to 24h; 15m unless given."},
    {.name = "errors-only", .help = "Keep the content of failing calls only."},
    kJsonOption,
    kStateOption,
    kConfigOption,
}};

constexpr std::array<Example, 3> kExamples = {{
    {"sonde capture on --server github --for 10m", "Keep arguments and results of one server."},
    {"sonde capture status", "Which taps keep content, and until when."},
    {"sonde capture off", "Stop at once, everywhere."},
}};

constexpr std::array<Example, 3> kExitCodes = {{
    {"0", "Every tap that was asked has answered."},
    {"1", "No tap is running, or one did not answer."},
    {"2", "The command line is wrong."},
}};

}  // namespace

const Command kCaptureCommand = {
    .name = "capture",
    .arguments = "on|off|status",
    .summary = "Keep the content of calls for a while, or stop.",
    .description =
        "Tells running taps to log arguments and results of calls, redacted, or to "
        "stop; no restart is needed. Capture ends by itself. Without it only sizes and "
        "keyed hashes are kept.",
    .options = kOptions,
    .examples = kExamples,
    .exit_codes = kExitCodes,
    .words = kWords,
    .arguments_min = 1,
    .arguments_max = 1,
    .run = run_capture,
};

}  // namespace sonde::cli
