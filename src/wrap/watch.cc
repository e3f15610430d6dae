#include "wrap/watch.h"

#include <algorithm>
#include <cstddef>

namespace sonde::wrap {
namespace {

// A message has one newline, so few are found, and memchr() is fast in between.
std::uint64_t newlines_in(std::string_view bytes) noexcept {
  std::uint64_t count = 0;
  for (std::size_t at = bytes.find('\n'); at != std::string_view::npos;
       at = bytes.find('\n', at + 1)) {
    ++count;
  }
  return count;
}

}  // namespace

void Watch::on_chunk(std::string_view bytes, Moment read_at, std::chrono::nanoseconds written_at) {
  if (disabled_) return;
  const std::uint64_t chunk_begin = scanner_.offset();
  scanner_.feed(bytes);
  while (const jsonrpc::Message* message = scanner_.next()) {
    std::uint64_t line = 0;
    // Only noise is spoken of by its line, so only noise pays for the counting.
    if (message->kind == jsonrpc::Kind::kNotJson) {
      const std::uint64_t begin = std::max(message->begin, chunk_begin) - chunk_begin;
      line = newlines_ + 1 + newlines_in(bytes.substr(0, begin));
    }
    show(*message, {.read_at = read_at, .written_at = written_at}, line);
  }
  newlines_ += newlines_in(bytes);
  if (scanner_.disabled()) {
    disabled_ = true;
    messages_.on_disabled(direction_);
  }
}

void Watch::on_end(Moment now) {
  if (disabled_) return;
  const jsonrpc::Message* last = scanner_.finish();
  if (last) show(*last, {.read_at = now, .written_at = now.monotonic}, newlines_ + 1);
}

void Watch::show(const jsonrpc::Message& message, const mcp::Sighting& sighting,
                 std::uint64_t line) {
  messages_.on_message(direction_, message, sighting, line);
}

}  // namespace sonde::wrap
