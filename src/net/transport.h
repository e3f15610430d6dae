#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <span>

namespace sonde::net {

/// What came of one attempt to move bytes without waiting.
struct IoResult {
  enum class State : std::uint8_t {
    kMoved,       ///< So many bytes, at least one.
    kWouldBlock,  ///< Ask again when the socket is readable (read) or writable (write).
    kOtherWay,    ///< TLS: a read waits for writability, a write for readability.
    kEnd,         ///< The peer has finished sending; reads only.
    kBroken,      ///< The connection is gone.
  };
  State state = State::kWouldBlock;
  std::size_t bytes = 0;
};

/// A connected byte stream, plain or encrypted, that never makes anybody wait.
///
/// Ownership.  Of what it adds to the socket; the socket belongs to its Connection.
/// Threads.  One owner.  Failure.  By IoResult only.
class Transport {
 public:
  virtual ~Transport() = default;
  virtual IoResult read(std::span<char> into) noexcept = 0;
  virtual IoResult write(std::span<const iovec> pieces) noexcept = 0;
  /// Whether a read may yield bytes although the socket is not readable.
  virtual bool holds_input() const noexcept { return false; }
  /// Tells the peer that nothing more will be sent.
  virtual void finish() noexcept = 0;
};

/// TCP as it is.
class PlainTransport final : public Transport {
 public:
  explicit PlainTransport(int fd) noexcept : fd_(fd) {}
  IoResult read(std::span<char> into) noexcept override;
  IoResult write(std::span<const iovec> pieces) noexcept override;
  void finish() noexcept override;

 private:
  int fd_;
};

}  // namespace sonde::net
