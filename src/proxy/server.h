#pragma once

#include <atomic>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "net/signals.h"
#include "proxy/listening.h"
#include "proxy/settings.h"
#include "proxy/successor.h"
#include "proxy/worker.h"

namespace sonde::proxy {

/// The proxy as a whole: workers on their threads, and the signals that say what becomes of them.
///
/// Purpose.  SIGTERM and SIGINT drain, a second one breaks off; SIGHUP reads the configuration
/// again, SIGUSR2 starts a successor with the same listening sockets and drains when it serves.
/// Threads.  The owner's, which run() keeps, and one for each worker.
class Server {
 public:
  struct Hooks {
    /// Reads the configuration again; on failure the old one stays.
    std::function<Result<std::shared_ptr<const Settings>>()> reload;
    /// One line for a person.
    std::function<void(std::string_view text)> say;
  };
  /// Where a worker leaves what it sees, and counts.
  struct Desk {
    ReportSink* reports = nullptr;
    Stats* stats = nullptr;
  };

  /// Blocks the signals of this process; before any thread is started.
  static std::optional<net::SignalReader> take_signals() { return net::SignalReader::make(); }

  /// Listens, at the addresses of the configuration or with what a predecessor has left.
  /// Fails if that cannot be had.
  static Result<std::unique_ptr<Server>> make(std::shared_ptr<const Settings> settings,
                                              std::vector<Desk> desks, Hooks hooks);
  ~Server();
  Server(const Server&) = delete;
  Server& operator=(const Server&) = delete;

  /// Serves until it is told to end, and has.  Blocking.  Yes.
  void run(net::SignalReader& signals);

 private:
  Server(std::shared_ptr<const Settings> settings, std::vector<Desk> desks, Hooks hooks);

  Status listen();
  void start();
  void on_signal(int signal);
  void reload();
  void succeed();
  void on_successor();
  void drain(std::string_view why);
  void stop();
  bool ended() const noexcept { return running_.load(std::memory_order_acquire) == 0; }
  void wait(net::SignalReader& signals);
  std::chrono::nanoseconds now() const noexcept { return clock_.now().monotonic; }

  SystemClock clock_;
  std::shared_ptr<const Settings> settings_;
  const std::vector<Desk> desks_;
  const Hooks hooks_;
  std::atomic<std::uint32_t> connections_ = 0;
  std::vector<std::unique_ptr<Worker>> workers_;
  std::vector<std::thread> threads_;
  std::atomic<std::size_t> running_ = 0;
  Fd ended_;                    ///< An eventfd: readable when a worker has ended.
  std::vector<int> listening_;  ///< Of the workers' listeners, for a successor.
  std::string address_;
  std::unique_ptr<Successor> successor_;
  bool draining_ = false;
  bool stopping_ = false;
  std::chrono::nanoseconds deadline_ = std::chrono::nanoseconds::max();  ///< Of the drain.
};

}  // namespace sonde::proxy
