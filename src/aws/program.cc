#include "aws/program.h"

#include <fcntl.h>
#include <poll.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstddef>
#include <system_error>

#include "base/fd.h"

namespace sonde::aws {
namespace {

constexpr std::size_t kOutputMax = std::size_t{16} * 1024 * 1024;
constexpr int kSignalled = 128;

std::unexpected<Error> system_error(const std::string& what, int error) {
  return fail(Errc::kUnavailable, what + ": " + std::generic_category().message(error));
}

struct Pipe {
  Fd read;
  Fd write;
};

Result<Pipe> make_pipe() {
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC) != 0) return system_error("pipe", errno);
  return Pipe{.read = Fd(ends[0]), .write = Fd(ends[1])};
}

class SpawnActions {
 public:
  SpawnActions() { posix_spawn_file_actions_init(&actions_); }
  ~SpawnActions() { posix_spawn_file_actions_destroy(&actions_); }
  SpawnActions(const SpawnActions&) = delete;
  SpawnActions& operator=(const SpawnActions&) = delete;

  posix_spawn_file_actions_t* get() { return &actions_; }

 private:
  posix_spawn_file_actions_t actions_{};
};

Result<pid_t> spawn(const CommandLine& command, int out, int err) {
  SpawnActions actions;
  posix_spawn_file_actions_addopen(actions.get(), STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  posix_spawn_file_actions_adddup2(actions.get(), out, STDOUT_FILENO);
  posix_spawn_file_actions_adddup2(actions.get(), err, STDERR_FILENO);
  std::vector<char*> words;
  // posix_spawn takes them as not const, and does not write to them.
  for (const std::string& word : command) words.push_back(const_cast<char*>(word.c_str()));
  words.push_back(nullptr);
  pid_t pid = 0;
  const int error =
      posix_spawnp(&pid, words.front(), actions.get(), nullptr, words.data(), environ);
  if (error != 0) return system_error(command.front(), error);
  return pid;
}

/// Reads what there is; false at the end.
bool read_some(const Fd& from, std::string& into) {
  std::array<char, 16 * 1024> buffer{};
  const ssize_t n = read(from.get(), buffer.data(), buffer.size());
  if (n < 0) return errno == EINTR || errno == EAGAIN;
  const auto room = kOutputMax - std::min(kOutputMax, into.size());
  into.append(buffer.data(), std::min(static_cast<std::size_t>(n), room));
  return n > 0;
}

void read_all(Fd out, Fd err, Finished& finished) {
  std::array<pollfd, 2> fds{{{.fd = out.get(), .events = POLLIN, .revents = 0},
                             {.fd = err.get(), .events = POLLIN, .revents = 0}}};
  while (fds[0].fd >= 0 || fds[1].fd >= 0) {
    if (poll(fds.data(), fds.size(), -1) < 0 && errno != EINTR) return;
    if (fds[0].revents != 0 && !read_some(out, finished.out)) fds[0].fd = -1;
    if (fds[1].revents != 0 && !read_some(err, finished.err)) fds[1].fd = -1;
  }
}

}  // namespace

Result<Finished> run_program(const CommandLine& command) {
  auto out = make_pipe();
  if (!out) return fail(std::move(out).error());
  auto err = make_pipe();
  if (!err) return fail(std::move(err).error());
  const auto pid = spawn(command, out->write.get(), err->write.get());
  if (!pid) return fail(pid.error());
  out->write = Fd();
  err->write = Fd();
  Finished finished;
  read_all(std::move(out->read), std::move(err->read), finished);
  int status = 0;
  while (waitpid(*pid, &status, 0) < 0) {
    if (errno != EINTR) return system_error("waitpid", errno);
  }
  finished.exit_code = WIFSIGNALED(status) ? kSignalled + WTERMSIG(status) : WEXITSTATUS(status);
  return finished;
}

std::string shell_text(const CommandLine& command) {
  const auto plain = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("-_./:=@%+,").find(c) != std::string_view::npos;
  };
  std::string out;
  for (const std::string& word : command) {
    if (!out.empty()) out.push_back(' ');
    if (!word.empty() && std::ranges::all_of(word, plain)) {
      out += word;
      continue;
    }
    out.push_back('\'');
    for (const char c : word) out += c == '\'' ? std::string("'\\''") : std::string(1, c);
    out.push_back('\'');
  }
  return out;
}

}  // namespace sonde::aws
