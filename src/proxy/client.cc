#include "proxy/client.h"

#include <utility>

#include "proxy/exchange.h"
#include "proxy/worker.h"

namespace sonde::proxy {
namespace {

/// A client that still writes would see a reset instead of our last words.
constexpr std::chrono::seconds kLinger{1};
/// For the first request of a connection that came while we were told to end.
constexpr std::chrono::seconds kFreshGrace{1};
constexpr std::size_t kLingerBytesMax = std::size_t{1024} * 1024;

}  // namespace

net::Task<void> Client::serve(std::unique_ptr<Client> client) { co_await client->run(); }

Client::Client(Worker& worker, std::shared_ptr<net::Connection> connection, Serves serves)
    : worker_(worker),
      number_(worker.next_exchange()),
      connection_(std::move(connection)),
      serves_(serves) {
  connection_->wakes(&wakeup_);
  worker_.joined(*this);
}

Client::~Client() {
  connection_->close();
  worker_.left(*this);
}

void Client::on_deadline() {
  deadline = std::chrono::nanoseconds::max();
  timed_out_ = true;
  net::asio::post(worker_.io(), [connection = connection_, this] {
    if (!connection->closed()) wakeup_.wake();
  });
}

void Client::drain() {
  draining_ = true;
  net::asio::post(worker_.io(), [connection = connection_, this] {
    if (!connection->closed()) wakeup_.wake();
  });
}

void Client::stop() {
  stopped_ = true;
  drain();
}

net::Task<void> Client::run() {
  for (bool more = true; more;) {
    begin_head();
    Reading reading = read_head();
    while (reading == Reading::kWaits) {
      if (!wakeup_.take()) co_await wakeup_.sleep();
      reading = wait_for_head();
    }
    if (reading != Reading::kDone) {
      std::string words = last_words(reading);
      if (!words.empty()) {
        co_await send_all(std::move(words));
        co_await linger();
      }
      break;
    }
    served_ = true;
    Exchange exchange(worker_, *this, std::move(head_));
    while (!exchange.advance()) {
      if (!wakeup_.take()) co_await wakeup_.sleep();
    }
    if (exchange.has_own_answer()) co_await send_all(exchange.take_own_answer());
    if (exchange.after() == Exchange::After::kLinger) co_await linger();
    more = keeps(exchange);
  }
  if (head_) worker_.request_heads().give_back(std::move(head_));
}

void Client::begin_head() {
  const ProxyConfig& config = worker_.settings()->config;
  begun_ = false;
  deadline = worker_.clock().last() + (served_ ? config.idle_timeout : config.head_timeout);
}

/// In a drain a connection that waits for its next request is over.  One that has just come may
/// have its request under way: it gets a moment.
bool Client::may_go() {
  if (!draining_) return false;
  if (served_) return true;
  if (std::exchange(grace_given_, true)) return false;
  deadline = std::min(deadline, worker_.clock().now().monotonic + kFreshGrace);
  return false;
}

/// Reads what there is of a head; where it is not all, asks for more.
Client::Reading Client::read_head() {
  if (!head_) head_ = worker_.request_heads().lend(worker_.settings()->config);
  for (;;) {
    if (!input_.empty()) input_.erase(0, head_->feed(input_));
    if (head_->state() == http::State::kDone) return Reading::kDone;
    if (head_->state() == http::State::kRefused) return Reading::kRefused;
    if (!begun_ && head_->bytes() > 0) {
      begun_ = true;
      deadline = worker_.clock().now().monotonic + worker_.settings()->config.head_timeout;
    }
    if (stopped_ || (may_go() && !begun_)) return Reading::kEnded;
    if (!connection_->readable()) break;
    if (!read_ahead()) return Reading::kEnded;
  }
  // Who only waits holds no buffer.
  if (!begun_) worker_.request_heads().give_back(std::move(head_));
  connection_->ask_readable();
  return Reading::kWaits;
}

Client::Reading Client::wait_for_head() {
  if (take_timeout()) return begun_ ? Reading::kSlow : Reading::kEnded;
  return read_head();
}

std::string Client::last_words(Reading reading) const {
  if (reading == Reading::kSlow) {
    worker_.stats().add(Stat::kConnectionsTimedOut);
    return to_bytes(plain_answer(408, "the request came too slowly"), true, false);
  }
  if (reading != Reading::kRefused) return {};
  worker_.stats().add(Stat::kRequestsRefused);
  return to_bytes(refuse(head_->refusal()), true, false);
}

/// What has become of the connection after an exchange.
bool Client::keeps(Exchange& exchange) {
  if (exchange.after() == Exchange::After::kBreak) connection_->close();
  return exchange.after() == Exchange::After::kKeep && !draining_;
}

bool Client::read_ahead() {
  const std::span<char> scratch = worker_.scratch();
  while (connection_->readable() && input_.size() < kAheadBytesMax) {
    const net::IoResult result = connection_->read(scratch);
    if (result.state == net::IoResult::State::kMoved) {
      input_.append(scratch.data(), result.bytes);
    } else if (result.state == net::IoResult::State::kEnd ||
               result.state == net::IoResult::State::kBroken) {
      return false;
    }
  }
  return true;
}

net::Task<void> Client::send_all(std::string bytes) {
  deadline = worker_.clock().now().monotonic + worker_.settings()->config.write_timeout;
  std::size_t written = 0;
  while (written < bytes.size() && !stopped_) {
    const iovec rest{.iov_base = bytes.data() + written, .iov_len = bytes.size() - written};
    const net::IoResult result = connection_->write(std::span(&rest, 1));
    if (result.state == net::IoResult::State::kBroken) co_return;
    written += result.bytes;
    if (result.state == net::IoResult::State::kMoved) continue;
    connection_->ask_writable();
    if (!wakeup_.take()) co_await wakeup_.sleep();
    if (take_timeout()) co_return;
  }
}

net::Task<void> Client::linger() {
  connection_->finish();
  deadline = worker_.clock().now().monotonic + kLinger;
  std::size_t discarded = 0;
  while (!stopped_ && discarded < kLingerBytesMax) {
    input_.clear();
    if (!read_ahead()) co_return;
    discarded += input_.size();
    if (connection_->readable()) continue;
    connection_->ask_readable();
    if (!wakeup_.take()) co_await wakeup_.sleep();
    if (take_timeout()) co_return;
  }
}

}  // namespace sonde::proxy
