#include "net/transport.h"

#include <sys/socket.h>

#include <cerrno>

namespace sonde::net {
namespace {

IoResult of_errno(int error) noexcept {
  const bool later = error == EAGAIN || error == EWOULDBLOCK;
  return {.state = later ? IoResult::State::kWouldBlock : IoResult::State::kBroken};
}

}  // namespace

IoResult PlainTransport::read(std::span<char> into) noexcept {
  for (;;) {
    const ssize_t n = ::recv(fd_, into.data(), into.size(), MSG_DONTWAIT);
    if (n > 0) return {.state = IoResult::State::kMoved, .bytes = static_cast<std::size_t>(n)};
    if (n == 0) return {.state = IoResult::State::kEnd};
    if (errno != EINTR) return of_errno(errno);
  }
}

IoResult PlainTransport::write(std::span<const iovec> pieces) noexcept {
  msghdr message{};
  message.msg_iov = const_cast<iovec*>(pieces.data());  // NOLINT: sendmsg only reads them.
  message.msg_iovlen = pieces.size();
  for (;;) {
    const ssize_t n = ::sendmsg(fd_, &message, MSG_DONTWAIT | MSG_NOSIGNAL);
    if (n >= 0) return {.state = IoResult::State::kMoved, .bytes = static_cast<std::size_t>(n)};
    if (errno != EINTR) return of_errno(errno);
  }
}

void PlainTransport::finish() noexcept { ::shutdown(fd_, SHUT_WR); }

}  // namespace sonde::net
