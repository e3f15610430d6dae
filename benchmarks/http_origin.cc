// The server behind the proxies that ./bench proxy compares: one thread, one read and one write
// a request, and nothing it could do without.
//
//   http_origin            prints its port and serves until its stdin ends
//
//   POST /json/BYTES?call=BYTES   a result of so many bytes, with the id of the call; the call has
//                                 to be the one of that size
//   GET  /sse/PER_SECOND          a stream of events that say when they were sent
//   GET  /idle                    a stream that sends nothing after its first comment

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "benchmarks/http_messages.h"

namespace sonde::bench {
namespace {

constexpr int kTicksPerSecond = 1000;
constexpr std::size_t kReadBytes = 64 * 1024;
constexpr std::size_t kEventBytes = 256;

struct Answer {
  std::string head;
  Result result;
};

struct Connection {
  int fd = -1;
  std::string in;
  std::string begin;                  ///< Head and beginning of the answer under way.
  const std::string* rest = nullptr;  ///< The large part of it, shared.
  std::size_t written = 0;
  bool blocked = false;
  int ticks_between = 0;  ///< Of a stream of events; 0: none.
};

std::size_t number_behind(std::string_view text, std::string_view name) {
  const std::size_t at = text.find(name);
  if (at == std::string_view::npos) return 0;
  text.remove_prefix(at + name.size());
  while (text.starts_with(' ')) text.remove_prefix(1);
  std::size_t value = 0;
  std::from_chars(text.data(), text.data() + text.size(), value);
  return value;
}

// Proxies write names of fields as they like.
std::size_t content_length(std::string_view head) {
  for (const std::string_view name : {"Content-Length:", "content-length:"}) {
    if (const std::size_t length = number_behind(head, name)) return length;
  }
  return 0;
}

class Origin {
 public:
  Origin() : epoll_(epoll_create1(0)), buffer_(kReadBytes), event_(make_event(kEventBytes)) {
    listen_on_loopback();
    timer_ = timerfd_create(CLOCK_MONOTONIC, TFD_NONBLOCK);
    watch(timer_, EPOLLIN);
    watch(0, EPOLLIN);
  }

  int run() {
    std::array<epoll_event, 256> events{};
    for (;;) {
      const int n = epoll_wait(epoll_, events.data(), events.size(), -1);
      for (int i = 0; i < n; ++i) {
        const int fd = events[static_cast<std::size_t>(i)].data.fd;
        if (fd == 0) return 0;
        if (fd == listener_) {
          accept_all();
        } else if (fd == timer_) {
          tick();
        } else if (const auto found = connections_.find(fd); found != connections_.end()) {
          serve(*found->second, events[static_cast<std::size_t>(i)].events);
        }
      }
    }
  }

 private:
  void listen_on_loopback() {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    if (bind(listener_, reinterpret_cast<sockaddr*>(&address), size) != 0) die("bind");
    if (listen(listener_, 4096) != 0) die("listen");
    getsockname(listener_, reinterpret_cast<sockaddr*>(&address), &size);
    std::printf("%d\n", ntohs(address.sin_port));
    std::fflush(stdout);
    watch(listener_, EPOLLIN);
  }

  void watch(int fd, std::uint32_t events, int operation = EPOLL_CTL_ADD) const {
    epoll_event event{};
    event.events = events;
    event.data.fd = fd;
    epoll_ctl(epoll_, operation, fd, &event);
  }

  void accept_all() {
    for (;;) {
      const int fd = accept4(listener_, nullptr, nullptr, SOCK_NONBLOCK);
      if (fd < 0) return;
      const int one = 1;
      setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
      auto connection = std::make_unique<Connection>();
      connection->fd = fd;
      connections_[fd] = std::move(connection);
      watch(fd, EPOLLIN);
    }
  }

  void drop(Connection& connection) {
    std::erase(streams_, &connection);
    close(connection.fd);
    connections_.erase(connection.fd);
  }

  void serve(Connection& connection, std::uint32_t events) {
    if (((events & EPOLLOUT) != 0U) && !write_on(connection)) return drop(connection);
    if ((events & (EPOLLIN | EPOLLHUP | EPOLLERR)) == 0U) return;
    const ssize_t n = read(connection.fd, buffer_.data(), buffer_.size());
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0) return drop(connection);
    std::string_view bytes(buffer_.data(), static_cast<std::size_t>(n));
    if (!connection.in.empty()) {
      connection.in.append(bytes);
      bytes = connection.in;
    }
    const std::size_t taken = take_request(connection, bytes);
    if (taken == kBroken) return drop(connection);
    connection.in = std::string(bytes.substr(taken));
  }

  static constexpr std::size_t kBroken = static_cast<std::size_t>(-1);

  // One request at a time: our clients wait for the answer.
  std::size_t take_request(Connection& connection, std::string_view bytes) {
    const std::size_t end = bytes.find("\r\n\r\n");
    if (end == std::string_view::npos) return 0;
    const std::string_view head = bytes.substr(0, end + 2);
    const std::size_t size = end + 4 + content_length(head);
    if (bytes.size() < size) return 0;
    if (head.starts_with("GET ")) return begin_stream(connection, head) ? size : kBroken;
    const Answer& answer = answer_of(number_behind(head, "/json/"));
    const std::string_view body = bytes.substr(end + 4, size - end - 4);
    if (!is_call(body, call_of(number_behind(head, "call=")))) {
      std::fputs("the call is not what the client sent\n", stderr);
      return kBroken;
    }
    const std::string_view id = id_of_call(body);
    connection.begin.assign(answer.head).append(answer.result.begin);
    connection.begin.replace(answer.head.size() + kResultIdAt, kIdDigits, id);
    connection.rest = &answer.result.rest;
    connection.written = 0;
    return write_on(connection) ? size : kBroken;
  }

  const Answer& answer_of(std::size_t bytes) {
    Answer& answer = answers_[bytes];
    if (answer.head.empty()) {
      answer.result = make_result(bytes);
      const std::size_t length = answer.result.begin.size() + answer.result.rest.size();
      answer.head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " +
                    std::to_string(length) + "\r\n\r\n";
    }
    return answer;
  }

  const std::string& call_of(std::size_t bytes) {
    std::string& call = calls_[bytes];
    if (call.empty()) call = make_call(bytes);
    return call;
  }

  bool begin_stream(Connection& connection, std::string_view head) {
    constexpr std::string_view kHead =
        "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nCache-Control: no-cache\r\n"
        "Transfer-Encoding: chunked\r\n\r\n8\r\n: begin\n\r\n";
    if (write(connection.fd, kHead.data(), kHead.size()) < 0) return false;
    const std::size_t rate = number_behind(head, "/sse/");
    if (rate == 0) return true;
    connection.ticks_between = kTicksPerSecond / static_cast<int>(rate);
    if (streams_.empty()) {
      constexpr long kTickNs = 1'000'000'000L / kTicksPerSecond;
      const itimerspec every{{0, kTickNs}, {0, kTickNs}};
      timerfd_settime(timer_, 0, &every, nullptr);
    }
    streams_.push_back(&connection);
    return true;
  }

  // The streams take turns, so that no tick sends to all of them at once.
  void tick() {
    std::uint64_t expired = 0;
    if (read(timer_, &expired, sizeof expired) < 0) return;
    std::vector<Connection*> broken;
    for (; expired > 0; --expired, ++ticks_) {
      for (std::size_t i = 0; i < streams_.size(); ++i) {
        const auto between = static_cast<std::size_t>(streams_[i]->ticks_between);
        if ((ticks_ + i) % between == 0 && !send_event(*streams_[i])) broken.push_back(streams_[i]);
      }
    }
    for (Connection* connection : broken) {
      if (std::erase(streams_, connection) != 0) drop(*connection);
    }
  }

  bool send_event(Connection& connection) {
    set_sent(event_, now_ns());
    std::array<char, 16> size{};
    const int digits = std::snprintf(size.data(), size.size(), "%zx\r\n", event_.size());
    const std::array<iovec, 3> parts{iovec{size.data(), static_cast<std::size_t>(digits)},
                                     iovec{event_.data(), event_.size()},
                                     iovec{const_cast<char*>("\r\n"), 2}};
    const ssize_t n = writev(connection.fd, parts.data(), parts.size());
    return n == digits + static_cast<ssize_t>(event_.size()) + 2;  // 256 bytes: all or a lost peer.
  }

  bool write_on(Connection& connection) {
    if (connection.rest == nullptr) return true;
    const std::size_t begin = connection.begin.size();
    const std::size_t total = begin + connection.rest->size();
    while (connection.written < total) {
      const std::size_t done = connection.written;
      const std::size_t in_rest = done > begin ? done - begin : 0;
      const std::array<iovec, 2> parts{
          iovec{connection.begin.data() + std::min(done, begin), begin - std::min(done, begin)},
          iovec{const_cast<char*>(connection.rest->data()) + in_rest,
                connection.rest->size() - in_rest}};
      const ssize_t n = writev(connection.fd, parts.data(), parts.size());
      if (n < 0 && errno != EAGAIN) return false;
      if (n < 0) {
        if (!connection.blocked) watch(connection.fd, EPOLLIN | EPOLLOUT, EPOLL_CTL_MOD);
        connection.blocked = true;
        return true;
      }
      connection.written += static_cast<std::size_t>(n);
    }
    connection.rest = nullptr;
    if (connection.blocked) watch(connection.fd, EPOLLIN, EPOLL_CTL_MOD);
    connection.blocked = false;
    return true;
  }

  int epoll_;
  int listener_ = -1;
  int timer_ = -1;
  std::vector<char> buffer_;
  std::string event_;
  std::size_t ticks_ = 0;
  std::map<int, std::unique_ptr<Connection>> connections_;
  std::vector<Connection*> streams_;
  std::map<std::size_t, Answer> answers_;
  std::map<std::size_t, std::string> calls_;
};

}  // namespace
}  // namespace sonde::bench

int main() {
  std::signal(SIGPIPE, SIG_IGN);
  return sonde::bench::Origin().run();
}
