#pragma once

#include <chrono>
#include <memory>
#include <string>
#include <vector>

#include "net/async.h"
#include "net/connection.h"
#include "proxy/upstream.h"

namespace sonde::proxy {

/// The addresses of upstreams, asked of the system's resolver and remembered for a while.
/// Threads.  One owner; the resolver has a thread of its own.
class Addresses {
 public:
  static constexpr std::chrono::seconds kRemembered{30};

  explicit Addresses(net::asio::io_context& io) : resolver_(io) {}
  struct Known {
    std::string host;
    std::uint16_t port = 0;
    std::vector<net::Tcp::endpoint> endpoints;
    std::chrono::nanoseconds until{};
  };
  /// Null if not known (any more).
  const Known* find(const Upstream& upstream, std::chrono::nanoseconds now) const noexcept;
  const Known& learn(const Upstream& upstream, std::vector<net::Tcp::endpoint> endpoints,
                     std::chrono::nanoseconds until);
  /// None of them could be connected to: next time they are asked for again.
  void forget(const Upstream& upstream) noexcept;
  net::Tcp::resolver& resolver() noexcept { return resolver_; }

 private:
  net::Tcp::resolver resolver_;
  std::vector<Known> known_;
};

/// One attempt to connect to an upstream: name, addresses in turn, TLS.
///
/// Purpose.  Works by itself once started, and wakes its owner when it is over.
/// Threads.  One owner.  Lifetime.  May be let go of at any time.
class Dial : public std::enable_shared_from_this<Dial>, public net::Waker {
 public:
  Dial(net::asio::io_context& io, Addresses& addresses, const Upstream& upstream,
       net::Waker& owner);

  void start(std::chrono::nanoseconds now);
  /// Ends the attempt, and wakes nobody.
  void cancel() noexcept;

  bool over() const noexcept { return over_; }
  /// Null if it failed.  REQUIRES: over().
  std::shared_ptr<net::Connection> take() noexcept { return std::move(connection_); }
  /// What was tried last and why it failed, for a person.
  const std::string& fault() const noexcept { return fault_; }

  void wake() noexcept override;  ///< The handshake may go on.

 private:
  void resolve(std::chrono::nanoseconds now);
  void try_next();
  void on_connected();
  void finish(std::string fault);

  net::asio::io_context& io_;
  Addresses& addresses_;
  const Upstream upstream_;
  net::Waker* owner_;
  std::vector<net::Tcp::endpoint> endpoints_;
  std::size_t next_ = 0;
  std::unique_ptr<net::Tcp::socket> socket_;
  std::shared_ptr<net::Connection> connection_;
  bool over_ = false;
  std::string fault_;
};

}  // namespace sonde::proxy
