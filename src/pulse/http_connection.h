#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>

#include <boost/asio/steady_timer.hpp>

#include "net/async.h"
#include "net/connection.h"
#include "net/host_lookup.h"
#include "net/wakeup.h"
#include "pulse/target.h"

namespace sonde::pulse {

/// One connection to a server, with a deadline for all that is done on it.
///
/// Purpose.  Connects (name, addresses in turn, TLS as the proxy does), writes, reads.
/// Limits.  The deadline: from then on everything fails, with expired() true.
/// Lifetime.  `target` outlives it; it outlives the coroutine that uses it.
/// Threads.  One owner.  Failure.  By value; fault() says why, for a person.
class HttpConnection {
 public:
  HttpConnection(net::asio::io_context& io, const Target& target);
  ~HttpConnection();
  HttpConnection(const HttpConnection&) = delete;
  HttpConnection& operator=(const HttpConnection&) = delete;

  /// All must be over within `left`.  Replaces a deadline set before.
  void expires_after(std::chrono::nanoseconds left);
  bool expired() const noexcept { return expired_; }

  bool connected() const noexcept { return connection_ != nullptr; }
  net::Task<bool> connect();
  void close() noexcept;

  net::Task<bool> write(std::string_view text);
  /// How much was read; 0 at the end, or if it failed.
  net::Task<std::size_t> read(std::span<char> into);

  const std::string& fault() const noexcept { return fault_; }

 private:
  net::Task<bool> look_up();
  net::Task<bool> connect_to(const net::SocketAddress& address);
  net::Task<bool> shake_hands();
  net::Task<void> wait();
  void on_deadline();

  net::asio::io_context& io_;
  const Target& target_;
  net::asio::steady_timer deadline_;
  net::asio::steady_timer pause_;
  std::unique_ptr<net::Tcp::socket> connecting_;
  std::shared_ptr<net::Connection> connection_;
  net::Wakeup wakeup_;
  std::vector<net::SocketAddress> addresses_;
  std::string fault_;
  bool expired_ = false;
};

}  // namespace sonde::pulse
