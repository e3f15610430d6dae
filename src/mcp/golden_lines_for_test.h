#pragma once

#include <chrono>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>

#include "base/ids.h"
#include "base/json_reader.h"
#include "base/json_writer.h"
#include "base/stats.h"
#include "model/event.h"
#include "model/observed_call.h"

/// For golden tests: calls, events and counters as lines of expected.jsonl.
namespace sonde::mcp {

inline std::string read_file(const std::filesystem::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

inline std::string text_member(std::string_view object, std::string_view key) {
  const auto raw = find_member(object, key);
  return raw ? json_string(*raw).value_or("") : std::string();
}

inline std::int64_t number_member(std::string_view object, std::string_view key,
                                  std::int64_t otherwise) {
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
    // What is minted has at least 16 characters; a hash is the same whenever it is made.
    const bool lasting = value.size() < 16 || value.starts_with("s1:");
    const bool known = lasting || given_.find(value) != std::string_view::npos;
    return text(key, known || value.empty() ? value : "<minted>");
  }
  Line& number(std::string_view key, std::uint64_t value, std::uint64_t usual = 0) {
    if (value != usual) writer_.key(key).number(value);
    return *this;
  }
  Line& time(std::string_view key, std::chrono::nanoseconds value) {
    return number(key, static_cast<std::uint64_t>(value / std::chrono::microseconds(1)));
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

inline std::string wire_id_text(const WireId& id) {
  if (id.type == WireId::Type::kString) return '"' + id.text + '"';
  return id.type == WireId::Type::kNull ? "null" : id.text;
}

inline std::string peer_text(const std::shared_ptr<const Peer>& peer) {
  return peer ? peer->name + " " + peer->version : std::string();
}

inline std::string show(const ObservedCall& call, std::string_view given) {
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
  line.text("user_id", record.user_id);
  line.text("tap", record.tap ? record.tap->server_name : "");
  line.text("transport", record.tap ? to_string(record.tap->transport) : "");
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
  line.flag("linked", record.link.has_value());
  return line.flag("sampled", record.span.sampled, true).end();
}

inline std::string show(const Event& event, std::string_view given) {
  Line line(given);
  line.text("event", to_string(event.type)).text("method", event.method);
  line.text("tool", event.tool_name).id("request_id", event.request_id);
  if (event.gauges) {
    line.text("tap", event.tap ? event.tap->server_name : "");
    line.number("active_sse_streams", event.gauges->active_sse_streams);
    line.number("active_users", event.gauges->active_users);
    line.number("sessions", event.gauges->sessions);
    line.number("idle_sessions", event.gauges->idle_sessions);
  }
  return line.id("session_id", event.session_id).time("open_us", event.open_for).end();
}

inline std::string show(const Stats& stats) {
  Line line("");
  for (std::size_t i = 0; i < kStatInfo.size(); ++i) {
    line.number(kStatInfo[i].name, stats.read(static_cast<Stat>(i)));
  }
  return line.end();
}

}  // namespace sonde::mcp
