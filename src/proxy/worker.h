#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/intrusive/list.hpp>

#include "base/loop_clock.h"
#include "base/random.h"
#include "base/stats.h"
#include "http/head_reader.h"
#include "jsonrpc/scanner.h"
#include "net/listener.h"
#include "net/spawn.h"
#include "proxy/deadlines.h"
#include "proxy/dial.h"
#include "proxy/exchange_buffers.h"
#include "proxy/exchange_tap.h"
#include "proxy/settings.h"
#include "proxy/stamper.h"
#include "proxy/upstream_pool.h"

namespace sonde::proxy {

class Client;

/// Heads are read into buffers that only requests under way need: lent, and given back.
class HeadReaders {
 public:
  explicit HeadReaders(http::Side side) : side_(side) {}
  std::unique_ptr<http::HeadReader> lend(const ProxyConfig& config);
  void give_back(std::unique_ptr<http::HeadReader> reader);

 private:
  static constexpr std::size_t kSpareMax = 64;
  http::Side side_;
  std::vector<std::unique_ptr<http::HeadReader>> spare_;
};

/// One thread of the data path: an event loop, its listener, its clients and its connections to
/// upstreams.  Nothing of it is shared with another thread.
///
/// Threads.  All but the constructor, post() and counters are of the thread that calls run().
/// Failure.  A client that fails is closed and counted; the worker goes on.
class Worker {
 public:
  struct Options {
    std::uint32_t index = 0;
    std::uint64_t secret = 0;                           ///< The same for all workers; see Stamper.
    std::uint32_t connections_max = 0;                  ///< Of all workers together.
    std::atomic<std::uint32_t>* connections = nullptr;  ///< How many there are, likewise.
    net::ReportFailure report_failure;                  ///< Of a coroutine: a fault of ours.
  };

  Worker(Options options, std::shared_ptr<const Settings> settings, ReportSink& reports,
         Stats& stats);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  /// Takes a listening socket; before run().  `health_only`: nothing goes to an upstream.
  void listen(Fd socket, bool health_only = false);
  /// Serves until it is stopped, or drained to the end.
  void run();
  /// Runs `what` on this thread.  From any thread.
  void post(std::function<void()> what);

  // On this thread, by post().
  void use(std::shared_ptr<const Settings> settings);
  /// Accepts no more, closes what is idle; run() returns when the last exchange has ended.
  void drain();
  /// Breaks off what is left.
  void stop();
  bool draining() const noexcept { return draining_; }

  // What clients and exchanges use.
  net::asio::io_context& io() noexcept { return io_; }
  const LoopClock& clock() const noexcept { return clock_; }
  const std::shared_ptr<const Settings>& settings() const noexcept { return settings_; }
  std::span<char> scratch() noexcept { return {scratch_.get(), kScratchBytes}; }
  UpstreamPool& pool() noexcept { return pool_; }
  Addresses& addresses() noexcept { return addresses_; }
  HeadReaders& request_heads() noexcept { return request_heads_; }
  HeadReaders& response_heads() noexcept { return response_heads_; }
  SpareBuffers& buffers() noexcept { return buffers_; }
  const TapTools& tap_tools() const noexcept { return tap_tools_; }
  Stats& stats() noexcept { return stats_; }
  std::uint64_t next_exchange() noexcept { return ++exchanges_; }
  /// Has its deadline looked at.
  void watch(Timed& timed);
  void joined(Client& client);
  void left(Client& client) noexcept;

 private:
  static constexpr std::size_t kScratchBytes = std::size_t{64} * 1024;

  void accept(net::Tcp::socket socket, bool health_only);
  void tick();
  void end_if_done();

  const Options options_;
  net::asio::io_context io_;
  LoopClock clock_;
  Random random_;
  std::shared_ptr<const Settings> settings_;
  Stats& stats_;
  std::unique_ptr<char[]> scratch_;  ///< What was read last, until the next read of any client.
  Deadlines deadlines_;
  UpstreamPool pool_;
  Addresses addresses_;
  HeadReaders request_heads_{http::Side::kRequest};
  HeadReaders response_heads_{http::Side::kResponse};
  SpareBuffers buffers_;
  Stamper stamper_;
  jsonrpc::Scanner scanner_;
  std::string scan_copy_;
  DenyGate gate_;
  TapTools tap_tools_;
  std::vector<std::unique_ptr<net::Listener>> listeners_;
  net::asio::executor_work_guard<net::asio::io_context::executor_type> work_;  ///< Until drained.
  net::asio::steady_timer ticker_;
  bool ticking_ = false;  ///< Only while anything has a deadline.
  std::vector<Client*> clients_;
  std::uint64_t exchanges_;
  bool draining_ = false;
};

}  // namespace sonde::proxy
