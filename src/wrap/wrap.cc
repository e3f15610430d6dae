#include "wrap/wrap.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <csignal>
#include <cstdio>
#include <memory>
#include <string>
#include <utility>

#include "base/clock.h"
#include "base/long_turns.h"
#include "base/loop_clock.h"
#include "base/random.h"
#include "net/child_process.h"
#include "net/pipe.h"
#include "net/process_watch.h"
#include "net/signals.h"
#include "net/stream_end.h"
#include "wrap/forward_lane.h"
#include "wrap/keeper.h"
#include "wrap/life_events.h"
#include "wrap/session.h"
#include "wrap/splice_lane.h"
#include "wrap/stderr_tap.h"
#include "wrap/supervisor.h"
#include "wrap/surroundings.h"
#include "wrap/watch.h"

namespace sonde::wrap {
namespace {

constexpr int kCannotStart = 127;
/// What the server wrote to stderr before it ended has so long to get out.
constexpr std::chrono::nanoseconds kStderrDrainMax = std::chrono::milliseconds(200);

// One line for a person, unless stderr is full: nothing waits for it.
void say(std::string_view text) {
  const std::string line = "sonde wrap: " + std::string(text) + '\n';
  pollfd entry{.fd = STDERR_FILENO, .events = POLLOUT, .revents = 0};
  if (poll(&entry, 1, 0) == 1) (void)!write(STDERR_FILENO, line.data(), line.size());
}

// Descriptors 0 to 2 must exist, lest a pipe of ours get their numbers.
void fill_standard_streams() {
  int fd = 0;
  do {
    fd = open("/dev/null", O_RDWR);
  } while (fd >= 0 && fd <= STDERR_FILENO);
  if (fd > STDERR_FILENO) close(fd);
}

// Takes a standard stream and leaves /dev/null in its place, so that a stray byte of ours
// cannot get into the session.
Fd take_standard(int number) {
  Fd taken(fcntl(number, F_DUPFD_CLOEXEC, STDERR_FILENO + 1));
  const Fd null(open("/dev/null", O_RDWR | O_CLOEXEC));
  if (!taken || !null) return Fd(number);
  dup2(null.get(), number);
  return taken;
}

/// What makes the ids of our pulses unlike those of any client.
std::string pulse_token(Random& random) {
  std::array<char, 17> text{};
  std::snprintf(text.data(), text.size(), "%016llx",
                static_cast<unsigned long long>(random.next()));
  return text.data();
}

/// One run: the parts in the order in which they must be there.
class Run {
 public:
  Run(const WrapOptions& options, recorder::Recorder::Setup setup, net::SignalReader signals)
      : options_(options),
        signals_(std::move(signals)),
        parent_(net::watch_parent()),
        surroundings_(surroundings_of(options.environment, options.inject, clock_.now(), random_)),
        recorder_(std::move(setup), clock_,
                  {.queue_records_max = options.limits.queue_records_max,
                   .queue_bytes_max = options.limits.queue_bytes_max}) {}

  int run() {
    net::ChildCommand command{.arguments = options_.command,
                              .environment = surroundings_.environment};
    const bool kept = prepare_to_keep(command);
    life_ = {.command = options_.command,
             .added = surroundings_.added,
             .correlation_id = surroundings_.context.correlation_id};
    auto child = net::spawn_child(command);
    if (!child) return give_up(child.error());
    recording_ = recorder_.start();
    life_.pid = child->pid;
    life_.started_at = clock_.now().wall;
    recorder_.record(start_event(life_));
    return relay(std::move(*child), kept ? &command : nullptr);
  }

 private:
  bool switched_on() const noexcept {
    return options_.limits.pulse.count() > 0 || options_.limits.restart != RestartPolicy::kNever;
  }

  // A server that may be followed by another writes to a stderr that outlives it.
  bool prepare_to_keep(net::ChildCommand& command) {
    if (!switched_on()) return false;
    auto errors = net::make_pipe(net::Nonblocking::kNo);
    auto down = net::make_pipe(net::Nonblocking::kYes);
    auto up = net::make_pipe(net::Nonblocking::kYes);
    if (!errors || !down || !up) {
      say("--pulse and --restart are off: no file descriptor left (see ulimit -n)");
      return false;
    }
    fcntl(errors->reader.get(), F_SETFL, O_NONBLOCK);
    errors_ = std::move(*errors);
    down_ = std::move(*down);
    up_ = std::move(*up);
    command.errors = errors_.writer.get();
    return true;
  }

  int give_up(const net::SpawnFailure& failure) {
    say(failure.message);
    // Where the system gives no process, it would not give the recorder what it needs.
    if (failure.system_lacks) return failure.exit_code;
    recording_ = recorder_.start();
    recorder_.record(no_start_event(life_, failure.exit_code, failure.message, clock_.now()));
    return leave(W_EXITCODE(failure.exit_code, 0));
  }

  int relay(net::ChildProcess child, const net::ChildCommand* kept) {
    Session session(recorder_, random_,
                    {.environment = surroundings_.context, .host_session_id = host_session_id()},
                    {.inject = options_.inject,
                     .now = clock_.now().monotonic,
                     .heartbeat = options_.limits.heartbeat});
    auto client_in = net::StreamEnd::adopt_reader(take_standard(STDIN_FILENO));
    auto client_out = net::StreamEnd::adopt_writer(take_standard(STDOUT_FILENO));
    const bool input_is_file = client_in.kind() == net::StreamEnd::Kind::kFile;

    StderrTap errors(net::StreamEnd::of_pipe(std::move(kept ? errors_.reader : child.errors)),
                     net::StreamEnd::adopt_writer(Fd(fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3))),
                     clock_);
    const bool threaded = errors.start();
    const pid_t server = child.pid;
    // The other lanes end at the server, or at whoever keeps it.
    auto server_in = net::StreamEnd::of_pipe(std::move(kept ? down_.writer : child.input));
    auto server_out = net::StreamEnd::of_pipe(std::move(kept ? up_.reader : child.output));
    const auto keeper = kept ? keep(*kept, std::move(child), session, errors) : nullptr;

    Watch to_server_watch(Direction::kToServer, session);
    Watch to_client_watch(Direction::kToClient, session, &session.result_hasher());
    const auto to_server =
        lane_to_server(std::move(client_in), std::move(server_in), session, to_server_watch);
    ForwardLane to_client(std::move(server_out), std::move(client_out), to_client_watch,
                          loop_clock_, {.grow_input = true});
    session.result_hasher().hold_from(to_client.buffers());
    session.answers_through(to_client);

    Supervisor supervisor({.to_server = *to_server,
                           .to_client = to_client,
                           .errors = threaded ? nullptr : &errors.lane(),
                           .keeper = keeper.get(),
                           .session = session,
                           .signals = signals_,
                           .parent = std::move(parent_),
                           .server = server,
                           .input_is_file = input_is_file,
                           .clock = loop_clock_},
                          options_.limits);
    // Now that the server and all threads have been started; its successors would inherit it.
    if (!keeper) ask_for_long_turns();
    const Supervisor::Outcome outcome = supervisor.run();
    return finish(outcome, session, errors, keeper.get());
  }

  std::unique_ptr<Keeper> keep(const net::ChildCommand& command, net::ChildProcess child,
                               Session& session, StderrTap& errors) {
    auto keeper = std::make_unique<Keeper>(
        Keeper::Parts{.command = command,
                      .errors = std::move(errors_.writer),
                      .life = life_,
                      .session = session,
                      .stderr_tap = errors,
                      .clock = loop_clock_,
                      .random = random_,
                      .from_client = net::StreamEnd::of_pipe(std::move(down_.reader)),
                      .to_client = net::StreamEnd::of_pipe(std::move(up_.writer))},
        options_.limits, options_.pulse,
        Conversation::Options{.token = pulse_token(random_),
                              .tap_version = options_.tap_version,
                              .open_max = options_.limits.outstanding_max});
    keeper->adopt(std::move(child));
    return keeper;
  }

  std::unique_ptr<Lane> lane_to_server(net::StreamEnd in, net::StreamEnd out, Session& session,
                                       Watch& watch) {
    if (!options_.inject) {
      return std::make_unique<ForwardLane>(std::move(in), std::move(out), watch, loop_clock_,
                                           ForwardOptions{.grow_output = true});
    }
    const std::chrono::nanoseconds wait_max =
        recording_ ? options_.limits.config_wait_max : std::chrono::nanoseconds(0);
    return std::make_unique<SpliceLane>(
        std::move(in), std::move(out), session, session, loop_clock_,
        SpliceLane::Options{.splice = {}, .gate_wait_max = wait_max});
  }

  int finish(const Supervisor::Outcome& outcome, Session& session, StderrTap& errors,
             const Keeper* keeper) {
    const auto lines = errors.finish(clock_.now().monotonic + kStderrDrainMax);
    const Moment now = clock_.now();
    session.end(now, outcome.client_left ? "client_closed" : "server_exit");
    session.stats().add(Stat::kBytesStderr, errors.bytes());
    if (keeper == nullptr || !keeper->end_told()) {
      recorder_.record(
          exit_event(keeper ? keeper->life() : life_,
                     {.wait_status = outcome.wait_status,
                      .asked_for = outcome.asked_for,
                      .answered = keeper ? keeper->server_heard() : session.server_heard(),
                      .last_stderr = lines},
                     now));
    }
    return leave(outcome.wait_status);
  }

  // As the server did.  A hanging sink must not hang the process: its thread is left
  // where it is, so nothing may be destroyed.
  int leave(int wait_status) {
    const std::chrono::nanoseconds deadline = clock_.now().monotonic + options_.limits.flush_max;
    const bool clean = !recording_ || recorder_.stop(deadline);
    if (WIFSIGNALED(wait_status)) net::die_by(WTERMSIG(wait_status));
    const int code =
        WIFSIGNALED(wait_status) ? 128 + WTERMSIG(wait_status) : WEXITSTATUS(wait_status);
    if (!clean) _exit(code);
    return code;
  }

  const WrapOptions& options_;
  SystemClock clock_;  ///< For other threads.
  LoopClock loop_clock_;
  Random random_;
  net::SignalReader signals_;
  Fd parent_;
  Surroundings surroundings_;
  recorder::Recorder recorder_;
  bool recording_ = false;  ///< The recorder has a thread.
  Life life_;
  // For a server that is kept; else there are none.
  net::Pipe errors_;
  net::Pipe down_;
  net::Pipe up_;
};

}  // namespace

int run(const WrapOptions& options, recorder::Recorder::Setup setup) {
  fill_standard_streams();
  auto signals = net::SignalReader::make();
  if (!signals) {
    say("cannot start the server: no file descriptor left (see ulimit -n)");
    return kCannotStart;
  }
  return Run(options, std::move(setup), std::move(*signals)).run();
}

}  // namespace sonde::wrap
