#pragma once

#include <cstddef>
#include <span>
#include <string_view>
#include <vector>

#include "base/shared_buffer.h"

namespace sonde::wrap {

/// The buffers that a lane reads into, some of which others still hold.
///
/// Purpose.  A chunk that is to be hashed is not copied: the recorder holds it, and the lane
/// goes on with the next buffer.
/// Limits.  kSpareMax buffers, of which kIdleMax stay when a small chunk ends a burst.
/// Threads.  One owner; who holds a buffer may let go of it on any thread.
/// Failure.  Where no buffer is to be had, hold() gives none and its caller copies.
class ChunkBuffers {
 public:
  static constexpr std::size_t kSpareMax = 64;
  static constexpr std::size_t kIdleMax = 2;

  explicit ChunkBuffers(std::size_t chunk_bytes);

  /// Where the next chunk goes.  What was there stays as it is if anybody holds it.
  std::span<char> next();
  char* data() const noexcept { return current_.data(); }

  /// Holds `bytes`, if they lie in the current chunk.
  SharedBuffer hold(std::string_view bytes);

  /// Small chunks have come: what a burst has taken is given back.
  void rest();

 private:
  bool find_spare();

  const std::size_t chunk_bytes_;
  SharedBuffer current_;
  SharedBuffer spare_;  ///< Not held by anybody; empty until wanted.
  std::vector<SharedBuffer> held_;
};

}  // namespace sonde::wrap
