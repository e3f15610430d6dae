#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

#include "jsonrpc/capture.h"
#include "jsonrpc/draft.h"
#include "jsonrpc/kernel.h"
#include "jsonrpc/key.h"
#include "jsonrpc/scalar.h"

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

  Walker(const Kernel& kernel, Draft& draft) : kernel_(kernel), draft_(draft) {}

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
    kKeyOrEnd,  ///< Behind the `{` of an object.
    kKey,
    kInKey,
    kColon,
    kValue,
    kInString,
    kInScalar,
    kContainer,  ///< Behind the bracket of a value that is passed over.
    kInContainer,
    kAfterValue,
  };

  bool take() noexcept;
  bool refill() noexcept;
  void seek(const char* at) noexcept;
  Event starve(Step step) noexcept;
  void fail() noexcept;

  Event walk_line() noexcept;
  bool begin_line() noexcept;
  void begin_element() noexcept;
  void end_element(const char* end) noexcept;
  Event end_line() noexcept;
  Event end_bad_line() noexcept;

  Event walk_value() noexcept;
  void begin_key() noexcept;
  void end_key() noexcept;
  void keep_key(const char* to) noexcept;
  void begin_member() noexcept;
  void begin_value() noexcept;
  void end_value(const char* end) noexcept;
  void end_scalar() noexcept;
  void begin_container() noexcept;
  bool skip_container() noexcept;
  void after_member() noexcept;
  void end_object() noexcept;

  std::uint64_t offset(const char* at) const noexcept {
    return chunk_begin_ + static_cast<std::uint64_t>(at - begin_);
  }

  const Kernel& kernel_;
  Draft& draft_;

  // The chunk.
  const char* begin_ = nullptr;
  const char* end_ = nullptr;
  std::uint64_t chunk_begin_ = 0;

  // The tokens.
  const char* at_ = nullptr;       ///< The token at hand.
  const char* block_ = nullptr;    ///< First byte of the block that `tokens_` is about.
  const char* scanned_ = nullptr;  ///< Behind the window.
  Mask tokens_ = 0;                ///< Those of the block that have not been taken.
  std::size_t next_block_ = 0;
  Window window_{};
  Carry carry_;

  // The place in the grammar.
  Step step_ = Step::kLine;
  Level level_ = Level::kTop;
  Field field_ = kNoField;  ///< The member whose value is being read.
  bool in_batch_ = false;
  bool backslash_ = false;       ///< There was one in this line, as far as it was scanned.
  std::uint8_t bom_ = 0;         ///< Bytes of a byte order mark seen.
  char opening_ = 0;             ///< The bracket of the value that is passed over.
  std::uint64_t members_ = 0;    ///< Of the params, result or error at hand.
  std::uint64_t unclaimed_ = 0;  ///< From here on the line has not been yielded.
  std::size_t bad_lines_ = 0;
  Skip skip_;
  ScalarCheck scalar_;
  const char* piece_ = nullptr;  ///< Where the key or scalar at hand begins in the chunk.
  std::size_t key_size_ = 0;     ///< Of what came in earlier chunks, at most kKeyMax + 1.
  std::array<char, kKeyMax + 1> key_{};
};

}  // namespace sonde::jsonrpc
