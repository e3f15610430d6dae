#include "net/process_watch.h"

#include <fcntl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <string>
#include <string_view>

namespace sonde::net {

Fd watch_parent() {
  const pid_t parent = getppid();
  if (parent <= 1) return {};
  Fd fd(static_cast<int>(syscall(SYS_pidfd_open, parent, 0)));
  // It may have died, and its number may be somebody else's by now.
  if (getppid() != parent) return {};
  return fd;
}

bool is_stopped(pid_t process) noexcept {
  std::array<char, 256> text{};
  const std::string path = "/proc/" + std::to_string(process) + "/stat";
  const Fd file(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  if (!file) return false;
  const ssize_t got = read(file.get(), text.data(), text.size());
  if (got <= 0) return false;
  // "42 (name) T 1 …": a name may hold anything, so its end is looked for from behind.
  const std::string_view line(text.data(), static_cast<std::size_t>(got));
  const std::size_t end = line.rfind(')');
  if (end == std::string_view::npos || end + 2 >= line.size()) return false;
  return line[end + 2] == 'T' || line[end + 2] == 't';
}

}  // namespace sonde::net
