#include "wrap/supervisor.h"

#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <ctime>
#include <iterator>
#include <utility>

#include "net/descendants.h"

namespace sonde::wrap {
namespace {

using std::chrono::nanoseconds;

constexpr nanoseconds kConfigurationPoll = std::chrono::milliseconds(1);
constexpr nanoseconds kLimitsPoll = std::chrono::milliseconds(20);
constexpr pollfd kNoSlot{.fd = -1, .events = 0, .revents = 0};

timespec timespec_of(nanoseconds time) noexcept {
  const auto seconds = std::chrono::floor<std::chrono::seconds>(time);
  return {.tv_sec = seconds.count(), .tv_nsec = (time - seconds).count()};
}

pollfd slot_of(const Lane& lane) noexcept {
  switch (lane.waits()) {
    case Lane::Waits::kForInput:
      return {.fd = lane.fd(), .events = POLLIN, .revents = 0};
    case Lane::Waits::kForOutput:
      return {.fd = lane.fd(), .events = POLLOUT, .revents = 0};
    case Lane::Waits::kForConfiguration:
    case Lane::Waits::kFinished:
      break;
  }
  return kNoSlot;
}

}  // namespace

Supervisor::Supervisor(Parts parts, const WrapConfig& limits)
    : parts_(std::move(parts)), shutdown_(limits) {
  slots_[kSignals] = {.fd = parts_.signals.fd(), .events = POLLIN, .revents = 0};
}

Supervisor::Outcome Supervisor::run() {
  while (!done()) {
    wait();
    if (slots_[kSignals].revents != 0) handle_signals();
    advance_lanes();
    if (parts_.keeper) advance_keeper();
    if (slots_[kParent].revents != 0) on_parent_gone();
    if (overdue_ || timed_out_) on_time();
  }
  // A file that is read to its end is no farewell, but no outage either.
  const bool input_over = parts_.to_server.input_ended() && !parts_.to_server.broken();
  return {.wait_status = status_.value_or(SIGKILL),
          .client_left = client_left_,
          .asked_for = shutdown_.begun() || input_over};
}

bool Supervisor::done() const {
  if (gave_up_) return true;
  if (!status_) return false;
  if (shutdown_.begun() && !childless_) return false;
  // Descendants may hold the server's stdout, and a slow client may still read.
  return client_dead_ || parts_.to_client.waits() == Lane::Waits::kFinished;
}

void Supervisor::wait() {
  fill_slots();
  const auto left = time_left();
  const timespec timeout = timespec_of(left.value_or(nanoseconds(0)));
  const int ready = ppoll(slots_.data(), slots_.size(), left ? &timeout : nullptr, nullptr);
  timed_out_ = ready == 0;
  if (ready < 0) {
    for (pollfd& slot : slots_) slot.revents = 0;
  }
}

void Supervisor::fill_slots() {
  slots_[kToServer] = slot_of(parts_.to_server);
  slots_[kToClient] = slot_of(parts_.to_client);
  slots_[kParent] = {.fd = parts_.parent.get(), .events = POLLIN, .revents = 0};
  slots_[kErrors] = parts_.errors ? slot_of(*parts_.errors) : kNoSlot;
  slots_[kKeptIn] = parts_.keeper ? slot_of(parts_.keeper->to_server()) : kNoSlot;
  slots_[kKeptOut] = parts_.keeper ? slot_of(parts_.keeper->to_client()) : kNoSlot;
}

std::optional<nanoseconds> Supervisor::time_left() {
  nanoseconds next = std::min(parts_.session.next_due(), shutdown_.next());
  if (parts_.keeper) next = std::min(next, parts_.keeper->next_due());
  // The end may begin before the configuration is known, which has a say in it.
  if (shutdown_.begun() && !limits_known_) {
    next = std::min(next, parts_.clock.now().monotonic + kLimitsPoll);
  }
  overdue_ = false;
  const bool configuring = parts_.to_server.waits() == Lane::Waits::kForConfiguration;
  if (next == nanoseconds::max()) {
    if (configuring) return kConfigurationPoll;
    return std::nullopt;
  }
  // When bytes have just moved, the lanes have just looked at the clock.
  const nanoseconds now = moved_ ? parts_.clock.last() : parts_.clock.now().monotonic;
  const nanoseconds left = std::max(next - now, nanoseconds(0));
  overdue_ = left == nanoseconds(0);
  return configuring ? std::min(left, kConfigurationPoll) : left;
}

void Supervisor::advance_lanes() {
  Stats& stats = parts_.session.stats();
  moved_ = false;
  if (slots_[kToServer].revents != 0 ||
      parts_.to_server.waits() == Lane::Waits::kForConfiguration) {
    parts_.to_server.advance();
    const std::uint64_t bytes = parts_.to_server.take_bytes();
    moved_ = bytes > 0;
    heard_client_ = heard_client_ || moved_;
    stats.add(Stat::kBytesToServer, bytes);
    if (parts_.to_server.input_ended() && !parts_.to_server.broken() && !parts_.input_is_file) {
      on_client_gone();
    }
  }
  if (slots_[kToClient].revents != 0) {
    parts_.to_client.advance();
    const std::uint64_t bytes = parts_.to_client.take_bytes();
    moved_ = moved_ || bytes > 0;
    stats.add(Stat::kBytesToClient, bytes);
  }
  if (slots_[kErrors].revents != 0) parts_.errors->advance();
}

/// What passes here has passed, or will pass, the other lanes: it is counted there.
void Supervisor::advance_keeper() {
  Keeper& keeper = *parts_.keeper;
  if (slots_[kKeptIn].revents != 0) keeper.to_server().advance();
  if (slots_[kKeptOut].revents != 0) keeper.to_client().advance();
  keeper.step();
  if (keeper.server() != 0 && keeper.server() != parts_.server) {
    parts_.server = keeper.server();
    childless_ = false;
  }
  expect_no_server();
}

/// None is there, and none will come.
void Supervisor::expect_no_server() {
  if (!parts_.keeper->over() || status_) return;
  status_ = parts_.keeper->last_status();
  reap();
  if (shutdown_.begun()) shutdown_.server_gone(parts_.clock.now().monotonic);
}

void Supervisor::on_client_gone() {
  if (std::exchange(client_left_, true)) return;
  if (parts_.keeper) parts_.keeper->client_gone();
  apply_limits();
  shutdown_.client_gone(parts_.clock.now().monotonic);
  if (status_) shutdown_.server_gone(parts_.clock.now().monotonic);
}

void Supervisor::on_parent_gone() {
  parts_.parent.reset();
  // A launcher may start us and go; a client that has spoken, and dies, is no launcher.
  if (!heard_client_) return;
  client_dead_ = true;
  parts_.to_server.end_input();
  on_client_gone();
}

void Supervisor::handle_signals() {
  while (const auto signal = parts_.signals.next()) {
    switch (*signal) {
      case SIGCHLD:
        reap();
        break;
      case SIGTERM:
        apply_limits();
        if (parts_.keeper) parts_.keeper->client_gone();
        asked_.clear();  // Whoever sends it again means it.
        ask_to_end();
        shutdown_.terminated(parts_.clock.now().monotonic);
        break;
      case SIGTSTP:
        pass_on(SIGTSTP);
        raise(SIGSTOP);
        break;
      default:
        pass_on(*signal);
    }
  }
}

void Supervisor::pass_on(int signal) {
  if (!status_ && parts_.server > 0) {
    kill(-parts_.server, signal);
  } else {
    net::signal_all(net::descendants_of(getpid()), signal);
  }
}

// Each once: a second SIGTERM means "at once" to many servers, who would drop their work.
void Supervisor::ask_to_end() {
  std::vector<pid_t> family = net::descendants_of(getpid());
  std::ranges::sort(family);
  std::vector<pid_t> others;
  std::ranges::set_difference(family, asked_, std::back_inserter(others));
  if (asked_.empty() && !status_ && parts_.server > 0) {
    // The group at once, so that nobody in it can fork away in between.
    kill(-parts_.server, SIGTERM);
    std::erase_if(others, [this](pid_t pid) { return getpgid(pid) == parts_.server; });
  }
  net::signal_all(others, SIGTERM);
  asked_ = std::move(family);
}

void Supervisor::kill_all() {
  if (!status_ && parts_.server > 0) kill(-parts_.server, SIGKILL);
  net::signal_all(net::descendants_of(getpid()), SIGKILL);
}

void Supervisor::reap() {
  for (;;) {
    int status = 0;
    const pid_t pid = waitpid(-1, &status, WNOHANG);
    if (pid == 0) return;
    if (pid < 0) {
      childless_ = true;
      return;
    }
    if (pid != parts_.server) continue;
    if (parts_.keeper && parts_.keeper->server_ended(status)) {
      parts_.server = 0;
      continue;
    }
    status_ = status;
    shutdown_.server_gone(parts_.clock.now().monotonic);
  }
}

void Supervisor::on_time() {
  if (shutdown_.begun()) apply_limits();
  const Moment now = parts_.clock.now();
  parts_.session.tick(now);
  switch (shutdown_.due(now.monotonic)) {
    case Shutdown::Action::kNothing:
      break;
    case Shutdown::Action::kTerminate:
      ask_to_end();
      break;
    case Shutdown::Action::kKill:
      kill_all();
      reap();
      break;
    case Shutdown::Action::kGiveUp:
      gave_up_ = true;
      break;
  }
}

void Supervisor::apply_limits() {
  if (limits_known_ || !parts_.session.open()) return;
  limits_known_ = true;
  shutdown_.set_limits(parts_.session.settings()->wrap);
}

}  // namespace sonde::wrap
