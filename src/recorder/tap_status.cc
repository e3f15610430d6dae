#include "recorder/tap_status.h"

#include <algorithm>
#include <span>

#include "base/timestamp.h"

namespace sonde::recorder {
namespace {

void write_time(JsonWriter& json, std::string_view key, std::chrono::nanoseconds wall) {
  std::string text;
  append_rfc3339(text, wall);
  json.member(key, text);
}

void write_counters(JsonWriter& json, std::span<const Stats* const> all) {
  json.key("counters").begin_object();
  for (std::size_t row = 0; row < kStatInfo.size(); ++row) {
    std::uint64_t sum = 0;
    for (const Stats* stats : all) sum += stats->read(static_cast<Stat>(row));
    json.key(kStatInfo[row].name).number(sum);
  }
  json.end_object();
}

void write_gauges(JsonWriter& json, const Gauges& gauges) {
  json.key("gauges").begin_object();
  json.key("active_sse_streams").number(gauges.active_sse_streams);
  json.key("active_users").number(gauges.active_users);
  json.key("mcp_sessions").number(gauges.sessions);
  json.key("idle_mcp_sessions").number(gauges.idle_sessions);
  json.end_object();
}

void write_servers(JsonWriter& json, std::span<const TapStatus::Server> servers) {
  json.key("servers").begin_array();
  for (const TapStatus::Server& server : servers) {
    json.begin_object().member("name", server.name).member("state", to_string(server.state));
    json.member("reason", server.reason).end_object();
  }
  json.end_array();
}

void write_sinks(JsonWriter& json, std::span<const SinkState> sinks) {
  json.key("sinks").begin_array();
  for (const SinkState& sink : sinks) {
    json.begin_object().member("name", sink.name).key("ok").boolean(sink.error.empty());
    json.member("error", sink.error).end_object();
  }
  json.end_array();
}

}  // namespace

void note_health(TapStatus& status, const Event& event) {
  if (!event.health || !event.tap || event.health->state == ServerState::kUnknown) return;
  auto found = std::ranges::find(status.servers, event.tap->server_name, &TapStatus::Server::name);
  if (found == status.servers.end()) {
    status.servers.push_back({.name = event.tap->server_name, .state = {}, .reason = {}});
    found = status.servers.end() - 1;
  }
  // A pulse in between says nothing of why it is so.
  if (found->state != event.health->state || !event.message.empty()) found->reason = event.message;
  found->state = event.health->state;
}

void write_capture(JsonWriter& json, const CaptureSwitch& capture) {
  const privacy::Capture state = capture.state();
  json.key("capture").begin_object();
  json.key("on").boolean(state.on);
  if (state.on) {
    write_time(json, "until", capture.until().wall);
  } else {
    json.member("until", "");
  }
  json.key("errors_only").boolean(state.errors_only);
  json.end_object();
}

std::string stats_document(const TapStatus& status, std::chrono::nanoseconds now_wall) {
  std::string text;
  JsonWriter json(text);
  json.begin_object();
  // First, because who sweeps the folder reads only the head of the file.
  json.key("pid").number(status.pid).key("start_ticks").number(status.start_ticks);
  json.member("server", status.server);
  write_time(json, "started_at", status.started_at);
  json.member("tap_version", status.tap_version);
  write_counters(json, status.stats);
  if (status.gauges) write_gauges(json, *status.gauges);
  if (!status.servers.empty()) write_servers(json, status.servers);
  write_capture(json, *status.capture);
  write_sinks(json, status.sinks);
  json.key("config_faults").begin_array();
  for (const std::string& fault : status.config_faults) json.string(fault);
  json.end_array();
  write_time(json, "updated_at", now_wall);
  json.end_object();
  return text;
}

}  // namespace sonde::recorder
