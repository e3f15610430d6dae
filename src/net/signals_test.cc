#include "net/signals.h"

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>

namespace sonde::net {
namespace {

// A SignalReader changes the whole process, so each test has one of its own.
template <class Body>
int status_of_process(Body body) {
  const pid_t pid = fork();
  if (pid == 0) {
    body();
    _exit(0);
  }
  int status = 0;
  waitpid(pid, &status, 0);
  return status;
}

void expect(bool condition) {
  if (!condition) _exit(1);
}

TEST_CASE("signals are read instead of killing", "[net][signals]") {
  const int status = status_of_process([] {
    auto reader = SignalReader::make();
    expect(reader.has_value());
    expect(!reader->next());
    kill(getpid(), SIGTERM);
    kill(getpid(), SIGUSR1);
    expect(reader->next() == SIGUSR1);
    expect(reader->next() == SIGTERM);
    expect(!reader->next());
  });
  CHECK(status == 0);
}

TEST_CASE("a signal that was to be ignored stays ignored", "[net][signals]") {
  const int status = status_of_process([] {
    signal(SIGHUP, SIG_IGN);  // As nohup does.
    auto reader = SignalReader::make();
    kill(getpid(), SIGHUP);
    expect(!reader->next());
  });
  CHECK(status == 0);
}

TEST_CASE("a child is given its signals back", "[net][signals]") {
  for (const int number : {SIGPIPE, SIGTERM}) {  // One that the reader ignores, one it blocks.
    const int status = status_of_process([number] {
      auto reader = SignalReader::make();
      reset_signals_of_child();
      kill(getpid(), number);
    });
    CAPTURE(number);
    CHECK(WIFSIGNALED(status));
    CHECK(WTERMSIG(status) == number);
  }
}

TEST_CASE("a process can die as its child did, without a core file", "[net][signals]") {
  const int status = status_of_process([] {
    const auto reader = SignalReader::make();
    die_by(SIGSEGV);
  });
  REQUIRE(WIFSIGNALED(status));
  CHECK(WTERMSIG(status) == SIGSEGV);
  CHECK_FALSE(WCOREDUMP(status));
}

}  // namespace
}  // namespace sonde::net
