#pragma once

#include <cstdint>
#include <string_view>

namespace sonde::wrap {

/// Says on which line of a stream a message stands, without reading the stream again.
///
/// Purpose.  A message holds no newline, so only the few bytes between two messages are
/// looked at.  Chunks and messages are told in the order of the stream.
/// Limits.  The cost of a chunk does not grow with its size.
class LineCounter {
 public:
  /// The next bytes of the stream have come; valid until chunk_done().
  void begin_chunk(std::string_view chunk, std::uint64_t offset) noexcept;
  /// A message at [begin, end) of the stream; returns its line, from 1.
  std::uint64_t message(std::uint64_t begin, std::uint64_t end) noexcept;
  /// All messages of the chunk have been told.
  void end_chunk() noexcept;
  /// The line that the next message would be on.
  std::uint64_t line() const noexcept { return newlines_ + 1; }

 private:
  std::string_view chunk_;
  std::uint64_t chunk_begin_ = 0;
  std::uint64_t counted_to_ = 0;  ///< Stream offset.
  std::uint64_t newlines_ = 0;    ///< Before counted_to_.
};

}  // namespace sonde::wrap
