#pragma once

#include <cstdint>
#include <string_view>

#include "jsonrpc/scanner.h"
#include "recorder/recorder.h"
#include "wrap/chunk_buffers.h"

namespace sonde::wrap {

/// Sends the bytes of large results to the recorder, to be hashed there.
///
/// Limits.  Recorder::hash_budget: a value that does not fit goes unhashed as a whole,
/// and the recorder counts it.  Lifetime.  `recorder` outlives it.
class ResultHasher final : public jsonrpc::ResultListener {
 public:
  explicit ResultHasher(recorder::Recorder& recorder) : recorder_(recorder) {}

  /// Where the bytes mostly lie: they are held there rather than copied.
  /// Lifetime.  No bytes may come after `chunks` has gone.
  void hold_from(ChunkBuffers& chunks) noexcept { chunks_ = &chunks; }

  void on_result_bytes(std::string_view bytes, bool first) noexcept override;

  /// The stream that holds the whole of the last large result; 0 if there is none.
  /// The next result begins another.
  std::uint64_t take_stream() noexcept;

 private:
  recorder::HashPiece piece(std::string_view bytes) const;

  recorder::Recorder& recorder_;
  ChunkBuffers* chunks_ = nullptr;
  std::uint64_t streams_ = 0;
  bool complete_ = false;  ///< Every byte of stream `streams_` was handed over so far.
};

}  // namespace sonde::wrap
