// Property: the reader accepts exactly what simdjson accepts (UTF-8 and depth apart), and
// a document written back token by token reads the same.
#include <cstdint>
#include <cstdlib>
#include <string>

#include <simdjson.h>

#include "base/json_reader.h"

namespace {

using sonde::JsonReader;
using sonde::JsonToken;

bool accepted(std::string_view text) {
  JsonReader reader(text);
  for (;;) {
    const JsonToken token = reader.next();
    if (token == JsonToken::kEnd) return true;
    if (token == JsonToken::kError) return false;
  }
}

bool has_string_outside_utf8(std::string_view text) {
  return !simdjson::validate_utf8(text.data(), text.size());
}

/// simdjson refuses what it cannot represent: numbers out of range, lone surrogates.
bool beyond_simdjson(simdjson::error_code code) {
  return code == simdjson::NUMBER_ERROR || code == simdjson::STRING_ERROR ||
         code == simdjson::DEPTH_ERROR;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  if (has_string_outside_utf8(text)) {
    (void)accepted(text);
    return 0;
  }
  simdjson::dom::parser parser;
  const auto parsed = parser.parse(simdjson::padded_string(text));
  const bool ours = accepted(text);
  if (ours && parsed.error() && !beyond_simdjson(parsed.error())) std::abort();
  if (!ours && !parsed.error()) std::abort();
  if (!ours) return 0;

  sonde::JsonMembers members(text);
  while (members.next()) {
    if (!accepted(members.value())) std::abort();
    std::string key;
    sonde::append_unescaped(key, members.key());
    if (!sonde::key_equals(members.key(), key)) std::abort();
  }
  return 0;
}
