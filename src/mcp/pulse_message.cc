#include "mcp/pulse_message.h"

#include "base/json_writer.h"

namespace sonde::mcp {
namespace {

void write_client(JsonWriter& json, std::string_view tap_version) {
  json.begin_object().member("name", kPulseClient).member("version", tap_version).end_object();
}

void write_meta(JsonWriter& json, const PulseWords& words) {
  json.key("_meta").begin_object();
  json.member("io.modelcontextprotocol/protocolVersion", words.protocol_version);
  json.key("io.modelcontextprotocol/clientCapabilities").begin_object().end_object();
  json.key("io.modelcontextprotocol/clientInfo");
  write_client(json, words.tap_version);
  json.end_object();
}

JsonWriter& begin(JsonWriter& json, std::string_view id, std::string_view method) {
  json.begin_object().member("jsonrpc", "2.0").key("id").raw(id);
  return json.member("method", method);
}

}  // namespace

std::string discover_message(const PulseWords& words) {
  std::string text;
  JsonWriter json(text);
  begin(json, words.id, "server/discover").key("params").begin_object();
  write_meta(json, words);
  json.end_object().end_object();
  return text;
}

std::string ping_message(std::string_view id) {
  std::string text;
  JsonWriter json(text);
  begin(json, id, "ping").end_object();
  return text;
}

std::string initialize_message(const PulseWords& words) {
  std::string text;
  JsonWriter json(text);
  begin(json, words.id, "initialize").key("params").begin_object();
  json.member("protocolVersion", kLegacyVersion);
  json.key("capabilities").begin_object().end_object();
  json.key("clientInfo");
  write_client(json, words.tap_version);
  json.end_object().end_object();
  return text;
}

std::string initialized_message() {
  return R"({"jsonrpc":"2.0","method":"notifications/initialized"})";
}

std::string tools_list_message(const PulseWords& words, bool modern, std::string_view cursor) {
  std::string text;
  JsonWriter json(text);
  begin(json, words.id, "tools/list").key("params").begin_object();
  if (!cursor.empty()) json.key("cursor").raw(cursor);
  if (modern) write_meta(json, words);
  json.end_object().end_object();
  return text;
}

}  // namespace sonde::mcp
