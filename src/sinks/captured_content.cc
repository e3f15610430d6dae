#include "sinks/captured_content.h"

#include "base/json_reader.h"
#include "base/json_writer.h"
#include "sinks/member_writer.h"

namespace sonde::sinks {
namespace {

std::string unescaped(std::string_view raw) {
  std::string text;
  append_unescaped(text, raw);
  return text;
}

/// False at the end of the text and at the first fault.
bool copy_token(JsonWriter& writer, const JsonReader& reader, JsonToken token) {
  switch (token) {
    case JsonToken::kBeginObject:
      writer.begin_object();
      return true;
    case JsonToken::kEndObject:
      writer.end_object();
      return true;
    case JsonToken::kBeginArray:
      writer.begin_array();
      return true;
    case JsonToken::kEndArray:
      writer.end_array();
      return true;
    case JsonToken::kKey:
      writer.key(unescaped(reader.raw()));
      return true;
    case JsonToken::kString:
      writer.string(unescaped(reader.raw()));
      return true;
    case JsonToken::kNumber:
    case JsonToken::kTrue:
    case JsonToken::kFalse:
    case JsonToken::kNull:
      writer.raw(reader.raw());
      return true;
    case JsonToken::kEnd:
    case JsonToken::kError:
      return false;
  }
  return false;
}

bool copy_value(std::string& out, std::string_view text) {
  JsonReader reader(text);
  JsonWriter writer(out);
  JsonToken token = reader.next();
  while (copy_token(writer, reader, token)) token = reader.next();
  return token == JsonToken::kEnd;
}

}  // namespace

std::uint32_t append_content(std::string& out, std::string_view key, std::string_view text,
                             std::size_t bytes_max) {
  if (text.empty()) return 0;
  out.append(key);
  const std::string_view kept = clip(text, bytes_max);
  const std::size_t begin = out.size();
  if (kept.size() < text.size() || !copy_value(out, kept)) {
    out.resize(begin);
    append_json_string(out, kept);
  }
  return kept.size() < text.size() ? 1 : 0;
}

}  // namespace sonde::sinks
