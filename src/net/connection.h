#pragma once

#include <memory>
#include <span>

#include "net/async.h"
#include "net/transport.h"
#include "net/wakeup.h"

namespace sonde::net {

/// A connected socket, and what is known of its readiness.
///
/// Purpose.  Reads and writes are tried at once; only where nothing could be moved the event loop
/// is asked to tell.  No buffer is tied up by a connection that waits.
/// Threads.  One owner, that of its event loop.
/// Ownership.  By shared_ptr, because the event loop may have an answer under way; whoever lets go
/// of it calls close() first.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  /// `transport` works on the descriptor of `socket`.
  Connection(Tcp::socket socket, std::unique_ptr<Transport> transport);
  /// In the clear.
  explicit Connection(Tcp::socket socket);

  IoResult read(std::span<char> into) noexcept;
  IoResult write(std::span<const iovec> pieces) noexcept;

  /// Whether the next read or write is worth a try.
  bool readable() const noexcept { return readable_; }
  bool writable() const noexcept { return writable_; }
  /// Has the waker called once readable() or writable() are true again; does nothing if that is
  /// asked already, or not needed.
  void ask_readable();
  void ask_writable();
  /// Has the waker called once hung_up() may be true; for a connection that is not read.
  void ask_hung_up();
  /// Whether the peer has reset the connection.
  bool hung_up() noexcept;
  /// Asks for one of them whatever is thought of it: of a handshake that is under way.
  void wait_for(Tcp::socket::wait_type what);
  /// Who is woken; null: nobody.
  void wakes(Waker* waker) noexcept { waker_ = waker; }

  /// Nothing more will be written.  Reading may go on.
  void finish() noexcept { transport_->finish(); }
  /// The peer sees a reset instead of an end: what it got is not all.
  void abort() noexcept;
  void close() noexcept;
  bool closed() const noexcept { return !socket_.is_open(); }

  /// The handshake may want more than one try.
  Transport& transport() noexcept { return *transport_; }
  Tcp::socket& socket() noexcept { return socket_; }

 private:
  void ask(Tcp::socket::wait_type what, bool& asked, bool& ready);
  void note(const IoResult& result, bool& ready) noexcept;

  Tcp::socket socket_;
  std::unique_ptr<Transport> transport_;
  Waker* waker_ = nullptr;
  bool readable_ = true;
  bool writable_ = true;
  bool read_asked_ = false;
  bool write_asked_ = false;
  bool hung_up_asked_ = false;
  bool crossed_ = false;  ///< A read waits for writability, or a write for readability.
};

/// Has small writes leave at once, and finds out about peers that have vanished.
void tune(Tcp::socket& socket) noexcept;

}  // namespace sonde::net
