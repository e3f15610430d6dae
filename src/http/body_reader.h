#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "http/chunk_line_internal.h"
#include "http/head.h"
#include "http/head_reader.h"

namespace sonde::http {

/// Finds the end of a message's body, and what of it is payload.
///
/// Limits.  `Limits`: no memory but for the line of a trailer, at most `trailer_bytes_max`.
/// Over a whole body the chunk extensions may take 16 KiB and as much again as the payload.
///
/// Failure.  As HeadReader: the same bytes, the same verdict.  Payload that came before a
/// refusal has been yielded by then.
class BodyReader {
 public:
  explicit BodyReader(const Limits& limits = {}) : limits_(limits) {}

  /// A piece of what was fed.
  struct Piece {
    std::size_t consumed = 0;  ///< So many bytes from the front belong to the body.
    std::string_view payload;  ///< Those of them that it carries, within the chunk; may be none.
  };

  /// Begins the body that follows `head`.
  void begin(const Head& head) noexcept;

  /// Takes from the front of `chunk` up to and with one span of payload, or all of it, or up to
  /// the end of the body and no byte further.  To be called again with the rest until that is
  /// empty or state() is not kReading; a body without bytes is done from the start.
  Piece next(std::string_view chunk);

  /// A body until close is never done: the connection's end is its end.
  State state() const noexcept { return state_; }
  Refusal refusal() const noexcept { return refusal_; }

  /// Payload so far.
  std::uint64_t payload_bytes() const noexcept { return payload_bytes_; }

 private:
  enum class Step : std::uint8_t { kChunkLine, kData, kDataCr, kDataLf, kTrailers };

  std::string_view take_data(std::string_view chunk) noexcept;
  Piece next_chunked(std::string_view chunk);
  void take_chunk_line(char c) noexcept;
  void end_chunk_line() noexcept;
  void take_data_end(char c) noexcept;
  void take_trailer(char c);
  void end_trailer();
  void refuse(Refusal refusal) noexcept;

  Limits limits_;
  Framing framing_ = Framing::kNone;
  State state_ = State::kDone;
  Refusal refusal_ = Refusal::kNone;
  Step step_ = Step::kChunkLine;
  std::uint64_t left_ = 0;  // Of the body, or of the chunk.
  std::uint64_t payload_bytes_ = 0;
  std::uint64_t extension_bytes_ = 0;
  std::size_t trailer_bytes_ = 0;
  std::size_t trailers_ = 0;
  ChunkLine chunk_line_;
  std::string trailer_;  // The line of a trailer, as far as it has come.
};

}  // namespace sonde::http
