#include "jsonrpc/key.h"

#include <array>
#include <optional>

namespace sonde::jsonrpc {
namespace {

Field if_equal(std::string_view key, std::string_view name, Field field) {
  return key == name ? field : kNoField;
}

Field message_field(std::string_view key) {
  switch (key.size()) {
    case 2:
      return if_equal(key, "id", Field::kId);
    case 5:
      return if_equal(key, "error", Field::kError);
    case 6:
      if (key == "method") return Field::kMethod;
      if (key == "params") return Field::kParams;
      return if_equal(key, "result", Field::kResult);
    case 7:
      return if_equal(key, "jsonrpc", Field::kJsonrpc);
    default:
      return kNoField;
  }
}

Field params_field(std::string_view key) {
  switch (key.size()) {
    case 3:
      return if_equal(key, "uri", Field::kUri);
    case 4:
      return if_equal(key, "name", Field::kName);
    case 5:
      return if_equal(key, "_meta", Field::kMeta);
    case 9:
      return if_equal(key, "arguments", Field::kArguments);
    default:
      return kNoField;
  }
}

Field result_field(std::string_view key) {
  switch (key.size()) {
    case 5:
      if (key == "tools") return Field::kTools;
      return if_equal(key, "_meta", Field::kResultMeta);
    case 7:
      if (key == "content") return Field::kContent;
      return if_equal(key, "isError", Field::kIsError);
    case 10:
      return if_equal(key, "resultType", Field::kResultType);
    case 17:
      return if_equal(key, "structuredContent", Field::kStructured);
    default:
      return kNoField;
  }
}

Field error_field(std::string_view key) {
  switch (key.size()) {
    case 4:
      return if_equal(key, "code", Field::kErrorCode);
    case 7:
      return if_equal(key, "message", Field::kErrorMessage);
    default:
      return kNoField;
  }
}

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// Takes one character off `raw`, which is not empty.  Of escapes only those that stand for
/// ASCII are known: our names have no others.
std::optional<char> take_char(std::string_view& raw) {
  const char c = raw.front();
  raw.remove_prefix(1);
  if (c != '\\') return c;
  if (raw.empty()) return std::nullopt;
  const char kind = raw.front();
  raw.remove_prefix(1);
  if (kind == '"' || kind == '\\' || kind == '/') return kind;
  if (kind != 'u' || raw.size() < 4) return std::nullopt;
  int code = 0;
  for (const char digit : raw.substr(0, 4)) {
    const int value = hex_digit(digit);
    if (value < 0) return std::nullopt;
    code = code * 16 + value;
  }
  raw.remove_prefix(4);
  if (code >= 0x80) return std::nullopt;
  return static_cast<char>(code);
}

}  // namespace

Field field_of(Level level, std::string_view key) noexcept {
  switch (level) {
    case Level::kMessage:
      return message_field(key);
    case Level::kParams:
      return params_field(key);
    case Level::kResult:
      return result_field(key);
    case Level::kError:
      return error_field(key);
    case Level::kTop:
      break;
  }
  return kNoField;
}

Field field_of_escaped(Level level, std::string_view raw) noexcept {
  std::array<char, kKeyMax> key;
  std::size_t size = 0;
  if (raw.size() > key.size()) return kNoField;
  while (!raw.empty()) {
    const auto c = take_char(raw);
    if (!c) return kNoField;
    key[size++] = *c;
  }
  return field_of(level, {key.data(), size});
}

bool text_begins_with(std::string_view raw, std::string_view prefix) noexcept {
  if (!raw.starts_with('"')) return false;
  raw.remove_prefix(1);
  for (const char wanted : prefix) {
    if (raw.empty() || take_char(raw) != wanted) return false;
  }
  return true;
}

}  // namespace sonde::jsonrpc
