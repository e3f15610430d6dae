#include "pulse/http_connection.h"

#include <array>
#include <cstring>
#include <utility>

namespace sonde::pulse {

namespace asio = net::asio;
using boost::system::error_code;
using net::Task;
using net::Tcp;

namespace {

/// The resolver runs on a thread of its own; it is asked so often whether it is done.
constexpr std::chrono::milliseconds kLookUpPoll{5};

Tcp::endpoint endpoint_of(const net::SocketAddress& address) {
  Tcp::endpoint endpoint;
  endpoint.resize(address.size);
  std::memcpy(endpoint.data(), &address.bytes, address.size);
  return endpoint;
}

}  // namespace

HttpConnection::HttpConnection(asio::io_context& io, const Target& target)
    : io_(io), target_(target), deadline_(io), pause_(io) {}

HttpConnection::~HttpConnection() { close(); }

void HttpConnection::expires_after(std::chrono::nanoseconds left) {
  expired_ = false;
  deadline_.expires_after(left);
  deadline_.async_wait([this](const error_code& error) {
    if (!error) on_deadline();
  });
}

/// Whoever waits goes on, and finds that it was in vain.
void HttpConnection::on_deadline() {
  expired_ = true;
  pause_.cancel();
  error_code ignored;
  if (connecting_) std::ignore = connecting_->close(ignored);
  if (connection_) connection_->close();
  wakeup_.wake();
}

void HttpConnection::close() noexcept {
  if (!connection_) return;
  connection_->wakes(nullptr);
  connection_->close();
  connection_ = nullptr;
}

Task<bool> HttpConnection::connect() {
  close();
  fault_.clear();
  if (!co_await look_up()) co_return false;
  for (const net::SocketAddress& address : addresses_) {
    if (expired_) co_return false;
    if (!co_await connect_to(address)) continue;
    if (!target_.tls) co_return true;
    co_return co_await shake_hands();
  }
  co_return false;
}

// Anew each time: a pulse says what a client would find now.
Task<bool> HttpConnection::look_up() {
  const net::HostLookup lookup(target_.host, target_.port, net::HostLookup::Kind::kStream);
  while (!lookup.done()) {
    if (expired_) co_return false;
    pause_.expires_after(kLookUpPoll);
    co_await pause_.async_wait(net::kAsTuple);
  }
  auto found = lookup.result();
  if (!found) {
    fault_ = found.error().message();
    co_return false;
  }
  addresses_ = *std::move(found);
  co_return true;
}

Task<bool> HttpConnection::connect_to(const net::SocketAddress& address) {
  const Tcp::endpoint endpoint = endpoint_of(address);
  connecting_ = std::make_unique<Tcp::socket>(io_);
  error_code failed;
  std::ignore = connecting_->open(endpoint.protocol(), failed);
  if (!failed) std::ignore = connecting_->non_blocking(true, failed);
  if (!failed) {
    const auto [error] = co_await connecting_->async_connect(endpoint, net::kAsTuple);
    failed = error;
  }
  auto socket = std::move(connecting_);
  if (failed || expired_) {
    if (failed) fault_ = failed.message();
    co_return false;
  }
  net::tune(*socket);
  if (!target_.tls) {
    connection_ = std::make_shared<net::Connection>(std::move(*socket));
  } else {
    auto tls = net::TlsTransport::connected(target_.tls, socket->native_handle(), target_.host);
    if (!tls) {
      fault_ = tls.error().message();
      co_return false;
    }
    connection_ = std::make_shared<net::Connection>(std::move(*socket), *std::move(tls));
  }
  connection_->wakes(&wakeup_);
  co_return true;
}

Task<bool> HttpConnection::shake_hands() {
  using enum net::IoResult::State;
  auto& tls = static_cast<net::TlsTransport&>(connection_->transport());
  while (!expired_) {
    const net::IoResult result = tls.shake_hands();
    if (result.state == kMoved) co_return true;
    if (result.state != kWouldBlock && result.state != kOtherWay) {
      fault_ = "TLS: " + tls.fault();
      break;
    }
    connection_->wait_for(result.state == kWouldBlock ? Tcp::socket::wait_read
                                                      : Tcp::socket::wait_write);
    co_await wait();
  }
  close();
  co_return false;
}

Task<void> HttpConnection::wait() {
  if (!wakeup_.take()) co_await wakeup_.sleep();
}

Task<bool> HttpConnection::write(std::string_view text) {
  using enum net::IoResult::State;
  while (!text.empty() && !expired_) {
    const iovec piece{.iov_base = const_cast<char*>(text.data()), .iov_len = text.size()};
    const net::IoResult result = connection_->write({&piece, 1});
    text.remove_prefix(result.bytes);
    if (result.state == kMoved) continue;
    if (result.state == kBroken || result.state == kEnd) co_return false;
    connection_->ask_writable();
    co_await wait();
  }
  co_return text.empty() && !expired_;
}

Task<std::size_t> HttpConnection::read(std::span<char> into) {
  using enum net::IoResult::State;
  while (!expired_) {
    const net::IoResult result = connection_->read(into);
    if (result.state == kMoved) co_return result.bytes;
    if (result.state == kBroken || result.state == kEnd) break;
    connection_->ask_readable();
    co_await wait();
  }
  co_return 0;
}

}  // namespace sonde::pulse
