#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "net/pipe.h"
#include "net/stream_end.h"
#include "wrap/chunk_buffers.h"
#include "wrap/lane.h"

namespace sonde::wrap {

struct ForwardOptions {
  std::size_t chunk_bytes = 64 * 1024;  ///< The buffer, and so what is in flight at most.
  /// Reads of at least so many bytes make the lane try splice(2) for the next ones.
  std::size_t splice_from_bytes = 32 * 1024;
  /// What the pipe to the server grows to when it carries large messages.
  std::size_t grown_pipe_bytes = 1024 * 1024;
  bool grow_input = false;   ///< The reading end is a pipe of ours.
  bool grow_output = false;  ///< The writing end is.
};

/// Forwards first, shows a copy afterwards.
///
/// Purpose.  Small chunks: one read, one write.  Large chunks between two pipes: tee()
/// keeps a reference for the observer, splice() moves the pages on without a copy, and
/// the observer's copy is read when the bytes are on their way.
/// Limits.  ForwardOptions.  Lifetime.  `observer` and `clock` outlive the lane.
class ForwardLane final : public Lane, public Speaker {
 public:
  ForwardLane(net::StreamEnd in, net::StreamEnd out, ChunkObserver& observer, const Clock& clock,
              const ForwardOptions& options = {});

  Waits waits() const noexcept override;
  int fd() const noexcept override;
  void advance() override;
  void end_input() override;
  bool input_ended() const noexcept override { return input_ended_; }
  std::uint64_t take_bytes() noexcept override { return std::exchange(bytes_, 0); }
  bool broken() const noexcept override { return broken_; }

  void say(std::string_view lines) override;

  /// For an observer that would rather hold a chunk than copy it.
  ChunkBuffers& buffers() noexcept { return buffers_; }

 private:
  void read_and_write();
  bool write_rest();
  bool splice_on();
  std::size_t tee_copy();
  void observe_copy(std::size_t bytes, Moment read_at, std::chrono::nanoseconds written_at);
  void expect_large();
  void on_input_end();
  void on_broken();
  void close_if_done();
  bool speak();

  net::StreamEnd in_;
  net::StreamEnd out_;
  ChunkObserver& observer_;
  const Clock& clock_;
  const ForwardOptions options_;
  ChunkBuffers buffers_;
  std::size_t begin_ = 0;  ///< What was read and not yet written: [begin_, end_).
  std::size_t end_ = 0;
  net::Pipe copy_;             ///< Empty until large chunks come.
  std::size_t teed_ = 0;       ///< Bytes at the front of in_ that the observer has seen.
  std::uint64_t bytes_ = 0;    ///< Read, and not asked for by take_bytes().
  std::string own_;            ///< What say() was told, and is not written yet.
  bool at_line_begin_ = true;  ///< The last byte that went by has ended a line.
  bool speaking_ = false;      ///< A part of own_ has been written.
  bool large_ = false;         ///< The next chunk is expected to be large.
  bool can_splice_;            ///< Both ends are pipes.
  bool output_full_ = false;
  bool input_ended_ = false;
  bool broken_ = false;
};

}  // namespace sonde::wrap
