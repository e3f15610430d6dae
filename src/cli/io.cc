#include "cli/io.h"

#include <array>
#include <cerrno>
#include <csignal>
#include <ctime>

#include <sys/ioctl.h>
#include <sys/signalfd.h>
#include <unistd.h>

namespace sonde::cli {
namespace {

bool write_all(int fd, std::string_view text) {
  while (!text.empty()) {
    const ssize_t written = write(fd, text.data(), text.size());
    if (written < 0 && errno != EINTR) return false;
    text.remove_prefix(static_cast<std::size_t>(written < 0 ? 0 : written));
  }
  return true;
}

std::chrono::seconds local_offset(std::chrono::seconds since_epoch) {
  const std::time_t time = since_epoch.count();
  std::tm local{};
  if (localtime_r(&time, &local) == nullptr) return {};
  return std::chrono::seconds(local.tm_gmtoff);
}

std::string host_name() {
  std::array<char, 256> name{};
  return gethostname(name.data(), name.size() - 1) == 0 ? name.data() : std::string();
}

std::size_t terminal_columns() {
  winsize size{};
  return ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 ? size.ws_col : std::size_t{0};
}

std::vector<std::string> variable_names() {
  std::vector<std::string> names;
  for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
    const std::string_view text = *entry;
    names.emplace_back(text.substr(0, text.find('=')));
  }
  return names;
}

int watch_for_stop() {
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  return signalfd(-1, &signals, SFD_CLOEXEC | SFD_NONBLOCK);
}

}  // namespace

Io system_io() {
  static const SystemClock clock;
  Io io;
  io.out = [](std::string_view text) { return write_all(STDOUT_FILENO, text); };
  io.err = [](std::string_view text) { write_all(STDERR_FILENO, text); };
  io.variables = variable_names();
  io.host = host_name();
  io.terminal = isatty(STDOUT_FILENO) != 0;
  io.columns = io.terminal ? terminal_columns() : 0;
  io.clock = &clock;
  io.utc_offset = local_offset;
  io.in = STDIN_FILENO;
  io.stop_fd = watch_for_stop;
  return io;
}

void complain(Io& io, std::string_view text) { io.err("sonde: " + std::string(text) + '\n'); }

}  // namespace sonde::cli
