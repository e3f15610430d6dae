#include "trace_context/trace_parent.h"

namespace sonde::trace_context {

std::optional<TraceParent> parse_traceparent(std::string_view text) noexcept {
  if (text.size() < kTraceparentBytes || text[2] != '-' || text[35] != '-' || text[52] != '-')
    return {};

  std::uint8_t version = 0;
  if (!decode_hex(text.substr(0, 2), &version, 1) || version == 0xff) return {};
  if (version == 0 && text.size() != kTraceparentBytes) return {};
  if (text.size() > kTraceparentBytes && text[kTraceparentBytes] != '-') return {};

  TraceParent parent;
  if (!decode_hex(text.substr(3, 32), parent.trace_id.bytes.data(), 16) ||
      !decode_hex(text.substr(36, 16), parent.span_id.bytes.data(), 8) ||
      !decode_hex(text.substr(53, 2), &parent.flags, 1)) {
    return {};
  }
  if (!parent.trace_id.valid() || !parent.span_id.valid()) return {};
  return parent;
}

std::array<char, kTraceparentBytes> traceparent_text(const TraceParent& parent) noexcept {
  std::array<char, kTraceparentBytes> text;
  text[0] = text[1] = '0';
  text[2] = text[35] = text[52] = '-';
  write_hex(text.data() + 3, parent.trace_id.bytes.data(), parent.trace_id.bytes.size());
  write_hex(text.data() + 36, parent.span_id.bytes.data(), parent.span_id.bytes.size());
  write_hex(text.data() + 53, &parent.flags, 1);
  return text;
}

void append_traceparent(std::string& out, const TraceParent& parent) {
  const auto text = traceparent_text(parent);
  out.append(text.data(), text.size());
}

}  // namespace sonde::trace_context
