#include "net/signals.h"

#include <sys/resource.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <utility>

namespace sonde::net {
namespace {

constexpr std::array kCaught{SIGHUP,  SIGINT,  SIGQUIT,  SIGTERM, SIGUSR1,
                             SIGUSR2, SIGTSTP, SIGWINCH, SIGCONT, SIGCHLD};

bool ignored(int signal) noexcept {
  struct sigaction action{};
  return sigaction(signal, nullptr, &action) == 0 && action.sa_handler == SIG_IGN;
}

void set_handler(int signal, void (*handler)(int)) noexcept {
  struct sigaction action{};
  action.sa_handler = handler;
  sigaction(signal, &action, nullptr);
}

}  // namespace

void reset_signals_of_child() noexcept {
  for (int signal = 1; signal < NSIG; ++signal) {
    if (signal != SIGHUP || !ignored(SIGHUP)) set_handler(signal, SIG_DFL);
  }
  sigset_t none;
  sigemptyset(&none);
  pthread_sigmask(SIG_SETMASK, &none, nullptr);
}

std::optional<SignalReader> SignalReader::make() {
  set_handler(SIGPIPE, SIG_IGN);
  set_handler(SIGCHLD, SIG_DFL);  // Ignored, it would hide the server's exit status.
  sigset_t caught;
  sigemptyset(&caught);
  for (const int signal : kCaught) {
    // A blocked signal is queued even if it is ignored: do not block what is to be ignored.
    if (!ignored(signal)) sigaddset(&caught, signal);
  }
  pthread_sigmask(SIG_BLOCK, &caught, nullptr);
  Fd fd(signalfd(-1, &caught, SFD_CLOEXEC | SFD_NONBLOCK));
  if (!fd) return std::nullopt;
  return SignalReader(std::move(fd));
}

std::optional<int> SignalReader::next() noexcept {
  signalfd_siginfo info{};
  if (read(fd_.get(), &info, sizeof info) != sizeof info) return std::nullopt;
  return static_cast<int>(info.ssi_signo);
}

void die_by(int signal) noexcept {
  const rlimit none{};
  setrlimit(RLIMIT_CORE, &none);
  set_handler(signal, SIG_DFL);
  sigset_t only;
  sigemptyset(&only);
  sigaddset(&only, signal);
  kill(getpid(), signal);
  pthread_sigmask(SIG_UNBLOCK, &only, nullptr);
}

}  // namespace sonde::net
