#include "wrap/watch.h"

namespace sonde::wrap {
void Watch::on_chunk(std::string_view bytes, Moment read_at, std::chrono::nanoseconds written_at) {
  if (disabled_) return;
  lines_.begin_chunk(bytes, scanner_.offset());
  scanner_.feed(bytes);
  while (const jsonrpc::Message* message = scanner_.next()) {
    show(*message, {.read_at = read_at, .written_at = written_at});
  }
  lines_.end_chunk();
  if (scanner_.disabled()) {
    disabled_ = true;
    messages_.on_disabled(direction_);
  }
}

void Watch::on_end(Moment now) {
  if (disabled_) return;
  const jsonrpc::Message* last = scanner_.finish();
  if (last) show(*last, {.read_at = now, .written_at = now.monotonic});
}

void Watch::show(const jsonrpc::Message& message, const mcp::Sighting& sighting) {
  const std::uint64_t line = lines_.message(message.begin, message.end);
  messages_.on_message(direction_, message, sighting, line);
}

}  // namespace sonde::wrap
