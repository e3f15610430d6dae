#include "trace_context/trace_parent.h"

namespace sonde::trace_context {
namespace {

constexpr std::size_t kLength = 55;  // 2 + 1 + 32 + 1 + 16 + 1 + 2.

}  // namespace

std::optional<TraceParent> parse_traceparent(std::string_view text) noexcept {
  if (text.size() < kLength || text[2] != '-' || text[35] != '-' || text[52] != '-') return {};

  std::uint8_t version = 0;
  if (!decode_hex(text.substr(0, 2), &version, 1) || version == 0xff) return {};
  if (version == 0 && text.size() != kLength) return {};
  if (text.size() > kLength && text[kLength] != '-') return {};

  TraceParent parent;
  if (!decode_hex(text.substr(3, 32), parent.trace_id.bytes.data(), 16) ||
      !decode_hex(text.substr(36, 16), parent.span_id.bytes.data(), 8) ||
      !decode_hex(text.substr(53, 2), &parent.flags, 1)) {
    return {};
  }
  if (!parent.trace_id.valid() || !parent.span_id.valid()) return {};
  return parent;
}

void append_traceparent(std::string& out, const TraceParent& parent) {
  out += "00-";
  append_hex(out, parent.trace_id.bytes.data(), parent.trace_id.bytes.size());
  out += '-';
  append_hex(out, parent.span_id.bytes.data(), parent.span_id.bytes.size());
  out += '-';
  append_hex(out, &parent.flags, 1);
}

}  // namespace sonde::trace_context
