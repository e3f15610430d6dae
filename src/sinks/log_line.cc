#include "sinks/log_line.h"

#include <algorithm>
#include <csignal>
#include <optional>

#include "base/json_reader.h"
#include "base/json_writer.h"
#include "base/timestamp.h"
#include "sinks/captured_content.h"
#include "sinks/member_writer.h"

namespace sonde::sinks {
namespace {

constexpr std::string_view kLogger = "sonde.tap";
constexpr std::size_t kNumberBytesMax = 64;  // Of an id that is a number.
constexpr std::size_t kEventBytesMax = 128;  // Of the method in `event`; `method` has more.

/// A duration that can be added to others: nothing takes longer than a century.
std::chrono::nanoseconds bounded(std::chrono::nanoseconds value) {
  constexpr std::chrono::nanoseconds kCentury = std::chrono::years(100);
  return std::clamp(value, std::chrono::nanoseconds(0), kCentury);
}

struct Outcome {
  std::string_view level;
  std::string_view event;
};

Outcome outcome_of(CallStatus status) {
  switch (status) {
    case CallStatus::kOk:
      return {.level = "info", .event = "tool.success"};
    case CallStatus::kError:
      return {.level = "error", .event = "tool.error"};
    case CallStatus::kDenied:
      return {.level = "warn", .event = "tool.denied"};
    case CallStatus::kTimeout:
      return {.level = "error", .event = "tool.timeout"};
    case CallStatus::kCancelled:
      return {.level = "warn", .event = "tool.cancelled"};
    case CallStatus::kAborted:
      return {.level = "error", .event = "tool.aborted"};
  }
  return {.level = "error", .event = "tool.error"};
}

/// By a signal that says "please"; a crash has others.
bool asked_to_end(std::optional<int> signal) {
  return signal == SIGTERM || signal == SIGINT || signal == SIGHUP;
}

std::string_view level_of(const Event& event) {
  switch (event.type) {
    case Event::Type::kServerExit: {
      if (event.exit_code == 0 && !event.signal) return "info";
      return asked_to_end(event.signal) ? "warn" : "error";
    }
    case Event::Type::kServerUnreached:
    case Event::Type::kServerNoise:
    case Event::Type::kToolPending:
    case Event::Type::kServerRestarted:
    case Event::Type::kThrash:
    case Event::Type::kContextHigh:
      return "warn";
    case Event::Type::kTapDegraded:
    case Event::Type::kServerUnhealthy:
      return "error";
    default:
      return "info";
  }
}

void append_quoted_time(std::string& out, std::chrono::nanoseconds wall) {
  out.push_back('"');
  append_rfc3339(out, std::max(wall, std::chrono::nanoseconds(0)));  // No clock is older.
  out.push_back('"');
}

void append_time(std::string& out, std::string_view key, std::chrono::nanoseconds wall) {
  out.append(key);
  append_quoted_time(out, wall);
}

void append_duration(std::string& out, std::string_view key, std::chrono::nanoseconds value) {
  out.append(key);
  append_hundredths(out, value, std::chrono::milliseconds(1));
}

bool is_number(std::string_view text) {
  if (text.empty() || text.size() > kNumberBytesMax) return false;
  // Blanks around it are no part of a number.
  if (text.front() != '-' && (text.front() < '0' || text.front() > '9')) return false;
  JsonReader reader(text);
  return reader.next() == JsonToken::kNumber && reader.position() == text.size() &&
         reader.next() == JsonToken::kEnd;
}

void append_wire_id(MemberWriter& members, const WireId& id) {
  switch (id.type) {
    case WireId::Type::kNone:
      return;
    case WireId::Type::kNull:
      return members.raw("jsonrpc_id"_key, "null");
    case WireId::Type::kNumber:
      if (is_number(id.text)) return members.raw("jsonrpc_id"_key, id.text);
      [[fallthrough]];
    case WireId::Type::kString:
      return members.always("jsonrpc_id"_key, id.text);
  }
}

void append_session(MemberWriter& members, const CallRecord& record) {
  members.always("session_id"_key, record.session_id.empty() ? "none" : record.session_id);
  members.always("session_confidence"_key, to_string(record.session_confidence));
  members.text("mcp_session_id"_key, record.mcp_session_id);
  members.text("turn_id"_key, record.turn_id);
  members.text("user_id"_key, record.user_id);
}

void append_peers(MemberWriter& members, const CallRecord& record) {
  if (record.client) {
    members.text("client_name"_key, record.client->name);
    members.text("client_version"_key, record.client->version);
  }
  if (record.tap) {
    members.text("instance"_key, record.tap->instance);
    members.text("environment"_key, record.tap->environment);
    members.text("tap_version"_key, record.tap->tap_version);
    members.text("server_name"_key, record.tap->server_name);
  }
  if (record.server) members.text("server_version"_key, record.server->version);
}

void append_subject(MemberWriter& members, const CallRecord& record) {
  if (record.method == "tools/call") {
    members.text("tool_name"_key, record.tool_name);
    members.text("tool"_key, record.tool_name);
  } else {
    members.text("prompt_name"_key, record.tool_name);
  }
  members.text("resource_uri"_key, record.resource_uri);
  members.text("method"_key, record.method);
  if (record.direction == Direction::kToClient) members.raw("direction"_key, "\"to_client\"");
}

void append_content_facts(MemberWriter& members, const CallRecord& record,
                          const LineOptions& options) {
  members.text("args_hash"_key, record.args_hash);
  members.list("args_keys"_key, record.args_keys, options.list_items_max, options.key_bytes_max);
  members.count("args_size_bytes"_key, record.args_size_bytes);
  members.text("hash_key_id"_key, record.hash_key_id);
  members.count("result_size_bytes"_key, record.result_size_bytes);
  members.text("result_hash"_key, record.result_hash);
  if (record.result_count) members.number("result_count"_key, *record.result_count);
  members.text("result_summary"_key, record.result_summary);
  members.count("result_tokens_est"_key, record.result_tokens_est);
}

void append_times(std::string& out, const CallRecord& record) {
  append_time(out, "started_at"_key, record.started_at);
  append_time(out, "ended_at"_key, record.ended_at);
  append_duration(out, "duration_ms"_key, record.duration);
  append_duration(out, "server_ms"_key, server_time(record));
  if (record.human_wait.count() > 0) append_duration(out, "human_wait_ms"_key, record.human_wait);
  if (record.sampling_wait.count() > 0) {
    append_duration(out, "sampling_wait_ms"_key, record.sampling_wait);
  }
  if (record.overhead.count() <= 0) return;
  out.append("overhead_us"_key);
  append_hundredths(out, record.overhead, std::chrono::microseconds(1));
}

void append_result(MemberWriter& members, const CallRecord& record) {
  members.always("status"_key, to_string(record.status));
  if (record.error_code) members.number("error_code"_key, *record.error_code);
  members.text("error_message"_key, record.error_message);
  members.text("error"_key, record.error_message);
  members.text("error_type"_key, record.error_type);
  if (record.hops > 1) members.number("hops"_key, record.hops);
  members.count("progress"_key, record.progress_count);
}

template <class Id>
void append_id(std::string& out, std::string_view key, const Id& id) {
  if (!id.valid()) return;
  out.append(key);
  out.push_back('"');
  append_hex(out, id.bytes.data(), id.bytes.size());
  out.push_back('"');
}

void append_span(std::string& out, const SpanContext& span) {
  append_id(out, "trace_id"_key, span.trace_id);
  append_id(out, "span_id"_key, span.span_id);
  append_id(out, "parent_span_id"_key, span.parent_span_id);
}

void append_head(std::string& out, std::chrono::nanoseconds wall, std::string_view level) {
  out.append("{\"timestamp\":");
  append_quoted_time(out, wall);
  append_json_string(out, "level"_key, level);
}

void append_call_event(std::string& out, const CallRecord& record, std::string_view tool_event) {
  out.append("event"_key);
  const std::size_t begin = out.size();
  if (is_tool_call(record)) return append_json_string(out, tool_event);
  append_json_string(out, clip(record.method, kEventBytesMax));
  out.insert(begin + 1, "mcp.");
}

void append_life(MemberWriter& members, const Event& event, const LineOptions& options) {
  if (event.pid) members.number("pid"_key, *event.pid);
  members.list("command"_key, event.command, options.list_items_max, options.text_bytes_max);
  members.list("spawn_environment"_key, event.environment, options.list_items_max,
               options.text_bytes_max);
  if (event.exit_code) members.number("exit_code"_key, *event.exit_code);
  if (event.signal) members.number("signal"_key, *event.signal);
  members.list("last_stderr"_key, event.last_stderr, options.list_items_max,
               options.text_bytes_max);
}

void append_health(std::string& out, MemberWriter& members, const HealthFacts& health,
                   const LineOptions& options) {
  if (health.state != ServerState::kUnknown) {
    members.always("server_state"_key, to_string(health.state));
  }
  if (health.answered_in) append_duration(out, "pulse_ms"_key, *health.answered_in);
  if (health.http_status != 0) members.number("http_status"_key, health.http_status);
  members.count("failures"_key, health.failures);
  members.list("missing_tools"_key, health.missing_tools, options.list_items_max,
               options.text_bytes_max);
  members.text("state_lost"_key, health.state_lost);
}

void append_thrash(std::string& out, MemberWriter& members, const ThrashEvidence& evidence,
                   const LineOptions& options) {
  members.always("pattern"_key, to_string(evidence.pattern));
  members.list("tools"_key, evidence.tools, options.list_items_max, options.text_bytes_max);
  append_duration(out, "span_ms"_key, evidence.span);
  members.text("args_hash"_key, evidence.args_hash);
  members.text("first_request_id"_key, evidence.first_request_id);
  members.text("error_message"_key, evidence.error_message);
}

void append_turn(std::string& out, MemberWriter& members, const TurnSummary& turn) {
  members.text("turn_id"_key, turn.turn_id);
  members.raw("turn_inferred"_key, turn.inferred ? "true" : "false");
  members.number("iterations"_key, turn.iterations);
  append_duration(out, "span_ms"_key, turn.span);
}

}  // namespace

bool is_tool_call(const CallRecord& record) noexcept {
  return record.direction == Direction::kToServer && record.method == "tools/call";
}

std::chrono::nanoseconds server_time(const CallRecord& record) noexcept {
  const auto waits = bounded(record.human_wait) + bounded(record.sampling_wait);
  return std::max(bounded(record.duration) - waits, std::chrono::nanoseconds(0));
}

void append_hundredths(std::string& out, std::chrono::nanoseconds value,
                       std::chrono::nanoseconds unit) {
  const std::int64_t part = unit.count() / 100;
  const std::int64_t all = (bounded(value).count() + part / 2) / part;
  append_integer(out, all / 100);
  const auto rest = static_cast<int>(all % 100);
  out.push_back('.');
  out.push_back(static_cast<char>('0' + rest / 10));
  out.push_back(static_cast<char>('0' + rest % 10));
}

std::uint32_t begin_call_line(std::string& out, const CallRecord& record,
                              const LineOptions& options) {
  const Outcome outcome = outcome_of(record.status);
  MemberWriter members(out, options.text_bytes_max);
  append_head(out, record.ended_at, outcome.level);
  append_call_event(out, record, outcome.event);
  members.always("logger"_key, kLogger);
  members.text("request_id"_key, record.request_id);
  append_wire_id(members, record.wire_id);
  members.text("tool_call_id"_key, record.tool_call_id);
  members.text("correlation_id"_key, record.correlation_id);
  append_session(members, record);
  append_peers(members, record);
  append_subject(members, record);
  append_content_facts(members, record, options);
  append_times(out, record);
  append_result(members, record);
  append_span(out, record.span);
  members.text("protocol_version"_key, record.protocol_version);
  if (record.tap) {
    members.always("transport"_key, to_string(record.tap->transport));
    members.always("vantage"_key, to_string(record.tap->vantage));
  }
  if (options.content == Content::kHidden) return members.clipped();
  return members.clipped() +
         append_content(out, "arguments"_key, record.captured_arguments,
                        options.content_bytes_max) +
         append_content(out, "result"_key, record.captured_result, options.content_bytes_max);
}

std::uint32_t begin_event_line(std::string& out, const Event& event, const LineOptions& options) {
  MemberWriter members(out, options.text_bytes_max);
  append_head(out, event.at, level_of(event));
  members.always("event"_key, to_string(event.type));
  members.always("logger"_key, kLogger);
  members.text("request_id"_key, event.request_id);
  members.text("correlation_id"_key, event.correlation_id);
  members.always("session_id"_key, event.session_id.empty() ? "none" : event.session_id);
  members.text("mcp_session_id"_key, event.mcp_session_id);
  if (event.tap) {
    members.text("instance"_key, event.tap->instance);
    members.text("environment"_key, event.tap->environment);
    members.text("tap_version"_key, event.tap->tap_version);
    members.text("server_name"_key, event.tap->server_name);
  }
  members.text("tool_name"_key, event.tool_name);
  members.text("tool"_key, event.tool_name);
  members.text("method"_key, event.method);
  append_life(members, event, options);
  if (event.uptime.count() > 0) append_duration(out, "uptime_ms"_key, event.uptime);
  if (event.open_for.count() > 0) append_duration(out, "open_ms"_key, event.open_for);
  if (event.health) append_health(out, members, *event.health, options);
  if (event.gauges) {
    members.number("active_sse_sessions"_key, event.gauges->active_sse_streams);
    members.number("active_users"_key, event.gauges->active_users);
    members.number("mcp_sessions"_key, event.gauges->sessions);
    members.number("idle_mcp_sessions"_key, event.gauges->idle_sessions);
  }
  if (event.thrash) append_thrash(out, members, *event.thrash, options);
  if (event.turn) append_turn(out, members, *event.turn);
  members.count("result_tokens"_key, event.result_tokens);
  members.count("count"_key, event.count);
  members.text("message"_key, event.message);
  append_span(out, event.span);
  if (event.tap) {
    members.always("transport"_key, to_string(event.tap->transport));
    members.always("vantage"_key, to_string(event.tap->vantage));
  }
  return members.clipped();
}

std::uint32_t append_call_line(std::string& out, const CallRecord& record,
                               const LineOptions& options) {
  const std::uint32_t clipped = begin_call_line(out, record, options);
  out.push_back('}');
  return clipped;
}

std::uint32_t append_event_line(std::string& out, const Event& event, const LineOptions& options) {
  const std::uint32_t clipped = begin_event_line(out, event, options);
  out.push_back('}');
  return clipped;
}

}  // namespace sonde::sinks
