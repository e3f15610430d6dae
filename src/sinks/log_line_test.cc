#include "sinks/log_line.h"

#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators_all.hpp>
#include <csignal>
#include <cstdlib>
#include <fstream>

#include "base/json_reader.h"
#include "sinks/member_writer.h"
#include "sinks/sample_records.h"

namespace sonde::sinks {
namespace {

using namespace std::chrono_literals;

std::string line_of(const CallRecord& record, const LineOptions& options = {}) {
  std::string line;
  append_call_line(line, record, options);
  return line;
}

std::string line_of(const Event& event) {
  std::string line;
  append_event_line(line, event);
  return line;
}

/// The raw value of a member; "-" if the line has none.
std::string member(const std::string& line, std::string_view key) {
  return std::string(find_member(line, key).value_or("-"));
}

/// Is it one JSON object in one line without a byte that a terminal would obey?
bool clean(const std::string& line) {
  JsonReader reader(line);
  if (!reader.skip(reader.next()) || reader.next() != JsonToken::kEnd) return false;
  return std::ranges::none_of(
      line, [](char c) { return static_cast<unsigned char>(c) < 0x20 || c == 0x7f; });
}

/// The golden line; with SONDE_UPDATE_GOLDEN in the environment it is `line` from now on.
std::string golden(const std::string& name, const std::string& line) {
  const std::string path = std::string(SONDE_GOLDEN_DIR) + "/" + name;
  const bool update = std::getenv("SONDE_UPDATE_GOLDEN");  // NOLINT(concurrency-mt-unsafe)
  if (update) std::ofstream(path) << line << '\n';
  std::ifstream file(path);
  std::string text;
  std::getline(file, text);
  return text;
}

void check_golden(const std::string& name, const std::string& line) {
  INFO(name);
  CHECK(line == golden(name, line));
}

CallRecord listing() {
  CallRecord call = sample_call("");
  call.method = "tools/list";
  return call;
}

CallRecord elicitation() {
  CallRecord call = sample_call("");
  call.method = "elicitation/create";
  call.direction = Direction::kToClient;
  call.human_wait = 4s;
  call.duration = 4001ms;
  return call;
}

Event crash() {
  Event event = sample_event(Event::Type::kServerExit);
  event.signal = 11;
  event.pid = 4242;
  event.last_stderr = {"panic: \x1b[31mred\x1b[0m", "goodbye"};
  event.uptime = 90s;
  return event;
}

Event start() {
  Event event = sample_event(Event::Type::kServerStart);
  event.pid = 4242;
  event.command = {"npx", "-y", "server-search", "--token", "[redacted]"};
  event.environment = {"TRACEPARENT=00-…"};
  return event;
}

Event thrash() {
  Event event = sample_event(Event::Type::kThrash);
  event.session_id = "b7b2e9c4-6c1e-4b0e-8a52-0d9f6f2f7f10";
  event.request_id = "01978a3e-7d5c-7c2e-9f00-0123456789ab";
  event.method = "tools/call";
  event.tool_name = "read_file";
  event.count = 8;
  event.message = "list_folder, read_file were called in turn 4 times with the same results";
  event.thrash = ThrashEvidence{.pattern = ThrashEvidence::Pattern::kCycle,
                                .tools = {"list_folder", "read_file"},
                                .span = 31'250ms,
                                .args_hash = "c1:0f1e2d3c",
                                .first_request_id = "01978a3e-7d5c-7c2e-9f00-0123456789a0",
                                .error_message = {}};
  return event;
}

Event turn() {
  Event event = sample_event(Event::Type::kTurnEnd);
  event.session_id = "b7b2e9c4-6c1e-4b0e-8a52-0d9f6f2f7f10";
  event.count = 9;
  event.turn = TurnSummary{.turn_id = {}, .inferred = true, .iterations = 4, .span = 12s};
  return event;
}

Event context() {
  Event event = sample_event(Event::Type::kContextHigh);
  event.session_id = "b7b2e9c4-6c1e-4b0e-8a52-0d9f6f2f7f10";
  event.result_tokens = 160'001;
  event.message = "the results of this session are about 160001 tokens";
  return event;
}

TEST_CASE("lines are as the golden files show them", "[sinks][log]") {
  check_golden("tool_success.json", line_of(sample_call()));
  check_golden("tool_error.json", line_of(failed_call()));
  check_golden("tools_list.json", line_of(listing()));
  check_golden("elicitation.json", line_of(elicitation()));
  check_golden("server_start.json", line_of(start()));
  check_golden("server_exit.json", line_of(crash()));
  check_golden("agent_thrash.json", line_of(thrash()));
  check_golden("agent_turn.json", line_of(turn()));
  check_golden("agent_context.json", line_of(context()));
}

TEST_CASE("the event of a call says how it ended", "[sinks][log]") {
  const auto [status, event, level] = GENERATE(table<CallStatus, const char*, const char*>({
      {CallStatus::kOk, "\"tool.success\"", "\"info\""},
      {CallStatus::kError, "\"tool.error\"", "\"error\""},
      {CallStatus::kDenied, "\"tool.denied\"", "\"warn\""},
      {CallStatus::kTimeout, "\"tool.timeout\"", "\"error\""},
      {CallStatus::kCancelled, "\"tool.cancelled\"", "\"warn\""},
      {CallStatus::kAborted, "\"tool.aborted\"", "\"error\""},
  }));
  const std::string line = line_of(failed_call(status));
  CHECK(member(line, "event") == event);
  CHECK(member(line, "level") == level);
}

TEST_CASE("a method that calls no tool is an event of its own name", "[sinks][log]") {
  CHECK(member(line_of(listing()), "event") == R"("mcp.tools/list")");
  CHECK(member(line_of(elicitation()), "event") == R"("mcp.elicitation/create")");
  CHECK(member(line_of(elicitation()), "direction") == R"("to_client")");
  CHECK(member(line_of(listing()), "direction") == "-");
}

TEST_CASE("a method of a stranger cannot break the event", "[sinks][log]") {
  CallRecord call = sample_call();
  call.method = std::string("a\"b\n") + std::string(500, 'x');
  const std::string line = line_of(call);
  CHECK(clean(line));
  CHECK(member(line, "event").starts_with(R"("mcp.a\"b\nxxx)"));
}

TEST_CASE("a wire id keeps its type", "[sinks][log]") {
  const auto [type, text, expected] = GENERATE(table<WireId::Type, const char*, const char*>({
      {WireId::Type::kNumber, "7", "7"},
      {WireId::Type::kString, "7", "\"7\""},
      {WireId::Type::kNumber, "12345678901234567890123", "12345678901234567890123"},
      {WireId::Type::kNumber, "-1.5e3", "-1.5e3"},
      {WireId::Type::kNumber, "7,\"x\":1", "\"7,\\\"x\\\":1\""},
      {WireId::Type::kNumber, "", "\"\""},
      {WireId::Type::kNumber, "7 ", "\"7 \""},
      {WireId::Type::kNull, "", "null"},
      {WireId::Type::kNone, "", "-"},
  }));
  CallRecord call = sample_call();
  call.wire_id = {.type = type, .text = text};
  CHECK(member(line_of(call), "jsonrpc_id") == expected);
}

TEST_CASE("a prompt has its name under its own key", "[sinks][log]") {
  CallRecord call = sample_call("summary");
  call.method = "prompts/get";
  CHECK(member(line_of(call), "prompt_name") == "\"summary\"");
  CHECK(member(line_of(call), "tool_name") == "-");
}

TEST_CASE("what is not known is left out, but a session is always named", "[sinks][log]") {
  const std::string line = line_of(CallRecord{});
  CHECK(clean(line));
  CHECK(member(line, "session_id") == "\"none\"");
  CHECK(member(line, "session_confidence") == "\"none\"");
  CHECK(member(line, "user_id") == "-");
  CHECK(member(line, "trace_id") == "-");
  CHECK(member(line, "result_count") == "-");
}

TEST_CASE("an empty list of results is a fact, not an absence", "[sinks][log]") {
  CallRecord call = sample_call();
  call.result_count = 0;
  CHECK(member(line_of(call), "result_count") == "0");
}

TEST_CASE("waits for people and models are no time of the server", "[sinks][log]") {
  CallRecord call = sample_call();
  call.duration = 5s;
  call.human_wait = 4s;
  call.sampling_wait = 900ms;
  const std::string line = line_of(call);
  CHECK(member(line, "duration_ms") == "5000.00");
  CHECK(member(line, "server_ms") == "100.00");
  CHECK(member(line, "human_wait_ms") == "4000.00");
  CHECK(member(line, "sampling_wait_ms") == "900.00");
}

TEST_CASE("overlapping waits never make the server's time negative", "[sinks][log]") {
  CallRecord call = sample_call();
  call.duration = 1s;
  call.human_wait = 1s;
  call.sampling_wait = 1s;
  CHECK(member(line_of(call), "server_ms") == "0.00");
}

TEST_CASE("absurd times overflow nothing", "[sinks][log]") {
  CallRecord call = sample_call();
  call.duration = std::chrono::nanoseconds::max();
  call.human_wait = std::chrono::nanoseconds::min();
  call.sampling_wait = std::chrono::nanoseconds::max();
  CHECK(server_time(call) == 0ns);

  call.started_at = std::chrono::nanoseconds::min();
  call.ended_at = std::chrono::nanoseconds::max();
  CHECK(member(line_of(call), "started_at") == "\"1970-01-01T00:00:00.000Z\"");
  CHECK(member(line_of(call), "ended_at") == "\"2262-04-11T23:47:16.854Z\"");
}

TEST_CASE("durations have two decimals, rounded", "[sinks][log]") {
  const auto [value, expected] = GENERATE(table<std::chrono::nanoseconds, const char*>({
      {0ns, "0.00"},
      {4'999ns, "0.00"},
      {5'000ns, "0.01"},
      {999'994'999ns, "999.99"},
      {999'995'000ns, "1000.00"},
      {1h, "3600000.00"},
      {-5s, "0.00"},
      {std::chrono::nanoseconds::max(), "3155695200000.00"},
  }));
  std::string out;
  append_hundredths(out, value, 1ms);
  CHECK(out == expected);
}

TEST_CASE("hostile text is escaped wherever it stands", "[sinks][log]") {
  const std::string evil = "\x1b]0;pwned\x07\r\n\"}{\xe2\x80\xa8\xc2\x9b\xff<script>";
  CallRecord call = sample_call(evil);
  call.client = std::make_shared<const Peer>(Peer{.name = evil, .version = evil});
  call.request_id = call.session_id = call.error_message = call.resource_uri = evil;
  call.args_keys = {evil, evil};
  const std::string line = line_of(call);
  CHECK(clean(line));
  CHECK(line.find("\xe2\x80\xa8") == std::string::npos);
  CHECK(line.find("\xc2\x9b") == std::string::npos);
}

TEST_CASE("long texts are cut and counted", "[sinks][log]") {
  CallRecord call = sample_call(std::string(5000, 'n'));
  call.args_keys.assign(100, "key");
  std::string line;
  // tool_name and tool, and the list.
  CHECK(append_call_line(line, call, {.text_bytes_max = 100}) == 3);
  CHECK(member(line, "tool_name") == '"' + std::string(100, 'n') + '"');
  CHECK(append_call_line(line, sample_call()) == 0);
}

TEST_CASE("a text is never cut within a character", "[sinks][log]") {
  const std::string text = "aä€😀";  // 1, 2, 3 and 4 bytes.
  CHECK(clip(text, 10) == text);
  CHECK(clip(text, 9) == "aä€");
  CHECK(clip(text, 6) == "aä€");
  CHECK(clip(text, 5) == "aä");
  CHECK(clip(text, 2) == "a");
  CHECK(clip(text, 0).empty());
  CHECK(clip("\x80\x80\x80\x80\x80\x80", 5).size() <= 5);
}

TEST_CASE("captured content is shown only where it may be", "[sinks][log]") {
  CallRecord call = sample_call();
  call.captured_arguments = R"({"query":"secret"})";
  call.captured_result = R"({"content":[]})";
  CHECK(line_of(call).find("secret") == std::string::npos);

  const std::string line = line_of(call, {.content = Content::kCaptured});
  CHECK(member(line, "arguments") == R"({"query":"secret"})");
  CHECK(member(line, "result") == R"({"content":[]})");
}

TEST_CASE("captured content is written anew, or as text if it is no JSON", "[sinks][log]") {
  const auto [captured, expected] = GENERATE(table<std::string, std::string>({
      {"{ \"a\" : [1, 2.50, null,\n true], \"b\":{} }", R"({"a":[1,2.50,null,true],"b":{}})"},
      {"\"\\u001b[0m\\u0041\\ud83d\\ude00\"", "\"\\u001b[0mA😀\""},
      {"{\"cut\":\"of", R"("{\"cut\":\"of")"},
      {"{} {}", R"("{} {}")"},
      {"plain", R"("plain")"},
      {"-", R"("-")"},
  }));
  CallRecord call = sample_call();
  call.captured_result = captured;
  const std::string line = line_of(call, {.content = Content::kCaptured});
  CHECK(clean(line));
  CHECK(member(line, "result") == expected);
}

TEST_CASE("content over the limit is cut, counted and shown as text", "[sinks][log]") {
  CallRecord call = sample_call();
  call.captured_result = "[" + std::string(1000, ' ') + "]";
  std::string line;
  CHECK(append_call_line(line, call, {.content = Content::kCaptured, .content_bytes_max = 3}) == 1);
  CHECK(member(line, "result") == "\"[  \"");
}

TEST_CASE("a server that crashed is an error, one that ended is not", "[sinks][log]") {
  Event event = crash();
  CHECK(member(line_of(event), "level") == "\"error\"");
  event.signal = SIGTERM;
  CHECK(member(line_of(event), "level") == "\"warn\"");
  event.signal.reset();
  event.exit_code = 1;
  CHECK(member(line_of(event), "level") == "\"error\"");
  event.exit_code = 0;
  CHECK(member(line_of(event), "level") == "\"info\"");
}

TEST_CASE("how a server is stands in the line, as far as it is known", "[sinks][log]") {
  Event event = sample_event(Event::Type::kServerUnhealthy);
  event.health = HealthFacts{.state = ServerState::kDegraded,
                             .answered_in = 12'340us,
                             .http_status = 200,
                             .failures = 2,
                             .missing_tools = {"find", "wr\x1bite"}};
  const std::string line = line_of(event);
  CHECK(clean(line));
  CHECK(member(line, "level") == "\"error\"");
  CHECK(member(line, "server_state") == "\"degraded\"");
  CHECK(member(line, "pulse_ms") == "12.34");
  CHECK(member(line, "http_status") == "200");
  CHECK(member(line, "failures") == "2");
  CHECK(member(line, "missing_tools").starts_with("[\"find\",\"wr"));

  event.health = HealthFacts{.state_lost = "unknown"};
  const std::string restarted = line_of(event);
  CHECK(member(restarted, "state_lost") == "\"unknown\"");
  CHECK(restarted.find("server_state") == std::string::npos);
  CHECK(restarted.find("pulse_ms") == std::string::npos);
}

}  // namespace
}  // namespace sonde::sinks
