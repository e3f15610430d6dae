#include "mcp/wire_values.h"

#include <functional>

#include "base/json_reader.h"

namespace sonde::mcp {
namespace {

/// Up to `bytes_max` bytes, without half a character at the end.
void clip(std::string& text, std::size_t bytes_max) {
  if (text.size() <= bytes_max) return;
  std::size_t end = bytes_max;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0U) == 0x80U) --end;
  text.resize(end);
}

WireId read_id(std::string_view raw, std::uint64_t size) {
  WireId id;
  if (raw.empty()) return id;
  if (raw == "null") {
    id.type = WireId::Type::kNull;
    return id;
  }
  if (raw.front() == '"') {
    id.type = WireId::Type::kString;
    id.text = read_text(raw, kIdBytesMax);
  } else if (raw.front() == '-' || (raw.front() >= '0' && raw.front() <= '9')) {
    id.type = WireId::Type::kNumber;
  }
  if (id.type != WireId::Type::kString) id.text = raw.substr(0, kIdBytesMax);
  // Of two long ids the length tells most apart.
  if (size > kIdBytesMax) id.text += "…" + std::to_string(size);
  return id;
}

}  // namespace

WireId read_wire_id(const jsonrpc::Value& value) {
  return value.present ? read_id(value.text, value.size) : WireId{};
}

WireId read_wire_id(std::string_view raw) { return read_id(raw, raw.size()); }

std::string read_text(std::string_view raw, std::size_t bytes_max) {
  if (!raw.starts_with('"')) return {};
  raw.remove_prefix(1);
  // A cut string has lost its closing quote; one that is whole cannot be empty here.
  const bool whole = raw.ends_with('"');
  std::string text;
  const std::string_view body = raw.substr(0, raw.size() - (whole ? 1 : 0));
  // No escape makes a text longer than it is on the wire, six bytes make at least one.
  append_unescaped(text, body.substr(0, bytes_max * 6));
  clip(text, bytes_max);
  return text;
}

std::string read_text(const jsonrpc::Value& value, std::size_t bytes_max) {
  if (!value.present) return {};
  return read_text(value.text, bytes_max);
}

std::uint64_t hash_text(std::string_view text) noexcept {
  return std::hash<std::string_view>{}(text);
}

std::uint64_t hash_id(const WireId& id) noexcept {
  return hash_text(id.text) + static_cast<std::uint64_t>(id.type) * 0x9e3779b97f4a7c15U;
}

}  // namespace sonde::mcp
