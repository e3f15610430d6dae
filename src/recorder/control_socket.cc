#include "recorder/control_socket.h"

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <utility>

#include "base/check.h"
#include "recorder/unix_address.h"

namespace sonde::recorder {
namespace {

constexpr int kBacklog = 8;
constexpr auto kNever = std::chrono::nanoseconds::max();

/// The answers are smaller than the buffer of a fresh socket, so one call takes it all.
void send_line(int fd, std::string line) {
  line.push_back('\n');
  // Who does not read it does not get it.
  [[maybe_unused]] const auto sent =
      ::send(fd, line.data(), line.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
}

}  // namespace

bool may_ask(uid_t peer, uid_t own) noexcept { return peer == own || peer == 0; }

Result<std::unique_ptr<ControlSocket>> ControlSocket::open(std::string path, Options options) {
  if (const auto answered = connect_unix(path); answered) {
    return fail(Errc::kInvalidInput, "another process answers at " + path);
  }
  ::unlink(path.c_str());
  Result<Fd> listener = listen_unix(path, kBacklog);
  if (!listener) return fail(std::move(listener).error());
  return std::unique_ptr<ControlSocket>(
      new ControlSocket(std::move(path), std::move(*listener), options));
}

ControlSocket::ControlSocket(std::string path, Fd listener, Options options)
    : path_(std::move(path)), options_(options), listener_(std::move(listener)) {}

ControlSocket::~ControlSocket() { ::unlink(path_.c_str()); }

bool ControlSocket::listening() const noexcept {
  return clients_.size() < options_.clients_max && resume_at_ == std::chrono::nanoseconds{};
}

void ControlSocket::add_to(std::vector<pollfd>& polled) const {
  // A negative descriptor is skipped by poll, and keeps the positions simple.
  polled.push_back({.fd = listening() ? listener_.get() : -1, .events = POLLIN, .revents = 0});
  for (const Client& client : clients_) {
    polled.push_back({.fd = client.fd.get(), .events = POLLIN, .revents = 0});
  }
}

void ControlSocket::serve(std::span<const pollfd> polled, Moment now, const Answer& answer) {
  SONDE_CHECK(polled.size() == clients_.size() + 1);
  for (std::size_t i = 0; i < clients_.size(); ++i) {
    Client& client = clients_[i];
    const bool ready = polled[i + 1].revents != 0;
    const bool done = ready && read_request(client, answer);
    if (done || now.monotonic >= client.deadline) client.fd = Fd();
  }
  std::erase_if(clients_, [](const Client& client) { return !client.fd; });

  if (now.monotonic >= resume_at_) resume_at_ = {};
  if (polled[0].revents != 0) accept_one(now);
}

void ControlSocket::accept_one(Moment now) {
  Fd fd(::accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC | SOCK_NONBLOCK));
  if (!fd) {
    // Without descriptors poll would return at once, again and again.
    const bool exhausted = errno == EMFILE || errno == ENFILE || errno == ENOMEM;
    if (exhausted) resume_at_ = now.monotonic + options_.client_timeout;
    return;
  }
  ucred credentials{};
  socklen_t size = sizeof credentials;
  const bool known = ::getsockopt(fd.get(), SOL_SOCKET, SO_PEERCRED, &credentials, &size) == 0;
  if (!known || !may_ask(credentials.uid, ::geteuid())) return;
  clients_.push_back({.fd = std::move(fd),
                      .peer = {.uid = credentials.uid, .pid = credentials.pid},
                      .deadline = now.monotonic + options_.client_timeout,
                      .request = {}});
}

/// True when the client has been answered, or is not worth waiting for.
bool ControlSocket::read_request(Client& client, const Answer& answer) {
  std::array<char, 4096> chunk;
  const ssize_t size = ::recv(client.fd.get(), chunk.data(), chunk.size(), MSG_DONTWAIT);
  if (size < 0) return errno != EAGAIN && errno != EINTR;
  if (size == 0) return true;
  client.request.append(chunk.data(), static_cast<std::size_t>(size));

  const std::size_t newline = client.request.find('\n');
  const std::size_t length = std::min(newline, client.request.size());
  if (length > options_.request_bytes_max) {
    send_line(client.fd.get(), R"({"ok":false,"error":"request too long"})");
    return true;
  }
  if (newline == std::string::npos) return false;
  send_line(client.fd.get(),
            answer(std::string_view(client.request).substr(0, newline), client.peer));
  return true;
}

std::chrono::nanoseconds ControlSocket::deadline() const noexcept {
  std::chrono::nanoseconds next = kNever;
  if (resume_at_ != std::chrono::nanoseconds{}) next = resume_at_;
  for (const Client& client : clients_) next = std::min(next, client.deadline);
  return next;
}

}  // namespace sonde::recorder
