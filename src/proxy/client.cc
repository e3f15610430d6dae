#include "proxy/client.h"

#include <utility>

#include "proxy/exchange.h"
#include "proxy/worker.h"

namespace sonde::proxy {
namespace {

/// A client that still writes would see a reset instead of our last words.
constexpr std::chrono::seconds kLinger{1};
constexpr std::size_t kLingerBytesMax = std::size_t{1024} * 1024;

}  // namespace

net::Task<void> Client::serve(std::unique_ptr<Client> client) { co_await client->run(); }

Client::Client(Worker& worker, std::shared_ptr<net::Connection> connection, bool health_only)
    : worker_(worker), connection_(std::move(connection)), health_only_(health_only) {
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
  while (co_await read_head()) {
    if (!co_await exchange()) break;
  }
  if (head_) worker_.request_heads().give_back(std::move(head_));
}

/// What has been read belongs to the head first.
bool Client::feed_head() {
  if (input_.empty() || head_->state() != http::State::kReading) return false;
  input_.erase(0, head_->feed(input_));
  return true;
}

net::Task<bool> Client::read_head() {
  const ProxyConfig& config = worker_.settings()->config;
  if (!head_) head_ = worker_.request_heads().lend(config);
  const auto now = worker_.clock().last();
  deadline = now + (std::exchange(first_, false) ? config.head_timeout : config.idle_timeout);
  bool begun = false;
  for (;;) {
    feed_head();
    if (head_->state() != http::State::kReading) break;
    if (!begun && head_->bytes() > 0) {
      begun = true;
      deadline = worker_.clock().now().monotonic + config.head_timeout;
    }
    if (stopped_ || (draining_ && !begun)) co_return false;
    if (connection_->readable()) {
      if (!read_ahead()) co_return false;
      continue;
    }
    if (!begun && input_.empty()) worker_.request_heads().give_back(std::move(head_));
    connection_->ask_readable();
    co_await wakeup_.sleep();
    if (take_timeout()) {
      if (begun) {
        worker_.stats().add(Stat::kConnectionsTimedOut);
        co_await send(to_bytes(plain_answer(408, "the request came too slowly"), true, false));
      }
      co_return false;
    }
    if (!head_) head_ = worker_.request_heads().lend(worker_.settings()->config);
  }
  if (head_->state() == http::State::kRefused) co_return co_await answer_refusal(head_->refusal());
  co_return true;
}

net::Task<bool> Client::answer_refusal(http::Refusal refusal) {
  worker_.stats().add(Stat::kRequestsRefused);
  co_await send(to_bytes(refuse(refusal), true, false));
  co_await linger();
  co_return false;
}

net::Task<bool> Client::exchange() {
  worker_.stats().add(Stat::kExchanges);
  Exchange exchange(worker_, *this, std::move(head_));
  const Exchange::After after = co_await exchange.run();
  if (after == Exchange::After::kLinger) co_await linger();
  if (after == Exchange::After::kBreak) connection_->close();
  co_return after == Exchange::After::kKeep && !draining_;
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

net::Task<void> Client::send(std::string bytes) {
  deadline = worker_.clock().now().monotonic + worker_.settings()->config.write_timeout;
  std::size_t written = 0;
  while (written < bytes.size() && !stopped_) {
    const iovec rest{.iov_base = bytes.data() + written, .iov_len = bytes.size() - written};
    const net::IoResult result = connection_->write(std::span(&rest, 1));
    if (result.state == net::IoResult::State::kBroken) co_return;
    written += result.bytes;
    if (result.state == net::IoResult::State::kMoved) continue;
    connection_->ask_writable();
    co_await wakeup_.sleep();
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
    co_await wakeup_.sleep();
    if (take_timeout()) co_return;
  }
}

}  // namespace sonde::proxy
