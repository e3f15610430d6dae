#include "wrap/wrap.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <csignal>
#include <memory>
#include <utility>

#include "base/clock.h"
#include "base/long_turns.h"
#include "base/loop_clock.h"
#include "base/random.h"
#include "net/child_process.h"
#include "net/process_watch.h"
#include "net/signals.h"
#include "net/stream_end.h"
#include "wrap/forward_lane.h"
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

Event start_event(const WrapOptions& options, const Surroundings& surroundings, pid_t pid,
                  Moment now) {
  Event event;
  event.type = Event::Type::kServerStart;
  event.at = now.wall;
  event.correlation_id = surroundings.context.correlation_id;
  event.pid = pid;
  event.command = options.command;
  event.environment = surroundings.added;
  return event;
}

Event exit_event(const Event& start, int wait_status, Moment now) {
  Event event;
  event.type = Event::Type::kServerExit;
  event.at = now.wall;
  event.correlation_id = start.correlation_id;
  event.pid = start.pid;
  event.uptime = now.wall - start.at;
  if (WIFSIGNALED(wait_status)) {
    event.signal = WTERMSIG(wait_status);
    event.message = "the server was ended by signal " + std::to_string(*event.signal);
  } else {
    event.exit_code = WEXITSTATUS(wait_status);
    event.message = "the server ended with exit code " + std::to_string(*event.exit_code);
  }
  return event;
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
    auto child =
        net::spawn_child({.arguments = options_.command, .environment = surroundings_.environment});
    if (!child) return give_up(child.error());
    recording_ = recorder_.start();
    start_ = start_event(options_, surroundings_, child->pid, clock_.now());
    recorder_.record(Event(start_));
    return relay(std::move(*child));
  }

 private:
  int give_up(const net::SpawnFailure& failure) {
    say(failure.message);
    // Where the system gives no process, it would not give the recorder what it needs.
    if (failure.system_lacks) return failure.exit_code;
    recording_ = recorder_.start();
    Event event = start_event(options_, surroundings_, 0, clock_.now());
    event.type = Event::Type::kServerExit;
    event.pid.reset();
    event.exit_code = failure.exit_code;
    event.message = failure.message;
    recorder_.record(std::move(event));
    return leave(W_EXITCODE(failure.exit_code, 0));
  }

  int relay(net::ChildProcess child) {
    Session session(recorder_, random_,
                    {.environment = surroundings_.context, .host_session_id = host_session_id()},
                    options_.inject);
    auto client_in = net::StreamEnd::adopt_reader(take_standard(STDIN_FILENO));
    auto client_out = net::StreamEnd::adopt_writer(take_standard(STDOUT_FILENO));
    const bool input_is_file = client_in.kind() == net::StreamEnd::Kind::kFile;

    StderrTap errors(net::StreamEnd::of_pipe(std::move(child.errors)),
                     net::StreamEnd::adopt_writer(Fd(fcntl(STDERR_FILENO, F_DUPFD_CLOEXEC, 3))),
                     clock_);
    const bool threaded = errors.start();
    Watch to_server_watch(Direction::kToServer, session);
    Watch to_client_watch(Direction::kToClient, session, &session.result_hasher());
    const auto to_server =
        lane_to_server(std::move(client_in), net::StreamEnd::of_pipe(std::move(child.input)),
                       session, to_server_watch);
    ForwardLane to_client(net::StreamEnd::of_pipe(std::move(child.output)), std::move(client_out),
                          to_client_watch, loop_clock_, {.grow_input = true});
    session.result_hasher().hold_from(to_client.buffers());
    session.answers_through(to_client);

    Supervisor supervisor({.to_server = *to_server,
                           .to_client = to_client,
                           .errors = threaded ? nullptr : &errors.lane(),
                           .session = session,
                           .signals = signals_,
                           .parent = std::move(parent_),
                           .server = child.pid,
                           .input_is_file = input_is_file,
                           .clock = loop_clock_},
                          options_.limits);
    ask_for_long_turns();  // Now that the server and all threads have been started.
    const Supervisor::Outcome outcome = supervisor.run();
    return finish(outcome, session, errors);
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

  int finish(const Supervisor::Outcome& outcome, Session& session, StderrTap& errors) {
    const auto lines = errors.finish(clock_.now().monotonic + kStderrDrainMax);
    const Moment now = clock_.now();
    session.end(now, outcome.client_left ? "client_closed" : "server_exit");
    session.stats().add(Stat::kBytesStderr, errors.bytes());
    Event event = exit_event(start_, outcome.wait_status, now);
    event.last_stderr = lines;
    recorder_.record(std::move(event));
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
  Event start_;
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
