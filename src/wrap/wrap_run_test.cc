#include <fcntl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <chrono>
#include <csignal>
#include <fstream>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "privacy/scrubber.h"
#include "wrap/wrap.h"

namespace sonde::wrap {
namespace {

using namespace std::chrono_literals;
using recorder::Outlets;
using recorder::Recorder;

// Appends a line per entry to a file, because run() lives in a process of its own.
class FileSink final : public sinks::Sink {
 public:
  explicit FileSink(std::string path) : path_(std::move(path)) {}

  Status write(std::span<const sinks::Entry> batch, Moment) override {
    std::ofstream file(path_, std::ios::app);
    for (const sinks::Entry& entry : batch) file << line_of(entry) << '\n';
    return {};
  }
  Status close(Moment) override { return {}; }

 private:
  static std::string line_of(const sinks::Entry& entry) {
    if (const auto* call = std::get_if<CallRecord>(&entry)) {
      return std::string(to_string(call->status)) + ' ' + call->tool_name +
             (call->error_type.empty() ? "" : ' ' + call->error_type);
    }
    const auto& event = std::get<Event>(entry);
    return std::string(to_string(event.type)) +
           (event.exit_code ? ' ' + std::to_string(*event.exit_code) : "");
  }

  std::string path_;
};

Recorder::Setup setup_with_sink(const std::string& path, std::chrono::milliseconds after = 0ms) {
  return [path, after](Stats& stats) {
    if (after > 0ms) usleep(static_cast<useconds_t>(after.count()) * 1000);
    Outlets made;
    made.tap = std::make_shared<TapIdentity>();
    made.scrubber =
        std::move(*privacy::Scrubber::make({}, {}, privacy::HashKey::ephemeral(), stats));
    made.sinks.push_back(std::make_unique<FileSink>(path));
    return made;
  };
}

Outlets never_ready(Stats&) {
  for (;;) pause();
}

/// What became of one wrap::run in a process of its own.
struct Ran {
  std::string out;
  int status = 0;
  std::chrono::nanoseconds took{};
  std::vector<std::string> entries;
};

class Runner {
 public:
  Runner() { path_ += std::to_string(getpid()); }
  ~Runner() { unlink(path_.c_str()); }

  const std::string& sink_path() const { return path_; }

  Ran run(const std::string& script, std::string_view input, const Recorder::Setup& setup,
          WrapOptions options = {}) {
    options.command = {"/bin/sh", "-c", script};
    options.environment.emplace_back("PATH=/usr/bin:/bin");
    int in[2];
    int out[2];
    REQUIRE((pipe(in) == 0 && pipe(out) == 0));
    const auto begin = std::chrono::steady_clock::now();
    const pid_t pid = fork();
    if (pid == 0) become_wrap(in, out, options, setup);
    close(in[0]);
    close(out[1]);
    REQUIRE(write(in[1], input.data(), input.size()) == static_cast<ssize_t>(input.size()));
    close(in[1]);
    Ran ran;
    ran.out = read_all(out[0]);
    close(out[0]);
    waitpid(pid, &ran.status, 0);
    ran.took = std::chrono::steady_clock::now() - begin;
    std::ifstream file(path_);
    for (std::string line; std::getline(file, line);) ran.entries.push_back(line);
    return ran;
  }

 private:
  [[noreturn]] static void become_wrap(const int (&in)[2], const int (&out)[2],
                                       const WrapOptions& options, const Recorder::Setup& setup) {
    dup2(in[0], 0);
    dup2(out[1], 1);
    for (const int fd : {in[0], in[1], out[0], out[1]}) close(fd);
    dup2(open("/dev/null", O_WRONLY), 2);
    for (int signal = 1; signal < NSIG; ++signal) std::signal(signal, SIG_DFL);
    _exit(wrap::run(options, setup));
  }

  static std::string read_all(int fd) {
    std::string all;
    char buffer[4096];
    for (ssize_t n; (n = read(fd, buffer, sizeof buffer)) > 0;) {
      all.append(buffer, static_cast<std::size_t>(n));
    }
    return all;
  }

  std::string path_ = "/tmp/sonde-wrap-test-";
};

constexpr std::string_view kCall =
    "{\"jsonrpc\":\"2.0\",\"id\":1,\"method\":\"tools/call\",\"params\":{\"name\":\"t\"}}\n";
const std::string kAnswer =
    R"(read line; echo '{"jsonrpc":"2.0","id":1,"result":{"content":[]}}'; )";

TEST_CASE("a run is recorded from start to exit", "[wrap][run]") {
  Runner runner;
  const Ran ran = runner.run(kAnswer + "exit 5", kCall, setup_with_sink(runner.sink_path()));
  CHECK(ran.out == "{\"jsonrpc\":\"2.0\",\"id\":1,\"result\":{\"content\":[]}}\n");
  CHECK(WEXITSTATUS(ran.status) == 5);
  CHECK(ran.entries == std::vector<std::string>{"server.start", "ok t", "server.exit 5"});
}

TEST_CASE("a call that is open when the server ends is aborted", "[wrap][run]") {
  Runner runner;
  const Ran ran =
      runner.run("read line; kill -KILL $$", kCall, setup_with_sink(runner.sink_path()));
  CHECK(WTERMSIG(ran.status) == SIGKILL);
  REQUIRE(ran.entries.size() == 3);
  CHECK(ran.entries[1].starts_with("aborted t"));
}

TEST_CASE("a command that cannot be started is recorded as an exit", "[wrap][run]") {
  Runner runner;
  WrapOptions options;
  const Ran ran =
      runner.run("exec /no/such/program", "", setup_with_sink(runner.sink_path()), options);
  CHECK(WEXITSTATUS(ran.status) == 127);
  REQUIRE_FALSE(ran.entries.empty());
  CHECK(ran.entries.back() == "server.exit 127");
}

TEST_CASE("a configuration that never comes makes wrap a plain pipe", "[wrap][run]") {
  Runner runner;
  const Ran ran = runner.run("cat; exit 3", kCall, never_ready);
  CHECK(ran.out == kCall);  // Unspliced.
  CHECK(WEXITSTATUS(ran.status) == 3);
  CHECK(ran.took < 5s);
}

TEST_CASE("a signal is passed on even if the recorder hangs", "[wrap][run]") {
  Runner runner;
  const Ran ran = runner.run("kill -TERM $$", "", never_ready);
  CHECK(WIFSIGNALED(ran.status));
  CHECK(WTERMSIG(ran.status) == SIGTERM);
}

TEST_CASE("the first request waits for the configuration and is spliced", "[wrap][run]") {
  Runner runner;
  WrapOptions options;
  options.limits.config_wait_max = 5s;
  const Ran ran = runner.run("cat", kCall, setup_with_sink(runner.sink_path(), 30ms), options);
  CHECK(ran.out.find("traceparent") != std::string::npos);
}

TEST_CASE("a configuration that comes late costs the first splice only", "[wrap][run]") {
  Runner runner;
  const std::string again = "head -1; sleep 0.6; cat";
  const Ran ran = runner.run(again, kCall, setup_with_sink(runner.sink_path(), 300ms));
  CHECK(ran.out == kCall);
}

TEST_CASE("graces hold though the client left before they were known", "[wrap][run]") {
  Runner runner;
  const Recorder::Setup late = [inner = setup_with_sink(runner.sink_path(), 200ms)](Stats& stats) {
    Outlets made = inner(stats);
    made.settings.wrap.eof_grace = 250ms;
    made.settings.wrap.kill_grace = 100ms;
    return made;
  };
  const Ran ran = runner.run("trap '' TERM; while :; do sleep 0.05; done", "", late);
  CHECK(WTERMSIG(ran.status) == SIGKILL);
  CHECK(ran.took < 1400ms);  // The default grace alone is longer.
}

TEST_CASE("without injection the stream and the environment are untouched", "[wrap][run]") {
  Runner runner;
  WrapOptions options;
  options.inject = false;
  const Ran ran = runner.run("cat; env | grep -cE 'TRACEPARENT|SONDE'", kCall,
                             setup_with_sink(runner.sink_path()), options);
  CHECK(ran.out == std::string(kCall) + "0\n");
}

}  // namespace
}  // namespace sonde::wrap
