#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <span>

#include "base/fd.h"

namespace sonde::net {

/// What became of a read or write.
struct Transfer {
  enum class State : std::uint8_t {
    kMoved,       ///< `bytes` bytes, at least one.
    kWouldBlock,  ///< Wait until poll() says that the end is ready.
    kEnded,       ///< End of file; or, for a writer, nobody reads any more.
  };
  State state = State::kWouldBlock;
  std::size_t bytes = 0;
};

/// One end of a byte stream that must never block us.
///
/// Purpose.  An inherited descriptor shares its description, and so O_NONBLOCK, with the
/// client or the terminal; setting it there would break them.  So a pipe or terminal is
/// opened anew through /proc, a socket is asked per call (MSG_DONTWAIT), and what allows
/// neither is written in pieces that fit once poll() has said so.
/// Ownership.  Of its descriptor.
/// Blocking.  Never, provided poll() has said that the end is ready; a regular file may
/// wait for its disk.
class StreamEnd {
 public:
  enum class Kind : std::uint8_t {
    kPipe,    ///< Its description is ours and does not block.
    kSocket,  ///< Shared, asked per call.
    kFile,    ///< Regular: always ready.
    kShared,  ///< Anything else: poll() first, little at a time.
  };

  StreamEnd() = default;
  /// Takes an end that was made by make_pipe(Nonblocking::kYes).
  static StreamEnd of_pipe(Fd fd);
  /// Takes an inherited descriptor.
  static StreamEnd adopt_reader(Fd fd);
  static StreamEnd adopt_writer(Fd fd);

  Transfer read(std::span<char> into) noexcept;
  /// Writes from the first non-empty piece on, as far as it goes.
  Transfer write(std::span<const iovec> pieces) noexcept;

  int fd() const noexcept { return fd_.get(); }
  Kind kind() const noexcept { return kind_; }
  explicit operator bool() const noexcept { return static_cast<bool>(fd_); }
  void close() noexcept { fd_.reset(); }

 private:
  StreamEnd(Fd fd, Kind kind) noexcept : fd_(std::move(fd)), kind_(kind) {}
  static StreamEnd adopt(Fd fd, int access);
  Transfer write_shared(std::span<const iovec> pieces) noexcept;

  Fd fd_;
  Kind kind_ = Kind::kShared;
};

}  // namespace sonde::net
