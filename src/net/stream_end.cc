#include "net/stream_end.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdio>
#include <utility>

namespace sonde::net {
namespace {

Transfer result_of(ssize_t n) noexcept {
  if (n > 0) return {.state = Transfer::State::kMoved, .bytes = static_cast<std::size_t>(n)};
  if (n < 0 && (errno == EAGAIN || errno == EINTR)) return {};
  return {.state = Transfer::State::kEnded};
}

bool ready_to_write(int fd) noexcept {
  pollfd entry{.fd = fd, .events = POLLOUT, .revents = 0};
  return poll(&entry, 1, 0) == 1;
}

// A named pipe opened for reading while nobody has it open for writing would not tell of
// its end (fifo(7)), so only the anonymous ones are opened anew.
bool anonymous_pipe(int fd) noexcept {
  struct statfs info{};
  return fstatfs(fd, &info) == 0 && info.f_type == PIPEFS_MAGIC;
}

// A new description of the same pipe or terminal, with a mode of its own.
Fd reopen(int fd, int access) noexcept {
  char path[32];
  std::snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
  return Fd(open(path, access | O_NONBLOCK | O_CLOEXEC | O_NOCTTY));
}

}  // namespace

StreamEnd StreamEnd::of_pipe(Fd fd) { return {std::move(fd), Kind::kPipe}; }

StreamEnd StreamEnd::adopt_reader(Fd fd) { return adopt(std::move(fd), O_RDONLY); }

StreamEnd StreamEnd::adopt_writer(Fd fd) { return adopt(std::move(fd), O_WRONLY); }

StreamEnd StreamEnd::adopt(Fd fd, int access) {
  struct stat info{};
  if (fstat(fd.get(), &info) != 0) return {std::move(fd), Kind::kShared};
  if (S_ISSOCK(info.st_mode)) return {std::move(fd), Kind::kSocket};
  if (S_ISREG(info.st_mode)) return {std::move(fd), Kind::kFile};
  const bool reopens = S_ISFIFO(info.st_mode) ? access == O_WRONLY || anonymous_pipe(fd.get())
                                              : isatty(fd.get()) == 1;
  if (reopens) {
    if (Fd own = reopen(fd.get(), access)) return {std::move(own), Kind::kPipe};
  }
  return {std::move(fd), Kind::kShared};
}

Transfer StreamEnd::read(std::span<char> into) noexcept {
  if (kind_ == Kind::kSocket) {
    return result_of(recv(fd_.get(), into.data(), into.size(), MSG_DONTWAIT));
  }
  const ssize_t n = ::read(fd_.get(), into.data(), into.size());
  // A pseudo-terminal whose other side is gone.
  if (n < 0 && errno == EIO) return {.state = Transfer::State::kEnded};
  return result_of(n);
}

Transfer StreamEnd::write(std::span<const iovec> pieces) noexcept {
  while (!pieces.empty() && pieces.front().iov_len == 0) pieces = pieces.subspan(1);
  if (pieces.empty()) return {};
  switch (kind_) {
    case Kind::kSocket: {
      msghdr message{};
      message.msg_iov = const_cast<iovec*>(pieces.data());
      message.msg_iovlen = std::min<std::size_t>(pieces.size(), IOV_MAX);
      return result_of(sendmsg(fd_.get(), &message, MSG_DONTWAIT | MSG_NOSIGNAL));
    }
    case Kind::kShared:
      return write_shared(pieces);
    case Kind::kPipe:
    case Kind::kFile:
      break;
  }
  if (pieces.size() == 1) {
    return result_of(::write(fd_.get(), pieces.front().iov_base, pieces.front().iov_len));
  }
  const auto count = static_cast<int>(std::min<std::size_t>(pieces.size(), IOV_MAX));
  return result_of(writev(fd_.get(), pieces.data(), count));
}

Transfer StreamEnd::write_shared(std::span<const iovec> pieces) noexcept {
  // A pipe that polls writable takes PIPE_BUF bytes without blocking (pipe(7)).
  if (!ready_to_write(fd_.get())) return {};
  const std::size_t size = std::min<std::size_t>(pieces.front().iov_len, PIPE_BUF);
  return result_of(::write(fd_.get(), pieces.front().iov_base, size));
}

}  // namespace sonde::net
