#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "http/head_reader.h"
#include "net/connection.h"
#include "net/wakeup.h"
#include "proxy/answer.h"
#include "proxy/deadlines.h"

namespace sonde::proxy {

class Worker;

/// One connection of a client: its requests, one after the other.
///
/// Limits.  One request at a time; of the next ones at most kAheadBytesMax are read ahead, which
/// is how the client's going away is noticed.
/// Threads.  That of its worker.  Lifetime.  Of its coroutine, which owns it.
class Client final : public Timed {
 public:
  static constexpr std::size_t kAheadBytesMax = std::size_t{16} * 1024;

  /// Serves a connection until it ends.
  static net::Task<void> serve(std::unique_ptr<Client> client);

  Client(Worker& worker, std::shared_ptr<net::Connection> connection, bool health_only);
  ~Client() override;

  /// No further request will be served: ends now if none is under way.
  void drain();
  /// Ends now, whatever is under way.
  void stop();
  std::size_t index = 0;  ///< Among its worker's clients.

  // For its exchange.
  net::Connection& connection() noexcept { return *connection_; }
  std::string& input() noexcept { return input_; }
  net::Wakeup& wakeup() noexcept { return wakeup_; }
  bool stopped() const noexcept { return stopped_; }
  bool health_only() const noexcept { return health_only_; }
  /// Whether the deadline has passed since the last call.
  bool take_timeout() noexcept { return std::exchange(timed_out_, false); }
  /// Reads what is there; false if nothing can come any more.
  bool read_ahead();
  /// Sends an answer of our own; what the client does not take at once waits.
  net::Task<void> send(std::string bytes);

  void on_deadline() override;

 private:
  net::Task<void> run();
  net::Task<bool> read_head();
  net::Task<bool> answer_refusal(http::Refusal refusal);
  net::Task<bool> exchange();
  net::Task<void> linger();
  bool feed_head();

  Worker& worker_;
  std::shared_ptr<net::Connection> connection_;
  const bool health_only_;
  net::Wakeup wakeup_;
  std::string input_;  ///< Read, and not used yet.
  std::unique_ptr<http::HeadReader> head_;
  bool first_ = true;
  bool timed_out_ = false;
  bool draining_ = false;
  bool stopped_ = false;
};

}  // namespace sonde::proxy
