#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string_view>

#include "http/head.h"
#include "http/refusal.h"

namespace sonde::http {

enum class State : std::uint8_t {
  kReading,  ///< More bytes are needed.
  kDone,     ///< The message, or this part of it, is complete.
  kRefused,  ///< It must not be passed on, and nothing that follows it: close the connection.
};

/// Reads the heads of HTTP/1.x messages, one after the other, so strictly that no peer can
/// read another message in the same bytes (RFC 9112 11.2).
///
/// Limits.  `Limits`: what is longer is refused when the byte that is too many arrives.  One
/// buffer of `head_bytes_max` is allocated with the first byte, and kept; fields take no
/// memory of their own after the first messages.
///
/// Lifetime.  head() and all its views stay until reset(), or the end of the reader.
///
/// Failure.  The same bytes give the same verdict wherever they are cut.  A control byte is
/// refused as it comes, a line when it ends, what the fields mean together with the last line.
class HeadReader {
 public:
  explicit HeadReader(Side side, const Limits& limits = {});

  /// Takes what of `chunk` belongs to the head, up to the empty line and no byte further.
  /// Returns how much that was; what is left is of the body, or of the next message.
  /// Nothing more is taken once the state is not kReading.
  std::size_t feed(std::string_view chunk);

  State state() const noexcept { return state_; }
  Refusal refusal() const noexcept { return refusal_; }

  /// REQUIRES: state() is kDone.
  const Head& head() const noexcept { return head_; }

  /// How many bytes of the current head have come: 0 between messages.
  std::size_t bytes() const noexcept { return size_; }

  /// Begins the next head.  `answers_head`: a response, and the request was HEAD.
  void reset(bool answers_head = false) noexcept;

 private:
  void scan();
  std::size_t line_limit() const noexcept;
  void end_line(std::string_view line);
  void end_first_line(std::string_view line);
  void take_field(std::string_view line);
  void refuse(Refusal refusal) noexcept;
  void refuse_long_line() noexcept;

  Limits limits_;
  std::unique_ptr<char[]> buffer_;
  std::size_t size_ = 0;        // Bytes in the buffer.
  std::size_t scanned_ = 0;     // Up to here no byte is left to look at.
  std::size_t line_begin_ = 0;  // Of the line that is not yet complete.
  State state_ = State::kReading;
  Refusal refusal_ = Refusal::kNone;
  bool answers_head_ = false;
  bool in_fields_ = false;
  Head head_;
};

}  // namespace sonde::http
