#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

#include "jsonrpc/draft.h"
#include "jsonrpc/kernel.h"
#include "jsonrpc/key.h"
#include "jsonrpc/scalar.h"
#include "jsonrpc/tokens.h"

namespace sonde::jsonrpc {

/// Walks the tokens of a stream of lines and drafts its messages.
///
/// Purpose.  The grammar: lines, batches, the message object and its params, result
/// and error.  What lies deeper is passed over by the kernel.  Between any two tokens
/// the chunk may end; `step_` says where to go on.
///
/// Limits.  One window, one key.  Lifetime.  The draft outlives the walker; the chunk
/// lives until run() has returned kStarved.
class Walker {
 public:
  enum class Event : std::uint8_t {
    kNone,
    kStarved,  ///< The chunk is used up.
    kMessage,  ///< The draft is a whole message.
  };

  Walker(const Kernel& kernel, Draft& draft) noexcept : draft_(draft), tokens_(kernel) {}

  void feed(const Chunk& chunk) noexcept;

  /// REQUIRES: after kMessage, the draft has been reset.
  Event run() noexcept;

  /// Lines in a row that were no JSON, up to here.
  std::size_t bad_lines() const noexcept { return bad_lines_; }

 private:
  enum class Step : std::uint8_t {
    kLine,          ///< Before the first byte of a line that is no blank.
    kElementOrEnd,  ///< Behind the `[` of a batch.
    kElement,       ///< Where a value of a line or batch must begin.
    kElementEnd,    ///< Behind an element of a batch that has not been yielded yet.
    kAfterElement,
    kLineEnd,  ///< Behind the value of a line.
    kBadLine,
    // The steps from here on are those of walk_value().
    kKeyOrEnd,    ///< Behind the `{` of an object.
    kAfterValue,  ///< Behind the value of a member.
    kKey,
    kInKey,
    kColon,
    kValue,
    kInString,
    kInScalar,
    kContainer,  ///< Behind the bracket of a value that is passed over.
    kInContainer,
  };

  using Cursor = Tokens::Cursor;

  Event walk_line() noexcept;
  bool begin_line() noexcept;
  Step begin_element(const char* at) noexcept;
  Step end_element(const char* end) noexcept;
  Event yield_element() noexcept;
  Step end_array(const char* end) noexcept;
  Event end_line() noexcept;
  Event end_bad_line() noexcept;
  Step fail() noexcept;

  Event walk_value() noexcept;
  Step walk_tokens(Cursor& cursor, Step step) noexcept;
  bool walk_to_value(Cursor& cursor, Step& step) noexcept;
  bool walk_through_value(Cursor& cursor, Step& step) noexcept;
  Step end_key(const char* at) noexcept;
  void keep_key(const char* to) noexcept;
  Step begin_member(const char* at) noexcept;
  Step begin_value(const char* at) noexcept;
  Step end_value(const char* end) noexcept;
  Step end_scalar(const char* at) noexcept;
  Step begin_container(const char* at) noexcept;
  Step end_container(const char* at) noexcept;
  Step end_object(const char* at) noexcept;

  Draft& draft_;
  Tokens tokens_;
  Cursor cursor_;

  // The place in the grammar.
  Step step_ = Step::kLine;
  Level level_ = Level::kTop;
  Field field_ = kNoField;       ///< The member whose value is being read.
  bool in_batch_ = false;        ///< Within an array on the level of the line.
  bool plain_array_ = false;     ///< Which is no batch: it is empty or begins with no object.
  std::uint8_t bom_ = 0;         ///< Bytes of a byte order mark seen.
  char opening_ = 0;             ///< The bracket of the value that is passed over.
  std::uint64_t members_ = 0;    ///< Of the params, result or error at hand.
  std::uint64_t unclaimed_ = 0;  ///< From here on the line has not been yielded.
  std::uint64_t line_ = 1;
  std::size_t bad_lines_ = 0;
  Skip skip_;
  ScalarCheck scalar_;
  const char* piece_ = nullptr;  ///< Where the key or scalar at hand begins in the chunk.
  std::size_t key_size_ = 0;     ///< Of what came in earlier chunks, at most kKeyMax + 1.
  std::array<char, kKeyMax + 1> key_{};
};

}  // namespace sonde::jsonrpc
