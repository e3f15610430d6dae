#include "net/listener.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <cstring>
#include <string>
#include <tuple>
#include <utility>

#include "net/connection.h"

namespace sonde::net {
namespace {

/// So many at once, then the connections that there are get their turn.
constexpr int kAcceptedAtOnce = 64;
constexpr std::chrono::milliseconds kRest{20};

Fd open_reserve() { return Fd(::open("/dev/null", O_RDONLY | O_CLOEXEC)); }

Tcp protocol_of(int fd) {
  sockaddr_storage address{};
  socklen_t size = sizeof address;
  ::getsockname(fd, reinterpret_cast<sockaddr*>(&address), &size);
  return address.ss_family == AF_INET6 ? Tcp::v6() : Tcp::v4();
}

}  // namespace

Result<Fd> listen_tcp(const Tcp::endpoint& endpoint, int backlog) {
  const auto failed = [&](std::string_view doing) {
    const std::string cause = std::strerror(errno);  // NOLINT(concurrency-mt-unsafe)
    return fail(Errc::kUnavailable, "cannot " + std::string(doing) + ' ' +
                                        endpoint.address().to_string() + " port " +
                                        std::to_string(endpoint.port()) + ": " + cause);
  };
  const int family = endpoint.address().is_v6() ? AF_INET6 : AF_INET;
  Fd fd(::socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return failed("open a socket for");
  const int on = 1;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEPORT, &on, sizeof on);
  if (family == AF_INET6) ::setsockopt(fd.get(), IPPROTO_IPV6, IPV6_V6ONLY, &on, sizeof on);
  if (::bind(fd.get(), endpoint.data(), static_cast<socklen_t>(endpoint.size())) != 0) {
    return failed("listen on");
  }
  if (::listen(fd.get(), backlog) != 0) return failed("listen on");
  return fd;
}

Listener::Listener(asio::io_context& io, Fd socket, Hooks hooks)
    : io_(io),
      protocol_(protocol_of(socket.get())),
      acceptor_(io, protocol_, socket.get()),
      rest_(io),
      hooks_(std::move(hooks)),
      reserve_(open_reserve()) {
  socket.release();
}

void Listener::start() { wait(); }

void Listener::stop() noexcept {
  boost::system::error_code ignored;
  rest_.cancel();
  std::ignore = acceptor_.close(ignored);
}

void Listener::finish() {
  while (!stopped() && accept_one() == Accepted::kOne) {
  }
  stop();
}

void Listener::wait() {
  acceptor_.async_wait(Tcp::acceptor::wait_read, [this](const boost::system::error_code& error) {
    if (error == asio::error::operation_aborted || stopped()) return;
    accept_all();
  });
}

// Nothing can be accepted for now: to ask at once again would only burn the CPU.
void Listener::rest() {
  rest_.expires_after(kRest);
  rest_.async_wait([this](const boost::system::error_code& error) {
    if (error || stopped()) return;
    accept_all();
  });
}

void Listener::accept_all() {
  Accepted last = Accepted::kOne;
  for (int i = 0; i < kAcceptedAtOnce && !stopped(); ++i) {
    last = accept_one();
    if (last == Accepted::kNone || last == Accepted::kExhausted) break;
  }
  if (stopped()) return;
  if (last == Accepted::kExhausted) {
    rest();
  } else {
    wait();
  }
}

Listener::Accepted Listener::accept_one() {
  const int fd =
      ::accept4(acceptor_.native_handle(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK);
  if (fd < 0) {
    if (errno == EINTR || errno == ECONNABORTED || errno == EPROTO) return Accepted::kOne;
    if (errno == EMFILE || errno == ENFILE) return turn_away();
    return errno == ENOBUFS || errno == ENOMEM ? Accepted::kExhausted : Accepted::kNone;
  }
  if (!reserve_) reserve_ = open_reserve();
  Tcp::socket socket(io_);
  boost::system::error_code error;
  std::ignore = socket.assign(protocol_, fd, error);
  if (error) {
    ::close(fd);
    return Accepted::kOne;
  }
  tune(socket);
  hooks_.accepted(std::move(socket));
  return Accepted::kOne;
}

Listener::Accepted Listener::turn_away() {
  if (!reserve_) return Accepted::kExhausted;
  reserve_.reset();
  Fd unserved(::accept4(acceptor_.native_handle(), nullptr, nullptr, SOCK_CLOEXEC));
  if (unserved) hooks_.turned_away();
  const bool any = static_cast<bool>(unserved);
  unserved.reset();  // Before the reserve is taken again, which needs its number.
  reserve_ = open_reserve();
  return any ? Accepted::kTurnedAway : Accepted::kNone;
}

}  // namespace sonde::net
