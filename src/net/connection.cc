#include "net/connection.h"

#include <poll.h>
#include <sys/socket.h>

#include <tuple>
#include <utility>

namespace sonde::net {

Connection::Connection(Tcp::socket socket, std::unique_ptr<Transport> transport)
    : socket_(std::move(socket)), transport_(std::move(transport)) {}

Connection::Connection(Tcp::socket socket) : socket_(std::move(socket)) {
  transport_ = std::make_unique<PlainTransport>(socket_.native_handle());
}

void Connection::note(const IoResult& result, bool& ready) noexcept {
  if (result.state == IoResult::State::kWouldBlock) ready = false;
  if (result.state != IoResult::State::kOtherWay) return;
  ready = false;
  crossed_ = true;
  readable_ = writable_ = false;
  ask_readable();
  ask_writable();
}

IoResult Connection::read(std::span<char> into) noexcept {
  const IoResult result = transport_->read(into);
  note(result, readable_);
  // A short read has emptied the socket: what comes later will be told.
  if (result.state == IoResult::State::kMoved && result.bytes < into.size() &&
      !transport_->holds_input()) {
    readable_ = false;
  }
  return result;
}

IoResult Connection::write(std::span<const iovec> pieces) noexcept {
  const IoResult result = transport_->write(pieces);
  note(result, writable_);
  return result;
}

void Connection::ask(Tcp::socket::wait_type what, bool& asked, bool& ready) {
  if (asked || ready || closed()) return;
  asked = true;
  auto answered = [self = shared_from_this(), &asked, &ready](const boost::system::error_code&) {
    asked = false;
    // An error, too: the next read or write says which.
    ready = true;
    if (std::exchange(self->crossed_, false)) self->readable_ = self->writable_ = true;
    if (self->waker_ != nullptr && !self->closed()) self->waker_->wake();
  };
  socket_.async_wait(what, std::move(answered));
}

void Connection::ask_readable() { ask(Tcp::socket::wait_read, read_asked_, readable_); }

void Connection::ask_writable() { ask(Tcp::socket::wait_write, write_asked_, writable_); }

void Connection::ask_hung_up() {
  if (hung_up_asked_ || closed()) return;
  hung_up_asked_ = true;
  auto answered = [self = shared_from_this()](const boost::system::error_code&) {
    self->hung_up_asked_ = false;
    if (self->waker_ != nullptr && !self->closed()) self->waker_->wake();
  };
  socket_.async_wait(Tcp::socket::wait_error, std::move(answered));
}

bool Connection::hung_up() noexcept {
  if (closed()) return true;
  pollfd state{.fd = socket_.native_handle(), .events = 0, .revents = 0};
  // Urgent data wakes the waker, too, and means nothing here.
  return ::poll(&state, 1, 0) == 1 && (state.revents & (POLLERR | POLLHUP)) != 0;
}

void Connection::wait_for(Tcp::socket::wait_type what) {
  const bool reading = what == Tcp::socket::wait_read;
  bool& ready = reading ? readable_ : writable_;
  ready = false;
  ask(what, reading ? read_asked_ : write_asked_, ready);
}

void Connection::abort() noexcept {
  boost::system::error_code ignored;
  std::ignore = socket_.set_option(asio::socket_base::linger(true, 0), ignored);
  close();
}

void Connection::close() noexcept {
  waker_ = nullptr;
  boost::system::error_code ignored;
  std::ignore = socket_.close(ignored);
}

void tune(Tcp::socket& socket) noexcept {
  boost::system::error_code ignored;
  std::ignore = socket.set_option(Tcp::no_delay(true), ignored);
  std::ignore = socket.set_option(asio::socket_base::keep_alive(true), ignored);
}

}  // namespace sonde::net
