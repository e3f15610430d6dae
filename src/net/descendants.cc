#include "net/descendants.h"

#include <dirent.h>
#include <fcntl.h>
#include <unistd.h>

#include <charconv>
#include <csignal>
#include <memory>
#include <optional>
#include <string_view>
#include <utility>

#include "base/fd.h"

namespace sonde::net {
namespace {

struct Process {
  pid_t pid;
  pid_t parent;
};

std::optional<pid_t> number(std::string_view text) noexcept {
  pid_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || value <= 0) return std::nullopt;
  return value;
}

// "pid (name) state ppid …"; the name may hold anything, so look for its last ')'.
std::optional<pid_t> living_parent(std::string_view stat) noexcept {
  const std::size_t name_end = stat.rfind(')');
  if (name_end == std::string_view::npos || name_end + 4 >= stat.size()) return std::nullopt;
  const char state = stat[name_end + 2];
  if (state == 'Z' || state == 'X') return std::nullopt;
  return number(stat.substr(name_end + 4));
}

std::optional<Process> read_process(int proc, const char* name) noexcept {
  const auto pid = number(name);
  if (!pid) return std::nullopt;
  const Fd folder(openat(proc, name, O_PATH | O_DIRECTORY | O_CLOEXEC));
  const Fd file(openat(folder.get(), "stat", O_RDONLY | O_CLOEXEC));
  char text[512];
  const ssize_t n = read(file.get(), text, sizeof text);
  if (n <= 0) return std::nullopt;
  const auto parent = living_parent({text, static_cast<std::size_t>(n)});
  if (!parent) return std::nullopt;
  return Process{.pid = *pid, .parent = *parent};
}

std::vector<Process> all_processes() {
  std::vector<Process> found;
  const std::unique_ptr<DIR, int (*)(DIR*)> folder(opendir("/proc"), closedir);
  if (!folder) return found;
  // Each thread that reads a folder has a stream of its own.
  while (const dirent* entry = readdir(folder.get())) {  // NOLINT(concurrency-mt-unsafe)
    if (const auto process = read_process(dirfd(folder.get()), entry->d_name)) {
      found.push_back(*process);
    }
  }
  return found;
}

}  // namespace

std::vector<pid_t> descendants_of(pid_t ancestor) {
  std::vector<Process> others = all_processes();
  std::vector<pid_t> family{ancestor};
  for (std::size_t i = 0; i < family.size(); ++i) {
    std::erase_if(others, [&](const Process& process) {
      if (process.parent != family[i]) return false;
      family.push_back(process.pid);
      return true;
    });
  }
  family.erase(family.begin());
  return family;
}

void signal_all(const std::vector<pid_t>& processes, int signal) noexcept {
  for (const pid_t pid : processes) kill(pid, signal);
}

}  // namespace sonde::net
