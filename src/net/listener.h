#pragma once

#include <cstdint>
#include <functional>

#include <boost/asio/steady_timer.hpp>

#include "base/fd.h"
#include "base/result.h"
#include "net/async.h"

namespace sonde::net {

/// A listening TCP socket that several threads may have each for themselves (SO_REUSEPORT).
///
/// Failure.  kUnavailable with address and cause: in use, not ours to bind.
Result<Fd> listen_tcp(const Tcp::endpoint& endpoint, int backlog = 4096);

/// Accepts connections on the thread of its event loop.
///
/// Purpose.  Where descriptors run out it keeps one in reserve: the connection that cannot be
/// served is accepted with it and closed, so that the queue empties and its peer knows.
/// Threads.  One owner.  Blocking.  Never.
class Listener {
 public:
  struct Hooks {
    std::function<void(Tcp::socket)> accepted;
    /// Turned away for want of descriptors or memory.
    std::function<void()> turned_away;
  };

  /// Takes a listening socket over.
  Listener(asio::io_context& io, Fd socket, Hooks hooks);

  /// Begins; goes on until stop().
  void start();
  void stop() noexcept;
  /// Accepts who waits already, and then no more: a connection in the queue of a socket that is
  /// closed would be reset.
  void finish();
  bool stopped() const noexcept { return !acceptor_.is_open(); }
  int fd() noexcept { return acceptor_.native_handle(); }

 private:
  enum class Accepted : std::uint8_t { kOne, kNone, kTurnedAway, kExhausted };

  void wait();
  void rest();
  void accept_all();
  Accepted accept_one();
  Accepted turn_away();

  asio::io_context& io_;
  const Tcp protocol_;
  Tcp::acceptor acceptor_;
  asio::steady_timer rest_;
  Hooks hooks_;
  Fd reserve_;
};

}  // namespace sonde::net
