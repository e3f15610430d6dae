#include <algorithm>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <catch2/catch_test_macros.hpp>

#include "base/json_reader.h"
#include "base/json_writer.h"
#include "mcp/replay.h"

// Each folder of tests/golden/stdio is a connection and what is concluded from it:
//   capture.jsonl   {"at_us":0,"from":"client","bytes":"…\n"}   one line per write, or
//                   {"at_us":9,"end":"client_closed"}           the end of the session;
//                   "fill":N puts N times the letter x in place of "<fill>" in `bytes`
//   setup.json      optional: "env" {…}, "host_session", options by name
//   expected.jsonl  one line per record and event, then the counters that are not 0; an id
//                   that stands in neither of the other files shows as "<minted>"
// SONDE_UPDATE_GOLDEN=1 writes expected.jsonl anew.

namespace sonde::mcp {
namespace {

namespace fs = std::filesystem;
using std::chrono::microseconds;
using std::chrono::nanoseconds;

std::string read_file(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::string text_member(std::string_view object, std::string_view key) {
  const auto raw = find_member(object, key);
  return raw ? json_string(*raw).value_or("") : std::string();
}

std::int64_t number_member(std::string_view object, std::string_view key, std::int64_t otherwise) {
  const auto raw = find_member(object, key);
  return raw ? json_integer(*raw).value_or(otherwise) : otherwise;
}

/// One line of expected.jsonl.
class Line {
 public:
  explicit Line(std::string_view given) : given_(given) { writer_.begin_object(); }

  Line& text(std::string_view key, std::string_view value) {
    if (!value.empty()) writer_.member(key, value);
    return *this;
  }
  Line& id(std::string_view key, std::string_view value) {
    const bool known = value == "none" || given_.find(value) != std::string_view::npos;
    return text(key, known || value.empty() ? value : "<minted>");
  }
  Line& number(std::string_view key, std::uint64_t value, std::uint64_t usual = 0) {
    if (value != usual) writer_.key(key).number(value);
    return *this;
  }
  Line& time(std::string_view key, nanoseconds value) {
    return number(key, static_cast<std::uint64_t>(value / microseconds(1)));
  }
  Line& flag(std::string_view key, bool value, bool usual = false) {
    if (value != usual) writer_.key(key).boolean(value);
    return *this;
  }
  std::string end() {
    writer_.end_object();
    return text_ + '\n';
  }

 private:
  std::string_view given_;
  std::string text_;
  JsonWriter writer_{text_};
};

std::string wire_id_text(const WireId& id) {
  if (id.type == WireId::Type::kString) return '"' + id.text + '"';
  return id.type == WireId::Type::kNull ? "null" : id.text;
}

std::string peer_text(const std::shared_ptr<const Peer>& peer) {
  return peer ? peer->name + " " + peer->version : std::string();
}

std::string show(const ObservedCall& call, std::string_view given) {
  const CallRecord& record = call.record;
  Line line(given);
  line.text("method", record.method).text("tool", record.tool_name);
  line.text("uri", record.resource_uri).text("id", wire_id_text(record.wire_id));
  line.text("to", record.direction == Direction::kToClient ? "client" : "");
  line.text("status", to_string(record.status)).text("error_type", record.error_type);
  if (record.error_code) line.text("error_code", std::to_string(*record.error_code));
  line.text("error_text", call.error_text.substr(0, 80));
  if (call.error_text.size() > 80) line.number("error_text_bytes", call.error_text.size());
  line.id("request_id", record.request_id);
  line.id("tool_call_id", record.tool_call_id).id("correlation_id", record.correlation_id);
  line.id("session_id", record.session_id);
  line.text("confidence", to_string(record.session_confidence));
  line.id("mcp_session_id", record.mcp_session_id).id("turn_id", record.turn_id);
  line.text("client", peer_text(record.client)).text("server", peer_text(record.server));
  line.text("version", record.protocol_version).flag("tool_known", record.tool_known);
  line.number("args_bytes", call.arguments.size);
  line.flag("args_cut", call.arguments.truncated).number("result_bytes", call.result.size);
  line.flag("result_cut", call.result.truncated);
  if (record.result_count) line.text("count", std::to_string(*record.result_count));
  line.time("duration_us", record.duration).time("human_us", record.human_wait);
  line.time("sampling_us", record.sampling_wait).number("hops", record.hops, 1);
  line.number("progress", record.progress_count);
  line.id("trace_id", to_hex(record.span.trace_id));
  if (record.span.parent_span_id.valid()) line.id("parent", to_hex(record.span.parent_span_id));
  return line.flag("sampled", record.span.sampled, true).end();
}

std::string show(const Event& event, std::string_view given) {
  Line line(given);
  line.text("event", to_string(event.type)).text("method", event.method);
  line.text("tool", event.tool_name).id("request_id", event.request_id);
  return line.id("session_id", event.session_id).time("open_us", event.open_for).end();
}

std::string show(const Stats& stats) {
  Line line("");
  for (std::size_t i = 0; i < kStatInfo.size(); ++i) {
    line.number(kStatInfo[i].name, stats.read(static_cast<Stat>(i)));
  }
  return line.end();
}

ConnectionContext context_of(const std::string& setup) {
  const std::string env(find_member(setup, "env").value_or("{}"));
  std::vector<std::string> values;
  values.reserve(16);
  const auto lookup = [&](std::string_view name) -> std::optional<std::string_view> {
    values.push_back(text_member(env, name));
    if (values.back().empty()) return std::nullopt;
    return values.back();
  };
  return {.environment = trace_context::read_environment(lookup),
          .host_session_id = text_member(setup, "host_session")};
}

TrackerOptions options_of(const std::string& setup) {
  TrackerOptions options;
  options.inject = find_member(setup, "inject") != "false";
  options.start_lines = find_member(setup, "start_lines") == "true";
  options.outstanding_max =
      static_cast<std::uint32_t>(number_member(setup, "outstanding_max", options.outstanding_max));
  options.parked_max =
      static_cast<std::uint32_t>(number_member(setup, "parked_max", options.parked_max));
  return options;
}

/// Says what is concluded line by line, in the order in which it is.
class Player {
 public:
  Player(const std::string& setup, std::string given)
      : given_(std::move(given)), replay_(options_of(setup), context_of(setup)) {}

  void play(std::string_view line) {
    const auto at = microseconds(number_member(line, "at_us", 0));
    replay_.advance(at - played_);
    played_ = at;
    std::string bytes = text_member(line, "bytes");
    if (const auto place = bytes.find("<fill>"); place != std::string::npos) {
      bytes.replace(place, 6, static_cast<std::size_t>(number_member(line, "fill", 0)), 'x');
    }
    if (text_member(line, "from") == "client") replay_.client(bytes);
    if (text_member(line, "from") == "server") replay_.server(bytes);
    if (const std::string reason = text_member(line, "end"); !reason.empty()) replay_.end(reason);
    write();
  }

  std::string said() { return said_ + show(replay_.stats); }

 private:
  void write() {
    for (const Event& event : replay_.events) said_ += show(event, given_);
    for (const ObservedCall& call : replay_.calls) said_ += show(call, given_);
    replay_.events.clear();
    replay_.calls.clear();
  }

  std::string given_;
  std::string said_;
  microseconds played_{};
  Replay replay_;
};

std::string conclude(const fs::path& folder) {
  const std::string capture = read_file(folder / "capture.jsonl");
  const std::string setup = read_file(folder / "setup.json");
  Player player(setup, capture + setup);
  std::istringstream lines(capture);
  for (std::string line; std::getline(lines, line);) {
    if (!line.empty()) player.play(line);
  }
  return player.said();
}

std::vector<fs::path> cases() {
  std::vector<fs::path> folders;
  for (const auto& entry : fs::directory_iterator(SONDE_GOLDEN_DIR)) {
    if (entry.is_directory()) folders.push_back(entry.path());
  }
  std::ranges::sort(folders);
  return folders;
}

TEST_CASE("what is concluded from a connection is what the golden file says", "[mcp][golden]") {
  const bool update = std::getenv("SONDE_UPDATE_GOLDEN") != nullptr;
  const std::vector<fs::path> folders = cases();
  CHECK(folders.size() >= 30);
  for (const fs::path& folder : folders) {
    INFO(folder.filename().string());
    const std::string said = conclude(folder);
    if (update) std::ofstream(folder / "expected.jsonl", std::ios::binary) << said;
    CHECK(said == read_file(folder / "expected.jsonl"));
  }
}

}  // namespace
}  // namespace sonde::mcp
