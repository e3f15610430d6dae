#include "pulse/pulser.h"

#include <algorithm>
#include <system_error>
#include <thread>
#include <utility>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <pthread.h>

#include "base/random.h"
#include "mcp/health_event.h"
#include "net/spawn.h"
#include "pulse/http_run.h"

namespace sonde::pulse {

namespace asio = net::asio;
using net::Task;
using std::chrono::nanoseconds;

namespace {

constexpr int kFractions = 1000;
/// Of an interval, that is chance.
constexpr int kJitter = 10;

/// Between `from` and `to` thousandths of `whole`.
nanoseconds part_of(nanoseconds whole, int from, int to, Random& random) {
  const auto span = static_cast<std::uint64_t>(to - from) + 1;
  const auto thousandths = from + static_cast<int>(random.next() % span);
  return whole / kFractions * thousandths;
}

/// A target, and what is known of it.  Shared by the coroutine that asks it, which ends soon
/// after `over` is set.
struct Watched {
  Watched(asio::io_context& io, const PulseConfig& config, Target what)
      : target(std::move(what)),
        interval(config.interval),
        timeout(config.timeout),
        pulse(target.asks),
        health({.failures_max = config.failures_max}),
        timer(io) {}

  const Target target;
  const nanoseconds interval;
  const nanoseconds timeout;
  mcp::HttpPulse pulse;
  mcp::ServerHealth health;
  asio::steady_timer timer;
  bool over = false;
};

bool same_server(const Target& a, const Target& b) {
  return a.authority == b.authority && a.tap->server_name == b.tap->server_name;
}

}  // namespace

struct Pulser::State {
  void use(const PulseConfig& config, std::vector<Target> targets);
  Task<void> watch(std::shared_ptr<Watched> one);
  void take(Watched& one, const mcp::PulseResult& result);
  void tell(const Watched& one, Event&& event);

  Tell tell_owner;
  SystemClock clock;
  Random random;
  asio::io_context io{1};
  asio::executor_work_guard<asio::io_context::executor_type> work{io.get_executor()};
  std::vector<std::shared_ptr<Watched>> watched;
  net::ReportFailure ignore_failure = [](std::string_view, std::string_view) {};
  std::thread thread;
};

void Pulser::State::use(const PulseConfig& config, std::vector<Target> targets) {
  auto before = std::exchange(watched, {});
  for (const auto& one : before) {
    one->over = true;
    one->timer.cancel();
  }
  if (config.interval <= nanoseconds(0)) return;
  for (Target& target : targets) {
    auto one = std::make_shared<Watched>(io, config, std::move(target));
    const auto known = std::ranges::find_if(
        before, [&](const auto& other) { return same_server(other->target, one->target); });
    if (known != before.end()) one->health = (*known)->health;
    watched.push_back(one);
    net::spawn(io.get_executor(), "pulse", watch(std::move(one)), ignore_failure);
  }
}

Task<void> Pulser::State::watch(std::shared_ptr<Watched> one) {
  // The first comes at once in a short interval's measure, and never for all at the same time.
  nanoseconds wait = part_of(one->interval, kFractions / 10, kFractions, random);
  for (;;) {
    one->timer.expires_after(wait);
    co_await one->timer.async_wait(net::kAsTuple);
    if (one->over) co_return;
    HttpRun run(io, one->target, one->pulse, clock);
    const mcp::PulseResult result = co_await run.run(one->timeout);
    if (one->over) co_return;
    take(*one, result);
    wait = part_of(one->interval, kFractions - kFractions / kJitter / 2,
                   kFractions + kFractions / kJitter / 2, random);
  }
}

void Pulser::State::take(Watched& one, const mcp::PulseResult& result) {
  const bool changed = one.health.take(result);
  const nanoseconds now = clock.now().wall;
  if (changed) tell(one, mcp::health_event(one.health, result, now));
  tell(one, mcp::pulse_event(one.health, result, now));
}

void Pulser::State::tell(const Watched& one, Event&& event) {
  event.tap = one.target.tap;
  tell_owner(std::move(event));
}

Pulser::Pulser(const PulseConfig& config, std::vector<Target> targets, Tell tell)
    : state_(std::make_unique<State>()) {
  state_->tell_owner = std::move(tell);
  state_->use(config, std::move(targets));
}

Pulser::~Pulser() { stop(); }

void Pulser::stop() {
  state_->io.stop();
  if (state_->thread.joinable()) state_->thread.join();
}

bool Pulser::start() {
  try {
    state_->thread = std::thread([state = state_.get()] {
      pthread_setname_np(pthread_self(), "sonde-pulse");
      state->io.run();
    });
  } catch (const std::system_error&) {
    return false;
  }
  return true;
}

void Pulser::use(const PulseConfig& config, std::vector<Target> targets) {
  asio::post(state_->io, [state = state_.get(), config, targets = std::move(targets)]() mutable {
    state->use(config, std::move(targets));
  });
}

}  // namespace sonde::pulse
