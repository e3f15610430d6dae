#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "http/head_reader.h"
#include "net/connection.h"
#include "net/wakeup.h"
#include "proxy/answer.h"
#include "proxy/deadlines.h"

namespace sonde::proxy {

class Exchange;
class Worker;

/// One connection of a client: its requests, one after the other.
///
/// Limits.  One request at a time; of the next ones at most kAheadBytesMax are read ahead, which
/// is how the client's going away is noticed.
/// Threads.  That of its worker.  Lifetime.  Of its coroutine, which owns it.
class Client final : public Timed {
 public:
  static constexpr std::size_t kAheadBytesMax = std::size_t{16} * 1024;

  /// What its requests may be.
  enum class Serves : std::uint8_t {
    kAll,
    kHealth,  ///< Only how we are: of the socket that is there for it.
    kExcess,  ///< The same, because there are too many connections; all else is told so.
  };

  /// Serves a connection until it ends.
  static net::Task<void> serve(std::unique_ptr<Client> client);

  Client(Worker& worker, std::shared_ptr<net::Connection> connection, Serves serves);
  ~Client() override;

  /// No further request will be served: ends now if none is under way.
  void drain();
  /// Ends now, whatever is under way.
  void stop();
  std::size_t index = 0;  ///< Among its worker's clients.

  // For its exchange.
  /// Unique in this process, and never 0.
  std::uint64_t number() const noexcept { return number_; }
  net::Connection& connection() noexcept { return *connection_; }
  std::string& input() noexcept { return input_; }
  net::Wakeup& wakeup() noexcept { return wakeup_; }
  bool stopped() const noexcept { return stopped_; }
  Serves serves() const noexcept { return serves_; }
  /// Whether the deadline has passed since the last call.
  bool take_timeout() noexcept { return std::exchange(timed_out_, false); }
  /// Reads what is there; false if nothing can come any more.
  bool read_ahead();
  void on_deadline() override;

 private:
  enum class Reading : std::uint8_t { kWaits, kDone, kRefused, kSlow, kEnded };

  net::Task<void> run();
  void begin_head();
  bool may_go();
  Reading read_head();
  Reading wait_for_head();
  std::string last_words(Reading reading) const;
  bool keeps(Exchange& exchange);
  net::Task<void> send_all(std::string bytes);
  net::Task<void> linger();

  Worker& worker_;
  const std::uint64_t number_;
  std::shared_ptr<net::Connection> connection_;
  const Serves serves_;
  net::Wakeup wakeup_;
  std::string input_;  ///< Read, and not used yet.
  std::unique_ptr<http::HeadReader> head_;
  bool served_ = false;       ///< There was a request before.
  bool grace_given_ = false;  ///< Of a drain.
  bool begun_ = false;        ///< A part of the head has come.
  bool timed_out_ = false;
  bool draining_ = false;
  bool stopped_ = false;
};

}  // namespace sonde::proxy
