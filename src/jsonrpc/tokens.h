#pragma once

#include <cstddef>
#include <cstdint>

#include "jsonrpc/block.h"
#include "jsonrpc/capture.h"
#include "jsonrpc/kernel.h"

namespace sonde::jsonrpc {

/// The tokens of a chunk, one window after the other.
///
/// Purpose.  Hides blocks and masks from the grammar.  What a token is, Block says.
/// Lifetime.  The chunk lives until the next feed().
class Tokens {
 public:
  /// A place among the tokens.  A value, so that a loop can keep it in registers.
  struct Cursor {
    const char* at = nullptr;     ///< The token at hand.
    const char* block = nullptr;  ///< First byte of the block that `tokens` is about.
    Mask tokens = 0;              ///< Those of the block that have not been taken.
    const Block* next = nullptr;  ///< The block behind it.
    const Block* last = nullptr;  ///< Behind the last block.
  };

  explicit Tokens(const Kernel& kernel) noexcept : kernel_(kernel) {}

  /// The next bytes of the stream, in the middle of whatever the last ones ended in.
  Cursor feed(const Chunk& chunk) noexcept {
    begin_ = chunk.bytes.data();
    end_ = begin_ + chunk.bytes.size();
    chunk_begin_ = chunk.begin;
    return emptied(begin_);
  }

  /// The cursor for a line that begins at `at`.
  Cursor line_at(const char* at) noexcept {
    carry_ = {};
    backslash_ = false;
    return emptied(at);
  }

  /// Goes to the next token.  False at the end of the chunk.
  SONDE_INLINE bool take(Cursor& cursor) noexcept {
    while (cursor.tokens == 0) {
      if (cursor.next != cursor.last) {
        cursor.tokens = cursor.next->tokens;
        ++cursor.next;
        cursor.block += kBlock;
      } else {
        if (window_.end == end_) return false;
        cursor = refilled();
      }
    }
    cursor.at = cursor.block + lowest(cursor.tokens);
    cursor.tokens = without_lowest(cursor.tokens);
    return true;
  }

  /// Makes the byte at hand the next token.
  SONDE_INLINE static void give_back(Cursor& cursor) noexcept {
    cursor.tokens |= Mask{1} << (cursor.at - cursor.block);
  }

  /// The cursor moved forward to `at`, a place outside of strings and behind a bracket.
  Cursor moved(Cursor cursor, const char* at) noexcept;

  /// Passes over a value: from its first token, or on from the beginning of a chunk.
  SONDE_INLINE const char* skip(const char* at, Skip& skip) noexcept {
    if (at < window_.end) {
      at = kernel_.skip_window(window_, at, skip);
      if (skip.end != Skip::End::kStarved) return at;
      skip.in_string = carry_.in_string;
      skip.escaped = carry_.escaped;
    }
    return kernel_.skip_bytes({begin_, at, end_}, skip);
  }

  const char* end() const noexcept { return end_; }
  std::uint64_t offset(const char* at) const noexcept {
    return chunk_begin_ + static_cast<std::uint64_t>(at - begin_);
  }
  /// There was a backslash in this line, as far as it has been looked at.
  bool backslash() const noexcept { return backslash_; }

 private:
  Cursor emptied(const char* at) noexcept {
    window_.end = at;
    return {.at = at, .block = at};
  }
  Cursor refilled() noexcept;

  const Kernel& kernel_;
  const char* begin_ = nullptr;
  const char* end_ = nullptr;
  std::uint64_t chunk_begin_ = 0;
  Window window_{};
  Carry carry_;  ///< For the byte behind the window.
  bool backslash_ = false;
};

// In the header, because a Cursor that is returned through memory costs more than what
// these do.

inline Tokens::Cursor Tokens::refilled() noexcept {
  kernel_.classify({begin_, window_.end, end_}, carry_, window_);
  backslash_ |= window_.backslash;
  const Block* blocks = window_.blocks.data();
  return {.at = window_.begin,
          .block = window_.begin,
          .tokens = blocks->tokens,
          .next = blocks + 1,
          .last = blocks + window_.size};
}

inline Tokens::Cursor Tokens::moved(Cursor cursor, const char* at) noexcept {
  if (at >= window_.end) {
    carry_ = {};
    return emptied(at);
  }
  const auto bytes = static_cast<std::size_t>(at - cursor.block);
  if (bytes >= kBlock) {
    cursor.next += bytes / kBlock;
    cursor.block += bytes / kBlock * kBlock;
    cursor.tokens = (cursor.next - 1)->tokens;
  }
  cursor.tokens &= kAll << bytes % kBlock;
  cursor.at = at;
  return cursor;
}

}  // namespace sonde::jsonrpc
