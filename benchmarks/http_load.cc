// The client of ./bench proxy: one thread, non-blocking, checks every byte of every answer.
//
//   http_load calls PORT [--connections N] [--requests N] [--call BYTES] [--answer BYTES] [--rate
//   N] http_load events PORT [--connections N] [--seconds N] [--per-second N] http_load idle PORT
//   [--connections N]     says "ready", and holds the streams until stdin ends
//
// With --rate requests are due at fixed times, and times count from then: an answer that is late
// does not hide those behind it.  Prints one JSON object.

#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <charconv>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

#include "benchmarks/http_messages.h"

namespace sonde::bench {
namespace {

struct Options {
  std::string_view what;
  int port = 0;
  std::size_t connections = 1;
  std::size_t requests = 10'000;
  std::size_t call_bytes = 500;
  std::size_t answer_bytes = 1024;
  std::size_t rate = 0;
  std::size_t seconds = 5;
  std::size_t per_second = 10;
};

constexpr std::size_t kReadBytes = 256 * 1024;

int connect_to(int port) {
  const int fd = socket(AF_INET, SOCK_STREAM, 0);
  if (fd < 0) die("socket");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(static_cast<std::uint16_t>(port));
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (connect(fd, reinterpret_cast<sockaddr*>(&address), sizeof address) != 0) die("connect");
  const int one = 1;
  setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  fcntl(fd, F_SETFL, O_NONBLOCK);
  return fd;
}

void watch(int epoll, int fd, std::size_t index) {
  epoll_event event{};
  event.events = EPOLLIN;
  event.data.u64 = index;
  epoll_ctl(epoll, EPOLL_CTL_ADD, fd, &event);
}

double at(const std::vector<long long>& sorted, double quantile) {
  if (sorted.empty()) return 0;
  const auto index = static_cast<std::size_t>(quantile * static_cast<double>(sorted.size()));
  return static_cast<double>(sorted[std::min(index, sorted.size() - 1)]) / 1000;
}

void print_times(std::vector<long long>& times, std::size_t sent, double seconds) {
  std::ranges::sort(times);
  std::printf(
      "{\"count\":%zu,\"sent\":%zu,\"seconds\":%.4f,\"rps\":%.1f,\"p50_us\":%.2f,\"p99_us\":%.2f,"
      "\"p999_us\":%.2f,\"max_us\":%.2f}\n",
      times.size(), sent, seconds, static_cast<double>(times.size()) / seconds, at(times, 0.5),
      at(times, 0.99), at(times, 0.999), at(times, 1));
}

/// Sends calls, one at a time on each connection, and dies if an answer is not what it should be.
class Calls {
 public:
  explicit Calls(const Options& options)
      : options_(options), epoll_(epoll_create1(0)), buffer_(kReadBytes) {
    result_ = make_result(options.answer_bytes);
    const std::string call = make_call(options.call_bytes);
    request_ = "POST /json/" + std::to_string(options.answer_bytes) +
               "?call=" + std::to_string(options.call_bytes) +
               " HTTP/1.1\r\nHost: localhost:" + std::to_string(options.port) +
               "\r\nContent-Type: application/json\r\nAccept: application/json, text/event-stream"
               "\r\nMcp-Session-Id: 0123456789abcdef0123456789abcdef\r\nContent-Length: " +
               std::to_string(call.size()) + "\r\n\r\n" + call;
    for (std::size_t i = 0; i < options.connections; ++i) {
      slots_.push_back({connect_to(options.port), 0, 0, 0, {}, {}});
      watch(epoll_, slots_.back().fd, i);
      free_.push_back(i);
    }
    warm_up_ = options.requests / 10;
    total_ = options.requests + warm_up_;
    times_.reserve(options.requests);
  }

  int run() {
    const long long begin = now_ns();
    while (done_ < total_) {
      send_due(begin);
      wait_and_read(begin);
    }
    print_times(times_, total_, static_cast<double>(now_ns() - measured_since_) / 1e9);
    return 0;
  }

 private:
  struct Slot {
    int fd;
    unsigned id;
    long long due;
    std::size_t body_left;
    std::string head;   ///< Of the answer, as far as it has come.
    std::string begin;  ///< The first bytes of the body that is expected.
  };

  long long due_at(long long begin, std::size_t number) const {
    if (options_.rate == 0) return 0;
    return begin + static_cast<long long>(number * 1'000'000'000ULL / options_.rate);
  }

  void send_due(long long begin) {
    while (!free_.empty() && sent_ < total_) {
      const long long now = now_ns();
      const long long due = due_at(begin, sent_);
      if (due > now) return;
      Slot& slot = slots_[free_.front()];
      free_.pop_front();
      slot.due = options_.rate == 0 ? now : due;
      send(slot);
    }
  }

  void send(Slot& slot) {
    slot.id = static_cast<unsigned>(sent_++);
    set_call_id(request_, slot.id);
    slot.begin = result_.begin;
    slot.begin.replace(kResultIdAt, kIdDigits, request_, request_.size() - 1 - kIdDigits,
                       kIdDigits);
    if (write(slot.fd, request_.data(), request_.size()) != static_cast<ssize_t>(request_.size())) {
      die("write");
    }
  }

  void wait_and_read(long long begin) {
    std::array<epoll_event, 128> events{};
    timespec wait{0, 0};
    const bool timed = options_.rate != 0 && !free_.empty() && sent_ < total_;
    if (timed) {
      const long long left = std::max(0LL, due_at(begin, sent_) - now_ns());
      wait = {left / 1'000'000'000LL, left % 1'000'000'000LL};
    }
    const int n =
        epoll_pwait2(epoll_, events.data(), events.size(), timed ? &wait : nullptr, nullptr);
    for (int i = 0; i < n; ++i) receive(events[static_cast<std::size_t>(i)].data.u64);
  }

  void receive(std::size_t index) {
    Slot& slot = slots_[index];
    const ssize_t n = read(slot.fd, buffer_.data(), buffer_.size());
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0) die("the connection ended");
    std::string_view bytes(buffer_.data(), static_cast<std::size_t>(n));
    if (slot.body_left == 0 && !take_head(slot, bytes)) return;
    take_body(slot, bytes);
    if (slot.body_left == 0) finish(index);
  }

  // Removes the head from `bytes`; false if it is not complete.
  bool take_head(Slot& slot, std::string_view& bytes) const {
    const std::size_t before = slot.head.size();
    slot.head.append(bytes);
    const std::size_t end = slot.head.find("\r\n\r\n");
    if (end == std::string::npos) return false;
    bytes.remove_prefix(end + 4 - before);
    const std::string_view head = std::string_view(slot.head).substr(0, end + 4);
    const std::string length = ": " + std::to_string(result_.begin.size() + result_.rest.size());
    if (!head.starts_with("HTTP/1.1 200 ") || head.find(length) == std::string_view::npos) {
      std::fprintf(stderr, "another answer: %s\n", slot.head.c_str());
      std::_Exit(1);
    }
    slot.head.clear();
    slot.body_left = result_.begin.size() + result_.rest.size();
    return true;
  }

  void take_body(Slot& slot, std::string_view bytes) const {
    const std::size_t total = result_.begin.size() + result_.rest.size();
    std::size_t at = total - slot.body_left;
    bool same = bytes.size() <= slot.body_left;
    slot.body_left -= std::min(bytes.size(), slot.body_left);
    if (at < slot.begin.size()) {
      const std::string_view expected = std::string_view(slot.begin).substr(at, bytes.size());
      same &= bytes.substr(0, expected.size()) == expected;
      bytes.remove_prefix(expected.size());
      at += expected.size();
    }
    same &= bytes == std::string_view(result_.rest).substr(at - result_.begin.size(), bytes.size());
    if (!same) {
      std::fputs("the answer is not what the origin sent\n", stderr);
      std::_Exit(1);
    }
  }

  void finish(std::size_t index) {
    const long long now = now_ns();
    ++done_;
    if (done_ == warm_up_) measured_since_ = now;
    if (done_ > warm_up_) times_.push_back(now - slots_[index].due);
    free_.push_back(index);
  }

  Options options_;
  int epoll_;
  std::vector<char> buffer_;
  Result result_;
  std::string request_;
  std::vector<Slot> slots_;
  std::deque<std::size_t> free_;
  std::size_t warm_up_ = 0;
  std::size_t total_ = 0;
  std::size_t sent_ = 0;
  std::size_t done_ = 0;
  long long measured_since_ = now_ns();
  std::vector<long long> times_;
};

/// Opens streams and reads what comes.
class Streams {
 public:
  Streams(const Options& options, std::string_view path)
      : options_(options), epoll_(epoll_create1(0)), buffer_(kReadBytes) {
    const std::string request = "GET " + std::string(path) +
                                " HTTP/1.1\r\nHost: localhost:" + std::to_string(options.port) +
                                "\r\nAccept: text/event-stream\r\n\r\n";
    for (std::size_t i = 0; i < options.connections; ++i) {
      const int fd = connect_to(options.port);
      if (write(fd, request.data(), request.size()) < 0) die("write");
      watch(epoll_, fd, i);
      fds_.push_back(fd);
      carry_.emplace_back();
    }
  }

  /// Until every stream has sent its first bytes.
  void await_all() {
    while (begun_ < fds_.size()) turn(-1);
  }

  void read_for(std::size_t seconds) {
    times_.clear();
    const long long end = now_ns() + static_cast<long long>(seconds) * 1'000'000'000LL;
    while (now_ns() < end) turn(100);
  }

  std::vector<long long>& times() { return times_; }

 private:
  void turn(int milliseconds) {
    std::array<epoll_event, 256> events{};
    const int n = epoll_wait(epoll_, events.data(), events.size(), milliseconds);
    for (int i = 0; i < n; ++i) receive(events[static_cast<std::size_t>(i)].data.u64);
  }

  void receive(std::size_t index) {
    const ssize_t n = read(fds_[index], buffer_.data(), buffer_.size());
    if (n < 0 && errno == EAGAIN) return;
    if (n <= 0) die("a stream ended");
    const long long now = now_ns();
    std::string& carry = carry_[index];
    begun_ += carry.empty() ? 1 : 0;
    carry.append(buffer_.data(), static_cast<std::size_t>(n));
    std::size_t seen = 0;
    for (;;) {
      const std::size_t mark = carry.find(kSentMark, seen);
      const std::size_t digits = mark + kSentMark.size();
      if (mark == std::string::npos || digits + kSentDigits > carry.size()) break;
      long long sent = 0;
      std::from_chars(carry.data() + digits, carry.data() + digits + kSentDigits, sent);
      times_.push_back(now - sent);
      seen = digits + kSentDigits;
    }
    if (seen != 0) carry.erase(0, seen);
  }

  Options options_;
  int epoll_;
  std::vector<char> buffer_;
  std::vector<int> fds_;
  std::vector<std::string> carry_;  ///< Never empty again once the stream has begun.
  std::size_t begun_ = 0;
  std::vector<long long> times_;
};

int run_events(const Options& options) {
  Streams streams(options, "/sse/" + std::to_string(options.per_second));
  streams.await_all();
  streams.read_for(1);  // Warm-up.
  streams.read_for(options.seconds);
  print_times(streams.times(), streams.times().size(), static_cast<double>(options.seconds));
  return 0;
}

int run_idle(const Options& options) {
  Streams streams(options, "/idle");
  streams.await_all();
  std::puts("ready");
  std::fflush(stdout);
  char byte = 0;
  while (read(0, &byte, 1) > 0) continue;
  return 0;
}

std::size_t number(const char* text) {
  return static_cast<std::size_t>(std::strtoull(text, nullptr, 10));
}

Options parse(int argc, char** argv) {
  Options options;
  if (argc < 3) return options;
  options.what = argv[1];
  options.port = std::atoi(argv[2]);
  for (int i = 3; i + 1 < argc; i += 2) {
    const std::string_view flag = argv[i];
    const std::size_t value = number(argv[i + 1]);
    if (flag == "--connections") options.connections = value;
    if (flag == "--requests") options.requests = value;
    if (flag == "--call") options.call_bytes = value;
    if (flag == "--answer") options.answer_bytes = value;
    if (flag == "--rate") options.rate = value;
    if (flag == "--seconds") options.seconds = value;
    if (flag == "--per-second") options.per_second = value;
  }
  return options;
}

}  // namespace
}  // namespace sonde::bench

int main(int argc, char** argv) {
  using namespace sonde::bench;
  std::signal(SIGPIPE, SIG_IGN);
  const Options options = parse(argc, argv);
  if (options.what == "calls") return Calls(options).run();
  if (options.what == "events") return run_events(options);
  if (options.what == "idle") return run_idle(options);
  std::fputs("http_load: calls, events or idle, and a port\n", stderr);
  return 2;
}
