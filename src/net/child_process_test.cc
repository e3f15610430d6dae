#include "net/child_process.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <thread>

#include "net/descendants.h"
#include "net/pipe.h"
#include "net/process_watch.h"

namespace sonde::net {
namespace {

ChildCommand shell(const std::string& script) {
  return {.arguments = {"/bin/sh", "-c", script}, .environment = {"PATH=/usr/bin:/bin", "A=1"}};
}

std::string read_all(int fd) {
  std::string all;
  char buffer[4096];
  for (;;) {
    const ssize_t n = read(fd, buffer, sizeof buffer);
    if (n > 0) all.append(buffer, static_cast<std::size_t>(n));
    if (n == 0) return all;
    if (n < 0 && errno != EAGAIN) return all;
  }
}

int status_of(pid_t pid) {
  int status = 0;
  REQUIRE(waitpid(pid, &status, 0) == pid);
  return status;
}

TEST_CASE("a child gets its arguments, its environment and three streams", "[net][child]") {
  auto child = spawn_child(shell("read line; echo out $line $A; echo err >&2; exit 7"));
  REQUIRE(child);
  REQUIRE(write(child->input.get(), "in\n", 3) == 3);
  CHECK(read_all(child->output.get()) == "out in 1\n");
  CHECK(read_all(child->errors.get()) == "err\n");
  CHECK(WEXITSTATUS(status_of(child->pid)) == 7);
}

TEST_CASE("a child can be given a stderr that is the caller's", "[net][child]") {
  auto errors = make_pipe(Nonblocking::kNo);
  REQUIRE(errors);
  for (const char* const word : {"one", "two"}) {
    ChildCommand command = shell(std::string("echo ") + word + " >&2");
    command.errors = errors->writer.get();
    auto child = spawn_child(command);
    REQUIRE(child);
    CHECK_FALSE(child->errors);
    CHECK(WEXITSTATUS(status_of(child->pid)) == 0);
  }
  errors->writer.reset();
  CHECK(read_all(errors->reader.get()) == "one\ntwo\n");
}

TEST_CASE("a process that was stopped is told from one that sleeps", "[net][child]") {
  auto child = spawn_child(shell("read line"));
  REQUIRE(child);
  CHECK_FALSE(is_stopped(child->pid));
  kill(child->pid, SIGSTOP);
  int status = 0;
  REQUIRE(waitpid(child->pid, &status, WUNTRACED) == child->pid);
  CHECK(is_stopped(child->pid));
  kill(child->pid, SIGKILL);
  status_of(child->pid);
  CHECK_FALSE(is_stopped(child->pid));
}

TEST_CASE("a child has no descriptor but its three", "[net][child]") {
  const int stray = fcntl(0, F_DUPFD, 50);  // Without close-on-exec, as careless parents do.
  auto child = spawn_child(shell("ls /proc/self/fd | wc -l"));
  REQUIRE(child);
  // 0, 1, 2 and the folder that ls itself has opened.
  CHECK(read_all(child->output.get()).starts_with("4"));
  status_of(child->pid);
  close(stray);
}

TEST_CASE("a child leads a group of its own", "[net][child]") {
  auto child = spawn_child(shell("sleep 100"));
  REQUIRE(child);
  CHECK(getpgid(child->pid) == child->pid);
  kill(-child->pid, SIGKILL);
  CHECK(WTERMSIG(status_of(child->pid)) == SIGKILL);
}

TEST_CASE("a program that is not there is reported as a shell would", "[net][child]") {
  while (waitpid(-1, nullptr, 0) > 0) continue;  // Orphans of other tests are ours.
  auto missing = spawn_child({.arguments = {"no-such-program-here"}, .environment = {}});
  REQUIRE(!missing);
  CHECK(missing.error().exit_code == 127);
  CHECK(missing.error().message.find("no-such-program-here") != std::string::npos);

  auto text = spawn_child({.arguments = {"/etc/passwd"}, .environment = {}});
  REQUIRE(!text);
  CHECK(text.error().exit_code == 126);
  CHECK(waitpid(-1, nullptr, WNOHANG) == -1);  // Nothing is left behind.
}

TEST_CASE("too few descriptors are a failure with a message, and no process", "[net][child]") {
  const pid_t tester = fork();
  if (tester == 0) {
    const rlimit few{.rlim_cur = 8, .rlim_max = 8};
    setrlimit(RLIMIT_NOFILE, &few);
    const auto child = spawn_child(shell("true"));
    const bool told = !child && child.error().exit_code == 127 &&
                      child.error().message.find("ulimit -n") != std::string::npos;
    _exit(told && waitpid(-1, nullptr, WNOHANG) == -1 ? 0 : 1);
  }
  CHECK(status_of(tester) == 0);
}

// What a child is told of its signals when its parent ignores and blocks these.
std::string signals_of_child(const std::vector<int>& ignored) {
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const pid_t parent = fork();  // Dispositions and mask are the process's: not ours to change.
  if (parent == 0) {
    sigset_t all;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, nullptr);
    for (const int number : ignored) signal(number, SIG_IGN);
    auto child = spawn_child(shell("exec grep -E 'SigBlk|SigIgn' /proc/self/status"));
    const std::string status = child ? read_all(child->output.get()) : "";
    (void)!write(ends[1], status.data(), status.size());
    _exit(0);
  }
  close(ends[1]);
  std::string status = read_all(ends[0]);
  close(ends[0]);
  status_of(parent);
  return status;
}

TEST_CASE("a child has default dispositions and no signal blocked", "[net][child]") {
  CHECK(signals_of_child({SIGPIPE, SIGCHLD, SIGINT, SIGQUIT, SIGTERM, SIGUSR1, SIGRTMAX}) ==
        "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n");
}

TEST_CASE("a child keeps of what its parent ignores the SIGHUP only", "[net][child]") {
  CHECK(signals_of_child({SIGHUP, SIGPIPE}) ==
        "SigBlk:\t0000000000000000\nSigIgn:\t0000000000000001\n");
}

TEST_CASE("a child dies with the process that started it, even by SIGKILL", "[net][child]") {
  // We adopt what the parent leaves behind, so that we can wait for it.
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  int ends[2];
  REQUIRE(pipe(ends) == 0);
  const pid_t parent = fork();
  if (parent == 0) {
    auto child = spawn_child(shell("exec sleep 100"));
    (void)!write(ends[1], &child->pid, sizeof child->pid);
    pause();
  }
  pid_t child = 0;
  REQUIRE(read(ends[0], &child, sizeof child) == sizeof child);
  kill(parent, SIGKILL);
  status_of(parent);
  CHECK(WTERMSIG(status_of(child)) == SIGKILL);
  close(ends[0]);
  close(ends[1]);
}

TEST_CASE("descendants are found though they have left group and session", "[net][descendants]") {
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  auto child =
      spawn_child(shell("setsid -f sleep 100; sh -c 'setsid sleep 100 & wait' & echo; wait"));
  REQUIRE(child);
  std::vector<pid_t> family;
  // sh, sleep (orphaned, ours now), sh, sleep.
  for (int tries = 0; family.size() < 4 && tries < 1000; ++tries) {
    std::this_thread::yield();
    family = descendants_of(getpid());
  }
  CHECK(family.size() == 4);
  signal_all(family, SIGKILL);
  while (waitpid(-1, nullptr, 0) > 0) continue;
  CHECK(descendants_of(getpid()).empty());
}

}  // namespace
}  // namespace sonde::net
