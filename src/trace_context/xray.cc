#include "trace_context/xray.h"

#include "trace_context/list_internal.h"

namespace sonde::trace_context {
namespace {

/// "1-" 8 digits "-" 24 digits.
std::optional<TraceId> read_root(std::string_view root) noexcept {
  if (root.size() != 35 || !root.starts_with("1-") || root[10] != '-') return std::nullopt;
  TraceId id;
  if (!decode_hex(root.substr(2, 8), id.bytes.data(), 4) ||
      !decode_hex(root.substr(11), id.bytes.data() + 4, 12) || !id.valid()) {
    return std::nullopt;
  }
  return id;
}

std::optional<SpanId> read_span(std::string_view text) noexcept {
  SpanId id;
  if (!decode_hex(text, id.bytes.data(), id.bytes.size()) || !id.valid()) return std::nullopt;
  return id;
}

std::optional<bool> read_sampled(std::string_view text) noexcept {
  if (text == "1") return true;
  if (text == "0") return false;
  return std::nullopt;
}

}  // namespace

std::optional<XRayTrace> parse_xray(std::string_view header) {
  XRayTrace trace;
  while (!header.empty()) {
    std::string_view value = take_member(header, ';');
    const std::string_view key = take_member(value, '=');
    value = trim_blanks(value);
    if (key == "Root") {
      const auto id = read_root(value);
      if (!id) return std::nullopt;
      trace.root = value;
      trace.trace_id = *id;
    } else if (key == "Parent") {
      trace.parent = read_span(value);
    } else if (key == "Sampled") {
      trace.sampled = read_sampled(value);
    }
  }
  if (trace.root.empty()) return std::nullopt;
  return trace;
}

}  // namespace sonde::trace_context
