#include "proxy/server.h"

#include <poll.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>

#include "base/random.h"
#include "net/sd_notify.h"

namespace sonde::proxy {
namespace {

/// What is left after a drain is broken off; then this long until the process ends all the same.
constexpr std::chrono::seconds kStopMax{2};

/// Descriptors that are not for connections: listeners, logs, the resolver, those told that there
/// are too many.
constexpr rlim_t kOtherDescriptors = 64;

/// As many connections as there are descriptors for, two each.
std::uint32_t connections_max(const ProxyConfig& config) {
  rlimit limit{};
  if (::getrlimit(RLIMIT_NOFILE, &limit) != 0) return config.connections_max;
  limit.rlim_cur = limit.rlim_max;
  ::setrlimit(RLIMIT_NOFILE, &limit);
  const rlim_t left = limit.rlim_cur > 2 * kOtherDescriptors ? limit.rlim_cur - kOtherDescriptors
                                                             : limit.rlim_cur / 2;
  return static_cast<std::uint32_t>(std::min<rlim_t>(config.connections_max, left / 2));
}

std::vector<Fd> inherited() {
  const char* const numbers =
      std::getenv(Successor::kSocketsVariable);  // NOLINT(concurrency-mt-unsafe)
  return numbers == nullptr ? std::vector<Fd>() : inherited_sockets(numbers);
}

/// The sockets among `left` that listen where `address` says; they are taken out.
std::vector<Fd> take_for(const std::string& address, std::vector<Fd>& left) {
  std::vector<Fd> taken;
  for (Fd& socket : left) {
    const std::string at = address_of(socket.get());
    // With port 0 whatever port was given once is meant.
    const bool any_port = address.ends_with(":0");
    const std::string host = address.substr(0, address.rfind(':'));
    const bool same = at == address || (any_port && at.substr(0, at.rfind(':')) == host);
    if (same) taken.push_back(std::move(socket));
  }
  std::erase_if(left, [](const Fd& socket) { return !socket; });
  return taken;
}

}  // namespace

Server::Server(std::shared_ptr<const Settings> settings, std::vector<Desk> desks, Hooks hooks)
    : settings_(std::move(settings)),
      desks_(std::move(desks)),
      hooks_(std::move(hooks)),
      ended_(::eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK)) {
  Random random;
  const std::uint64_t secret = random.next();
  const auto count = static_cast<std::uint32_t>(desks_.size());
  const std::uint32_t connections_limit = std::max(connections_max(settings_->config), 1U);
  for (std::uint32_t i = 0; i < count; ++i) {
    Worker::Options options{.index = i,
                            .secret = secret,
                            .connections_max = connections_limit,
                            .connections = &connections_,
                            .report_failure = [this](std::string_view name, std::string_view what) {
                              hooks_.say(std::string(name) + " ended: " + std::string(what));
                            }};
    workers_.push_back(std::make_unique<Worker>(std::move(options), settings_, *desks_[i].reports,
                                                *desks_[i].stats));
  }
}

Server::~Server() {
  for (std::thread& thread : threads_) {
    if (thread.joinable()) thread.join();
  }
}

Result<std::unique_ptr<Server>> Server::make(std::shared_ptr<const Settings> settings,
                                             std::vector<Desk> desks, Hooks hooks) {
  std::unique_ptr<Server> server(
      new Server(std::move(settings), std::move(desks), std::move(hooks)));
  if (!server->ended_) return fail(Errc::kUnavailable, "no descriptors are left");
  if (Status listening = server->listen(); !listening) return fail(std::move(listening).error());
  return server;
}

Status Server::listen() {
  const ProxyConfig& config = settings_->config;
  std::vector<Fd> left = inherited();
  const auto open = [&](const std::string& address, std::uint32_t count) -> Result<Listening> {
    std::vector<Fd> taken = take_for(address, left);
    if (taken.empty()) return listen_at(address, count);
    const std::string at = address_of(taken.front().get());
    return Listening{.address = at, .sockets = std::move(taken)};
  };
  auto main = open(config.listen, static_cast<std::uint32_t>(workers_.size()));
  if (!main) return fail(std::move(main).error());
  address_ = main->address;
  // There may be more sockets than workers, or fewer: none may be left without one.
  for (std::size_t i = 0; i < main->sockets.size(); ++i) {
    listening_.push_back(main->sockets[i].get());
    workers_[i % workers_.size()]->listen(std::move(main->sockets[i]));
  }
  if (config.health_listen.empty()) return {};
  auto health = open(config.health_listen, 1);
  if (!health) return fail(std::move(health).error());
  for (Fd& socket : health->sockets) {
    listening_.push_back(socket.get());
    workers_.front()->listen(std::move(socket), true);
  }
  return {};
}

void Server::start() {
  running_ = workers_.size();
  for (const auto& worker : workers_) {
    threads_.emplace_back([this, &serving = *worker] {
      pthread_setname_np(pthread_self(), "sonde-worker");
      serving.run();
      running_.fetch_sub(1, std::memory_order_release);
      const std::uint64_t one = 1;
      [[maybe_unused]] const ssize_t written = ::write(ended_.get(), &one, sizeof one);
    });
  }
  hooks_.say("proxy: listening on " + std::string(settings_->tls ? "https://" : "http://") +
             address_);
  net::tell_service_manager("READY=1");
  tell_predecessor();
}

void Server::run(net::SignalReader& signals) {
  start();
  while (!ended()) wait(signals);
}

void Server::wait(net::SignalReader& signals) {
  std::array<pollfd, 3> polled = {
      {{.fd = signals.fd(), .events = POLLIN, .revents = 0},
       {.fd = ended_.get(), .events = POLLIN, .revents = 0},
       {.fd = successor_ ? successor_->fd() : -1, .events = POLLIN, .revents = 0}}};
  int timeout = -1;
  if (deadline_ != std::chrono::nanoseconds::max()) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline_ - now());
    timeout = static_cast<int>(std::max<std::int64_t>(left.count(), 0));
  }
  ::poll(polled.data(), polled.size(), timeout);
  while (const auto signal = signals.next()) on_signal(*signal);
  if (polled[1].revents != 0) {
    std::uint64_t count = 0;
    [[maybe_unused]] const ssize_t size = ::read(ended_.get(), &count, sizeof count);
  }
  if (successor_ && polled[2].revents != 0) on_successor();
  if (now() >= deadline_) stop();
}

void Server::on_signal(int signal) {
  switch (signal) {
    case SIGTERM:
    case SIGINT:
    case SIGQUIT:
      if (draining_) return stop();
      net::tell_service_manager("STOPPING=1");
      return drain("told to end");
    case SIGHUP:
      return reload();
    case SIGUSR2:
      return succeed();
    case SIGCHLD:
      while (::waitpid(-1, nullptr, WNOHANG) > 0) {
      }
      return;
    default:
      return;
  }
}

void Server::reload() {
  net::tell_service_manager("RELOADING=1");
  auto settings = hooks_.reload();
  if (!settings) {
    hooks_.say("proxy: the configuration stays as it was: " + settings.error().message());
  } else {
    settings_ = *std::move(settings);
    for (const auto& worker : workers_) {
      worker->post([&used = *worker, fresh = settings_] { used.use(fresh); });
    }
    hooks_.say("proxy: the configuration was read again");
  }
  net::tell_service_manager("READY=1");
}

void Server::succeed() {
  if (draining_ || successor_) return;
  auto successor = Successor::start(listening_);
  if (!successor) return hooks_.say("proxy: no successor: " + successor.error().message());
  successor_ = *std::move(successor);
}

void Server::on_successor() {
  const bool serves = successor_->serves();
  const pid_t pid = successor_->pid();
  successor_ = nullptr;
  if (!serves) return hooks_.say("proxy: the successor has ended; this process goes on");
  net::tell_service_manager("MAINPID=" + std::to_string(pid));
  drain("process " + std::to_string(pid) + " serves");
}

void Server::drain(std::string_view why) {
  draining_ = true;
  hooks_.say("proxy: " + std::string(why) + ", open exchanges may end");
  deadline_ = now() + settings_->config.drain_max;
  for (const auto& worker : workers_) {
    worker->post([&drained = *worker] { drained.drain(); });
  }
}

void Server::stop() {
  // A worker that does not even end its clients is left to the process's end.
  if (stopping_ && now() >= deadline_) ::_exit(1);
  draining_ = stopping_ = true;
  deadline_ = now() + kStopMax;
  for (const auto& worker : workers_) {
    worker->post([&stopped = *worker] { stopped.stop(); });
  }
}

}  // namespace sonde::proxy
