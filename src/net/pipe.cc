#include "net/pipe.h"

#include <fcntl.h>
#include <unistd.h>

namespace sonde::net {

std::optional<Pipe> make_pipe(Nonblocking nonblocking) {
  int ends[2];
  const int flags = O_CLOEXEC | (nonblocking == Nonblocking::kYes ? O_NONBLOCK : 0);
  if (pipe2(ends, flags) != 0) return std::nullopt;
  return Pipe{.reader = Fd(ends[0]), .writer = Fd(ends[1])};
}

void grow_pipe(int fd, std::size_t bytes) noexcept {
  fcntl(fd, F_SETPIPE_SZ, static_cast<int>(bytes));
}

}  // namespace sonde::net
