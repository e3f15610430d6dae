#include "sinks/fd_output.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>

#include "base/clock.h"
#include "sinks/lines.h"

namespace sonde::sinks {
namespace {

constexpr std::size_t kPieceBytes = 4096;  // PIPE_BUF of Linux.

std::chrono::nanoseconds monotonic() { return SystemClock().now().monotonic; }

/// A descriptor of the same file that we may write to without blocking, if there is one.
int open_again(int fd) {
  struct stat status{};
  if (::fstat(fd, &status) != 0) return -1;
  // A regular file never blocks, and a new description would have an offset of its own.
  if (S_ISFIFO(status.st_mode) || S_ISCHR(status.st_mode)) {
    const std::string path = "/proc/self/fd/" + std::to_string(fd);
    const int again = ::open(path.c_str(), O_WRONLY | O_NONBLOCK | O_CLOEXEC | O_NOCTTY);
    if (again >= 0) return again;
  }
  return ::fcntl(fd, F_DUPFD_CLOEXEC, 3);
}

}  // namespace

FdOutput::FdOutput(int fd, Options options) : options_(std::move(options)), fd_(open_again(fd)) {}

FdOutput::~FdOutput() {
  if (fd_ >= 0) ::close(fd_);
}

Result<std::size_t> FdOutput::write(std::string_view lines, Moment /*now*/) {
  const std::chrono::nanoseconds until = deadline();
  const Result<bool> finished = finish_line(until);
  if (!finished) return fail(finished.error());
  if (!*finished) return std::size_t{0};

  std::size_t taken = 0;
  while (taken < lines.size() && wait(until)) {
    const std::string_view piece = front_lines(lines.substr(taken), kPieceBytes);
    const Result<std::size_t> written = write_some(piece);
    if (!written) {
      if (taken > 0) break;
      return written;
    }
    taken += *written;
    if (*written == 0 || piece[*written - 1] == '\n') continue;
    // Nobody else's line may come into this one, so the line is ours from now on.
    const std::size_t end = piece.find('\n', *written);
    rest_ = piece.substr(*written, end == std::string_view::npos ? end : end + 1 - *written);
    taken += rest_.size();
    const Result<bool> rest = finish_line(until);
    if (!rest || !*rest) break;
  }
  stalled_ = taken == 0 && !lines.empty();
  return taken;
}

Status FdOutput::close(Moment /*now*/) {
  const Result<bool> finished = finish_line(deadline());
  if (!finished) return fail(finished.error());
  return {};
}

/// Writes what is left of a line; false if there still is some.
Result<bool> FdOutput::finish_line(std::chrono::nanoseconds until) {
  while (!rest_.empty()) {
    if (!wait(until)) return false;
    const Result<std::size_t> written = write_some(std::string_view(rest_).substr(0, kPieceBytes));
    if (!written) return fail(written.error());
    rest_.erase(0, *written);
  }
  return true;
}

/// How much was written; 0 if the reader has no room after all.
Result<std::size_t> FdOutput::write_some(std::string_view bytes) {
  const ssize_t written = ::write(fd_, bytes.data(), bytes.size());
  if (written >= 0) return static_cast<std::size_t>(written);
  if (errno == EAGAIN || errno == EINTR) return std::size_t{0};
  return fail(Errc::kUnavailable, options_.name + ": " + std::generic_category().message(errno));
}

std::chrono::nanoseconds FdOutput::deadline() const {
  return stalled_ ? std::chrono::nanoseconds(0) : monotonic() + options_.wait_max;
}

bool FdOutput::wait(std::chrono::nanoseconds until) const {
  if (fd_ < 0) return true;  // poll() would pass over it; write() says what is wrong.
  const auto left = std::chrono::ceil<std::chrono::milliseconds>(
      std::max(until - monotonic(), std::chrono::nanoseconds(0)));
  pollfd entry{.fd = fd_, .events = POLLOUT, .revents = 0};
  // An error counts as ready: write() then says which.
  return ::poll(&entry, 1, static_cast<int>(left.count())) > 0;
}

}  // namespace sonde::sinks
