#include "proxy/dial.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "net/tls.h"

namespace sonde::proxy {

namespace asio = net::asio;
using boost::system::error_code;
using net::Tcp;

const Addresses::Known* Addresses::find(const Upstream& upstream,
                                        std::chrono::nanoseconds now) const noexcept {
  const auto found = std::ranges::find_if(known_, [&](const Known& known) {
    return known.port == upstream.port && known.host == upstream.host && known.until > now;
  });
  return found == known_.end() ? nullptr : &*found;
}

const Addresses::Known& Addresses::learn(const Upstream& upstream,
                                         std::vector<Tcp::endpoint> endpoints,
                                         std::chrono::nanoseconds until) {
  forget(upstream);
  known_.push_back({.host = upstream.host,
                    .port = upstream.port,
                    .endpoints = std::move(endpoints),
                    .until = until});
  return known_.back();
}

void Addresses::forget(const Upstream& upstream) noexcept {
  std::erase_if(known_, [&](const Known& known) {
    return known.port == upstream.port && known.host == upstream.host;
  });
}

Dial::Dial(asio::io_context& io, Addresses& addresses, const Upstream& upstream, net::Waker& owner)
    : io_(io), addresses_(addresses), upstream_(upstream), owner_(&owner) {}

void Dial::start(std::chrono::nanoseconds now) {
  if (const Addresses::Known* const known = addresses_.find(upstream_, now)) {
    endpoints_ = known->endpoints;
    return try_next();
  }
  error_code not_numeric;
  const auto address = asio::ip::make_address(upstream_.host, not_numeric);
  if (not_numeric) return resolve(now);
  endpoints_ = {Tcp::endpoint(address, upstream_.port)};
  try_next();
}

void Dial::resolve(std::chrono::nanoseconds now) {
  addresses_.resolver().async_resolve(
      upstream_.host, std::to_string(upstream_.port),
      [self = shared_from_this(), now](const error_code& error,
                                       const Tcp::resolver::results_type& results) {
        if (self->over_) return;
        if (error || results.empty()) {
          return self->finish(self->upstream_.host + ": " +
                              (error ? error.message() : std::string("no address")));
        }
        std::vector<Tcp::endpoint> found;
        for (const auto& result : results) found.push_back(result.endpoint());
        self->endpoints_ =
            self->addresses_.learn(self->upstream_, std::move(found), now + Addresses::kRemembered)
                .endpoints;
        self->try_next();
      });
}

void Dial::try_next() {
  if (next_ == endpoints_.size()) {
    addresses_.forget(upstream_);
    return finish(fault_);
  }
  const Tcp::endpoint endpoint = endpoints_[next_++];
  socket_ = std::make_unique<Tcp::socket>(io_);
  error_code failed;
  std::ignore = socket_->open(endpoint.protocol(), failed);
  if (failed) {
    fault_ = failed.message();
    return finish(fault_);
  }
  std::ignore = socket_->non_blocking(true, failed);
  net::tune(*socket_);
  socket_->async_connect(endpoint, [self = shared_from_this(), endpoint](const error_code& error) {
    if (self->over_) return;
    if (!error) return self->on_connected();
    self->fault_ = endpoint.address().to_string() + " port " + std::to_string(endpoint.port()) +
                   ": " + error.message();
    self->try_next();
  });
}

void Dial::on_connected() {
  if (!upstream_.tls) {
    connection_ = std::make_shared<net::Connection>(std::move(*socket_));
    return finish({});
  }
  auto transport =
      net::TlsTransport::connected(upstream_.tls_context, socket_->native_handle(), upstream_.host);
  if (!transport) return finish(transport.error().message());
  connection_ = std::make_shared<net::Connection>(std::move(*socket_), *std::move(transport));
  connection_->wakes(this);
  wake();
}

void Dial::wake() noexcept {
  if (over_ || !connection_) return;
  auto& tls = static_cast<net::TlsTransport&>(connection_->transport());
  const net::IoResult result = tls.shake_hands();
  using enum net::IoResult::State;
  if (result.state == kMoved) return finish({});
  if (result.state == kWouldBlock || result.state == kOtherWay) {
    return connection_->wait_for(result.state == kWouldBlock ? Tcp::socket::wait_read
                                                             : Tcp::socket::wait_write);
  }
  const std::string fault = upstream_.authority + ": TLS: " + tls.fault();
  connection_->close();
  connection_ = nullptr;
  finish(fault);
}

void Dial::finish(std::string fault) {
  over_ = true;
  fault_ = std::move(fault);
  socket_.reset();
  if (connection_) connection_->wakes(nullptr);
  if (owner_ != nullptr) owner_->wake();
}

void Dial::cancel() noexcept {
  owner_ = nullptr;
  over_ = true;
  if (socket_) {
    error_code ignored;
    std::ignore = socket_->close(ignored);
  }
  if (connection_) connection_->close();
}

}  // namespace sonde::proxy
