#pragma once

#include <chrono>
#include <cstdint>
#include <string_view>

#include "base/clock.h"

namespace sonde::wrap {

/// One direction of the relay: a reading end, a writing end, and at most one bounded
/// buffer between them.
///
/// Purpose.  At any time a lane waits for one thing only; whoever runs it waits for that
/// with poll(), and calls advance() when it has come.  So a full writing end stops its own
/// lane and no other, and the pressure reaches whoever writes into the lane.
/// Threads.  One owner.  Blocking.  Never.
class Lane {
 public:
  enum class Waits : std::uint8_t {
    kForInput,          ///< fd() is to become readable.
    kForOutput,         ///< fd() is to become writable.
    kForConfiguration,  ///< Call advance() every millisecond.
    kFinished,          ///< Both ends are closed.
  };

  virtual ~Lane() = default;

  virtual Waits waits() const noexcept = 0;
  virtual int fd() const noexcept = 0;
  /// What the lane waited for has come: reads once, writes once.
  virtual void advance() = 0;
  /// Reads no more; what was read is still written.
  virtual void end_input() = 0;
  /// Whether the input has come to its end, by itself or by end_input().
  virtual bool input_ended() const noexcept = 0;
  /// Bytes read since the last call.
  virtual std::uint64_t take_bytes() noexcept = 0;
  /// Whether nobody reads at the writing end any more.
  virtual bool broken() const noexcept = 0;
};

/// Says something of its own in a stream, between two lines of it.
class Speaker {
 public:
  virtual ~Speaker() = default;
  /// `lines` are whole.  They are written as soon as no line is in the way.
  virtual void say(std::string_view lines) = 0;
};

/// Sees a copy of what a lane has forwarded.
class ChunkObserver {
 public:
  virtual ~ChunkObserver() = default;
  /// `bytes` were read and then written, the rest of them possibly later.
  virtual void on_chunk(std::string_view bytes, Moment read_at,
                        std::chrono::nanoseconds written_at) = 0;
  /// Nothing more will come.
  virtual void on_end(Moment now) = 0;
};

}  // namespace sonde::wrap
