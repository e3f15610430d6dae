#include "wrap/keeper.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <utility>

#include "mcp/health_event.h"
#include "net/descendants.h"
#include "net/process_watch.h"

namespace sonde::wrap {
namespace {

using std::chrono::milliseconds;
using std::chrono::nanoseconds;

/// What a dead server has said is read so long, should somebody hold its stdout.
constexpr nanoseconds kDrainMax = milliseconds(100);
/// Between the end of a stream and that of its server.
constexpr nanoseconds kLingerMax = std::chrono::seconds(2);
/// A server that ran for so long did not crash because it was started.
constexpr nanoseconds kSettled = std::chrono::minutes(1);

bool crashed(int wait_status) noexcept {
  return WIFSIGNALED(wait_status) || WEXITSTATUS(wait_status) != 0;
}

}  // namespace

Keeper::Keeper(Parts parts, const WrapConfig& config, const PulseConfig& pulse,
               Conversation::Options conversation)
    : parts_(std::move(parts)),
      config_(config),
      pulse_(pulse),
      conversation_(std::move(conversation), parts_.session.stats()),
      to_server_(Direction::kToServer, conversation_),
      to_client_(Direction::kToClient, conversation_),
      health_({.failures_max = pulse.failures_max}),
      backoff_({.first = milliseconds(250), .max = milliseconds(30'000)}) {
  to_server_.connect_input(std::move(parts_.from_client));
  to_client_.connect_output(std::move(parts_.to_client));
  if (config_.pulse > milliseconds(0)) {
    pulse_due_ = parts_.clock.now().monotonic + config_.pulse;
  }
}

void Keeper::adopt(net::ChildProcess child) {
  parts_.life.pid = child.pid;
  to_server_.connect_output(net::StreamEnd::of_pipe(std::move(child.input)));
  to_client_.connect_input(net::StreamEnd::of_pipe(std::move(child.output)));
}

/// The switches stand on the command line; numbers may stand in the file, too.
void Keeper::learn_limits() {
  if (limits_known_ || !parts_.session.open()) return;
  limits_known_ = true;
  const recorder::DataPathSettings& settings = *parts_.session.settings();
  pulse_ = settings.pulse;
  config_.restarts_max = settings.wrap.restarts_max;
  health_ = mcp::ServerHealth({.failures_max = pulse_.failures_max});
}

bool Keeper::may_restart() const noexcept {
  return config_.restart == RestartPolicy::kOnCrash && !client_gone_ &&
         restarts_.size() < config_.restarts_max;
}

bool Keeper::server_ended(int wait_status) {
  const nanoseconds now = parts_.clock.now().monotonic;
  last_status_ = wait_status;
  while (!restarts_.empty() && restarts_.front() + kWindow < now) restarts_.pop_front();
  parts_.session.server_up(false);
  pulse_sent_.reset();
  if (!may_restart() || !crashed(wait_status)) {
    phase_ = Phase::kOver;
    return false;
  }
  why_ = std::exchange(hung_, false) ? "the server did not answer any more and was killed"
                                     : how_it_ended(wait_status);
  phase_ = Phase::kDying;
  due_ = now + kDrainMax;
  return true;
}

void Keeper::client_gone() {
  client_gone_ = true;
  if (phase_ == Phase::kDying || phase_ == Phase::kWaiting) give_up();
}

void Keeper::give_up() {
  phase_ = Phase::kOver;
  due_ = Time::max();
}

void Keeper::step() {
  learn_limits();
  const Moment now = parts_.clock.now();
  if (phase_ == Phase::kDying) await_last_words(now);
  if (phase_ == Phase::kWaiting && now.monotonic >= due_) start(now);
  if (phase_ == Phase::kReplaying) {
    if (conversation_.replay() == Conversation::Replay::kAnswered) {
      finish_start(now);
    } else if (conversation_.replay() == Conversation::Replay::kRefused || now.monotonic >= due_) {
      due_ = now.monotonic + kReplayMax;
      kill_server();
    }
  }
  if (phase_ == Phase::kRunning) ask(now);
  to_client_.inject(conversation_.take_answers());
  pass_ends_on(now.monotonic);
}

/// One side has closed a stream: the other is to see it, unless that is how a crash begins.
void Keeper::pass_ends_on(Time now) {
  if (to_server_.input_ended()) to_server_.finish();
  if (to_client_.broken()) to_client_.finish();
  if (phase_ == Phase::kOver) {
    to_server_.finish();
    if (to_client_.input_ended()) to_client_.finish();
    return;
  }
  if (phase_ == Phase::kDying || phase_ == Phase::kWaiting) return;
  if (!to_client_.input_ended() && !to_server_.broken()) {
    linger_due_ = Time::max();
    return;
  }
  if (linger_due_ == Time::max()) linger_due_ = may_restart() ? now + kLingerMax : now;
  if (now < linger_due_) return;
  if (to_client_.input_ended()) to_client_.finish();
  if (to_server_.broken()) to_server_.finish();
}

void Keeper::ask(Moment now) {
  if (pulse_sent_) {
    const Time took = now.monotonic - *pulse_sent_;
    const bool answered = conversation_.pulse_answered();
    if (!answered && took < pulse_.timeout) return;
    pulse_due_ = std::max(now.monotonic, *pulse_sent_ + config_.pulse);
    pulse_sent_.reset();
    using Kind = mcp::PulseResult::Kind;
    return take({.kind = answered ? Kind::kAnswer : Kind::kTimeout, .took = took}, now);
  }
  if (now.monotonic < pulse_due_) return;
  pulse_due_ = now.monotonic + config_.pulse;
  if (conversation_.server_heard()) health_.seen_up();
  // Whatever it is at work on, nobody works while stopped.
  if (net::is_stopped(server())) {
    return take({.kind = mcp::PulseResult::Kind::kTimeout, .detail = "the process is stopped"},
                now);
  }
  if (!conversation_.idle() || !to_server_.at_rest() || to_server_.input_ended()) return;
  to_server_.inject(conversation_.pulse());
  pulse_sent_ = now.monotonic;
}

void Keeper::take(const mcp::PulseResult& result, Moment now) {
  const bool changed = health_.take(result);
  if (changed) parts_.session.on_event(mcp::health_event(health_, result, now.wall));
  parts_.session.on_event(mcp::pulse_event(health_, result, now.wall));
  parts_.session.server_up(health_.state() != ServerState::kDown);
  if (health_.state() != ServerState::kDown || !may_restart()) return;
  hung_ = true;
  kill_server();
}

void Keeper::kill_server() {
  if (server() > 0) kill(-server(), SIGKILL);
}

/// What the server has answered before it ended is not to be answered with an error.
void Keeper::await_last_words(Moment now) {
  const bool all_said = to_client_.input_ended() && to_client_.at_rest();
  if (!all_said && now.monotonic < due_) return;
  if (to_client_.waits() == Lane::Waits::kForOutput) {
    due_ = now.monotonic + kDrainMax;  // A client that reads slowly.
    return;
  }
  bury(now);
}

void Keeper::bury(Moment now) {
  // What it has left behind might hold a port or a lock that the next one needs.
  net::signal_all(net::descendants_of(getpid()), SIGKILL);
  to_client_.lose_input();
  to_server_.lose_output();
  to_server_.pause();
  to_client_.inject(conversation_.server_gone(why_));
  parts_.session.on_event(exit_event(parts_.life,
                                     {.wait_status = last_status_,
                                      .answered = conversation_.server_heard(),
                                      .last_stderr = parts_.stderr_tap.take_recent()},
                                     now));
  end_told_ = true;
  if (now.wall - parts_.life.started_at > kSettled) backoff_.reset();
  phase_ = Phase::kWaiting;
  due_ = now.monotonic + backoff_.next(parts_.random);
}

void Keeper::start(Moment now) {
  if (!may_restart()) return give_up();
  restarts_.push_back(now.monotonic);
  auto child = net::spawn_child(parts_.command);
  if (!child) {
    due_ = now.monotonic + backoff_.next(parts_.random);
    return;
  }
  adopt(std::move(*child));
  parts_.life.started_at = now.wall;
  end_told_ = false;
  ++restarts_in_all_;
  const auto replay = conversation_.begin_replay();
  if (!replay) return finish_start(now);
  to_server_.inject(*replay);
  phase_ = Phase::kReplaying;
  due_ = now.monotonic + kReplayMax;
}

void Keeper::finish_start(Moment now) {
  to_server_.inject(conversation_.finish_replay());
  to_server_.resume();
  to_client_.inject(conversation_.notice(why_));
  health_.restarted();
  parts_.session.server_up(true);
  parts_.session.on_event(restarted_event(parts_.life, restarts_in_all_, why_, now));
  phase_ = Phase::kRunning;
  due_ = Time::max();
  if (config_.pulse > milliseconds(0)) pulse_due_ = now.monotonic + config_.pulse;
}

std::chrono::nanoseconds Keeper::next_due() const {
  if (phase_ == Phase::kOver) return Time::max();
  const Time next = std::min(due_, linger_due_);
  if (phase_ != Phase::kRunning) return next;
  return std::min(next, pulse_sent_ ? *pulse_sent_ + pulse_.timeout : pulse_due_);
}

}  // namespace sonde::wrap
