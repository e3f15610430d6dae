#include "net/agent_output.h"

#include <poll.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <system_error>
#include <utility>

#include "base/clock.h"
#include "sinks/lines.h"

namespace sonde::net {
namespace {

std::string cause() { return std::generic_category().message(errno); }

bool ready_to_write(int fd, std::chrono::milliseconds wait) {
  pollfd entry{.fd = fd, .events = POLLOUT, .revents = 0};
  return ::poll(&entry, 1, static_cast<int>(wait.count())) > 0;
}

/// The error of a connect() that was under way; 0 if it has succeeded.
int connect_error(int fd) {
  int error = 0;
  socklen_t size = sizeof error;
  return ::getsockopt(fd, SOL_SOCKET, SO_ERROR, &error, &size) == 0 ? error : errno;
}

}  // namespace

AgentOutput::AgentOutput(Options options, Stats& stats, Random random)
    : options_(std::move(options)), stats_(stats), random_(random), backoff_(options_.backoff) {}

bool AgentOutput::udp() const {
  return options_.endpoint.protocol == sinks::AgentEndpoint::Protocol::kUdp;
}

Result<std::size_t> AgentOutput::write(std::string_view lines, Moment now) {
  keep(lines);
  advance(now);
  return lines.size();
}

/// Keeps whole lines as long as there is room; the newest are those dropped.
void AgentOutput::keep(std::string_view lines) {
  forget_sent();
  while (!lines.empty()) {
    const std::size_t end = std::min(lines.find('\n'), lines.size() - 1) + 1;
    const bool fits = buffer_.size() + end <= options_.buffer_bytes_max &&
                      (!udp() || end <= sinks::kDatagramBytesMax);
    if (fits) {
      buffer_.append(lines.substr(0, end));
    } else {
      stats_.add(Stat::kLinesDropped);
    }
    lines.remove_prefix(end);
  }
}

/// Forgets lines that are sent whole; the beginning of a line stays, for the next
/// connection needs it all.
void AgentOutput::forget_sent() {
  const std::size_t end = buffer_.rfind('\n', sent_ == 0 ? 0 : sent_ - 1);
  if (sent_ == 0 || end == std::string::npos) return;
  buffer_.erase(0, end + 1);
  sent_ -= end + 1;
}

std::chrono::nanoseconds AgentOutput::next_tick() const {
  const bool nothing = unsent().empty() && !report_ && state_ != State::kConnecting;
  return nothing ? std::chrono::nanoseconds::max() : due_;
}

Status AgentOutput::tick(Moment now) {
  if (now.monotonic >= due_) advance(now);
  if (!std::exchange(report_, false)) return {};
  return fail(Errc::kUnavailable, fault_);
}

Status AgentOutput::close(Moment now) {
  due_ = now.monotonic;  // No more back-off: now or never.
  const SystemClock clock;
  const std::chrono::nanoseconds begin = clock.now().monotonic;
  std::chrono::nanoseconds passed{0};
  do {
    advance({.wall = now.wall + passed, .monotonic = now.monotonic + passed});
    if (unsent().empty() || state_ == State::kIdle) break;
    const bool socket = state_ != State::kLookingUp;
    ready_to_write(socket ? fd_.get() : -1, std::chrono::milliseconds(socket ? 10 : 2));
    passed = clock.now().monotonic - begin;
  } while (passed < options_.close_wait_max);

  stats_.add(Stat::kLinesDropped, sinks::count_lines(unsent()));
  if (fd_) ::shutdown(fd_.get(), SHUT_WR);
  fd_.reset();
  if (unsent().empty()) return {};
  return fail(Errc::kUnavailable, fault_.empty() ? "agent: too slow to take all lines" : fault_);
}

/// Goes as far as it can without waiting.
void AgentOutput::advance(Moment now) {
  if (state_ == State::kIdle && !unsent().empty() && now.monotonic >= due_) begin_lookup(now);
  if (state_ == State::kLookingUp && lookup_ && lookup_->done()) end_lookup(now);
  if (state_ == State::kConnecting) end_connect(now);
  if (state_ == State::kConnected && !unsent().empty() && peer_is_there(now)) {
    if (udp()) {
      send_datagrams(now);
    } else {
      send_stream(now);
    }
  }
  if (state_ != State::kIdle) due_ = now.monotonic + options_.poll_every;
}

void AgentOutput::begin_lookup(Moment now) {
  due_ = now.monotonic;
  lookup_.emplace(options_.endpoint.host, options_.endpoint.port,
                  udp() ? HostLookup::Kind::kDatagram : HostLookup::Kind::kStream);
  state_ = State::kLookingUp;
}

void AgentOutput::end_lookup(Moment now) {
  if (!lookup_) return;
  auto found = lookup_->result();
  lookup_.reset();
  if (!found) return give_up(found.error().message(), now);
  addresses_ = std::move(*found);
  address_ = 0;
  begin_connect(now);
}

void AgentOutput::begin_connect(Moment now) {
  const SocketAddress& address = addresses_[address_];
  const int type = (udp() ? SOCK_DGRAM : SOCK_STREAM) | SOCK_NONBLOCK | SOCK_CLOEXEC;
  fd_.reset(::socket(address.bytes.ss_family, type, 0));
  if (!fd_) return next_address(cause(), now);
  state_ = State::kConnecting;
  connect_until_ = now.monotonic + options_.connect_timeout;
  const auto* bytes = reinterpret_cast<const sockaddr*>(&address.bytes);
  if (::connect(fd_.get(), bytes, address.size) == 0) return connected();
  if (errno != EINPROGRESS) next_address(cause(), now);
}

void AgentOutput::end_connect(Moment now) {
  if (!ready_to_write(fd_.get(), std::chrono::milliseconds(0))) {
    if (now.monotonic >= connect_until_) next_address("no answer", now);
    return;
  }
  const int error = connect_error(fd_.get());
  if (error == 0) return connected();
  next_address(std::generic_category().message(error), now);
}

void AgentOutput::connected() {
  state_ = State::kConnected;
  if (!udp()) backoff_.reset();  // A datagram socket always connects; see peer_is_there().
  fault_.clear();
  report_ = false;
  stats_.add(Stat::kAgentReconnects);
}

void AgentOutput::next_address(const std::string& why, Moment now) {
  if (++address_ < addresses_.size()) return begin_connect(now);
  give_up(why, now);
}

/// For now: the buffer stays, and the host is looked up anew after the back-off.
void AgentOutput::give_up(const std::string& why, Moment now) {
  fd_.reset();
  state_ = State::kIdle;
  // A line that was sent in part is sent again as a whole.
  forget_sent();
  sent_ = 0;
  due_ = now.monotonic + backoff_.next(random_);
  fault_ =
      "agent " + options_.endpoint.host + ":" + std::to_string(options_.endpoint.port) + ": " + why;
  report_ = true;
}

/// Notices a peer that has closed, before lines are written into the void.
bool AgentOutput::peer_is_there(Moment now) {
  std::array<char, 4096> ignored;  // An agent has nothing to say.
  const ssize_t size = ::recv(fd_.get(), ignored.data(), ignored.size(), MSG_DONTWAIT);
  if (size > 0 || (size == 0 && udp())) return true;
  if (size < 0 && (errno == EAGAIN || errno == EINTR)) {
    if (now.monotonic >= connect_until_) backoff_.reset();  // Nobody refused for so long.
    return true;
  }
  if (udp() && errno == ECONNREFUSED) stats_.add(Stat::kLinesDropped);  // The one before.
  give_up(size == 0 ? "closed the connection" : cause(), now);
  return false;
}

void AgentOutput::send_stream(Moment now) {
  while (!unsent().empty()) {
    const ssize_t size = ::send(fd_.get(), unsent().data(), unsent().size(), MSG_NOSIGNAL);
    if (size >= 0) {
      sent_ += static_cast<std::size_t>(size);
    } else if (errno == EAGAIN) {
      break;
    } else if (errno != EINTR) {
      return give_up(cause(), now);
    }
  }
  forget_sent();
}

void AgentOutput::send_datagrams(Moment now) {
  while (!unsent().empty()) {
    const std::string_view line = unsent().substr(0, unsent().find('\n') + 1);
    if (::send(fd_.get(), line.data(), line.size(), MSG_NOSIGNAL) >= 0) {
      sent_ += line.size();
    } else if (errno == EAGAIN || errno == ENOBUFS) {
      break;
    } else if (errno == EMSGSIZE) {
      sent_ += line.size();
      stats_.add(Stat::kLinesDropped);
    } else if (errno != EINTR) {
      if (errno == ECONNREFUSED) stats_.add(Stat::kLinesDropped);  // The one before.
      return give_up(cause(), now);
    }
  }
  forget_sent();
}

}  // namespace sonde::net
