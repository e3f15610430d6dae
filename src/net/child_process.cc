#include "net/child_process.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstring>
#include <optional>
#include <utility>

#include "net/pipe.h"
#include "net/signals.h"

namespace sonde::net {
namespace {

constexpr int kNotFound = 127;
constexpr int kNotExecutable = 126;

struct ChildPipes {
  Pipe input;
  Pipe output;
  Pipe errors;
  Pipe exec_error;  ///< Closed by a successful exec, else it carries errno.
};

std::optional<ChildPipes> make_pipes(bool own_errors) {
  auto input = make_pipe(Nonblocking::kNo);
  auto output = make_pipe(Nonblocking::kNo);
  auto errors = own_errors ? make_pipe(Nonblocking::kNo) : Pipe();
  auto exec_error = make_pipe(Nonblocking::kNo);
  if (!input || !output || !errors || !exec_error) return std::nullopt;
  return ChildPipes{std::move(*input), std::move(*output), std::move(*errors),
                    std::move(*exec_error)};
}

std::vector<char*> pointers_to(const std::vector<std::string>& texts) {
  std::vector<char*> pointers;
  pointers.reserve(texts.size() + 1);
  // execve() promises not to write through them.
  for (const std::string& text : texts) pointers.push_back(const_cast<char*>(text.c_str()));
  pointers.push_back(nullptr);
  return pointers;
}

void close_all_above_stderr(int except) noexcept {
  const auto kept = static_cast<unsigned>(except);
  const bool below = kept == 3 || syscall(SYS_close_range, 3U, kept - 1, 0) == 0;
  if (below && syscall(SYS_close_range, kept + 1, ~0U, 0) == 0) return;
  const long limit = sysconf(_SC_OPEN_MAX);
  for (int fd = 3; fd < limit; ++fd) {
    if (fd != except) close(fd);
  }
}

// dup2() onto itself would leave close-on-exec set, so an end that happens to have the
// number it is to get is moved away first.
bool take_stream(int from, int number) noexcept {
  if (from == number) return fcntl(from, F_SETFD, 0) == 0;
  return dup2(from, number) == number;
}

// Between fork and exec: nothing but system calls.
[[noreturn]] void become(const ChildPipes& pipes, int errors, char** argv, char** envp,
                         pid_t parent) noexcept {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(kNotFound);  // It died before it could be watched.
  if (take_stream(pipes.input.reader.get(), STDIN_FILENO) &&
      take_stream(pipes.output.writer.get(), STDOUT_FILENO) && take_stream(errors, STDERR_FILENO)) {
    close_all_above_stderr(pipes.exec_error.writer.get());
    reset_signals_of_child();
    execvpe(argv[0], argv, envp);
  }
  const int error = errno;
  (void)!write(pipes.exec_error.writer.get(), &error, sizeof error);
  _exit(kNotFound);
}

// 0 if the program was loaded.
int exec_error(int fd) noexcept {
  int error = 0;
  ssize_t n = 0;
  do {
    n = read(fd, &error, sizeof error);
  } while (n < 0 && errno == EINTR);
  return n == sizeof error ? error : 0;
}

SpawnFailure describe_exec(const std::string& program, int error) {
  const std::string start = "cannot start '" + program + "': ";
  if (error == ENOENT && program.find('/') == std::string::npos) {
    return {.exit_code = kNotFound, .message = start + "no such program in PATH"};
  }
  if (error == ENOENT && access(program.c_str(), F_OK) == 0) {
    return {.exit_code = kNotFound,
            .message = start + "the interpreter named in its first line does not exist"};
  }
  if (error == ENOENT || error == ENOTDIR)
    return {.exit_code = kNotFound, .message = start + "no such file"};
  if (error == EACCES)
    return {.exit_code = kNotExecutable, .message = start + "it is not executable (chmod +x?)"};
  return {.exit_code = kNotExecutable, .message = start + strerrordesc_np(error)};
}

SpawnFailure describe_lack(const char* doing, int error) {
  std::string message =
      std::string("cannot start the server: ") + doing + ": " + strerrordesc_np(error);
  if (error == EMFILE || error == ENFILE) message += " (see ulimit -n)";
  if (error == EAGAIN) message += " (see ulimit -u, or the pids limit of the container)";
  return {.exit_code = kNotFound, .system_lacks = true, .message = std::move(message)};
}

void set_nonblocking(int fd) noexcept { fcntl(fd, F_SETFL, fcntl(fd, F_GETFL) | O_NONBLOCK); }

}  // namespace

std::expected<ChildProcess, SpawnFailure> spawn_child(const ChildCommand& command) {
  auto pipes = make_pipes(command.errors < 0);
  if (!pipes) return std::unexpected(describe_lack("pipe", errno));
  const std::vector<char*> argv = pointers_to(command.arguments);
  const std::vector<char*> envp = pointers_to(command.environment);
  prctl(PR_SET_CHILD_SUBREAPER, 1);

  const pid_t parent = getpid();
  const pid_t pid = fork();
  if (pid < 0) return std::unexpected(describe_lack("fork", errno));
  if (pid == 0) {
    const int errors = command.errors < 0 ? pipes->errors.writer.get() : command.errors;
    become(*pipes, errors, const_cast<char**>(argv.data()), const_cast<char**>(envp.data()),
           parent);
  }
  setpgid(pid, pid);  // Here too: whoever comes first, the group is there before it is used.
  pipes->exec_error.writer.reset();
  if (const int error = exec_error(pipes->exec_error.reader.get())) {
    waitpid(pid, nullptr, 0);
    return std::unexpected(describe_exec(command.arguments.front(), error));
  }
  ChildProcess child{.pid = pid,
                     .input = std::move(pipes->input.writer),
                     .output = std::move(pipes->output.reader),
                     .errors = std::move(pipes->errors.reader)};
  set_nonblocking(child.input.get());
  set_nonblocking(child.output.get());
  if (child.errors) set_nonblocking(child.errors.get());
  return child;
}

}  // namespace sonde::net
