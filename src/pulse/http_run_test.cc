#include "pulse/http_run.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include <boost/asio/io_context.hpp>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators.hpp>

#include "base/check.h"
#include "base/fd.h"
#include "net/spawn.h"
#include "pulse/pulser.h"

namespace sonde::pulse {
namespace {

using namespace std::chrono_literals;
using mcp::PulseResult;
using Kind = PulseResult::Kind;

/// A server of one thread that answers each request with what `answer` says of it; an empty answer
/// closes the connection, one that ends with kAndClose likewise behind it.
class Peer {
 public:
  using Answer = std::function<std::string(std::string_view request)>;
  static constexpr std::string_view kAndClose = "<close>";

  explicit Peer(Answer answer)
      : listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)), answer_(std::move(answer)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    SONDE_CHECK(bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), size) == 0);
    SONDE_CHECK(listen(listener_.get(), 8) == 0);
    SONDE_CHECK(getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0);
    port_ = ntohs(address.sin_port);
    thread_ = std::thread([this] { serve(); });
  }
  ~Peer() {
    shutdown(listener_.get(), SHUT_RDWR);
    thread_.join();
  }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  std::uint16_t port() const { return port_; }
  int connections() const { return connections_; }

 private:
  void serve() {
    for (;;) {
      const Fd client(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      if (!client) return;
      ++connections_;
      std::string request;
      while (read_request(client.get(), request)) {
        std::string answer = answer_(request);
        const bool close = answer.empty() || answer.ends_with(kAndClose);
        if (answer.ends_with(kAndClose)) answer.resize(answer.size() - kAndClose.size());
        if (send(client.get(), answer.data(), answer.size(), MSG_NOSIGNAL) < 0 || close) break;
      }
    }
  }

  /// Up to the end of its JSON, which none of ours has in between.
  static bool read_request(int fd, std::string& request) {
    request.clear();
    char block[4096];
    for (;;) {
      const std::size_t head = request.find("\r\n\r\n");
      if (head != std::string::npos) {
        const std::size_t at = request.find("Content-Length: ");
        const std::size_t size =
            at == std::string::npos ? 0 : std::stoul(request.substr(at + 16, 8));
        if (request.size() >= head + 4 + size) return true;
      }
      const ssize_t got = read(fd, block, sizeof block);
      if (got <= 0) return false;
      request.append(block, static_cast<std::size_t>(got));
    }
  }

  Fd listener_;
  Answer answer_;
  std::uint16_t port_ = 0;
  std::atomic<int> connections_ = 0;
  std::thread thread_;
};

Target target_at(std::uint16_t port) {
  return {
      .host = "127.0.0.1",
      .port = port,
      .authority = "127.0.0.1:" + std::to_string(port),
      .tls = nullptr,
      .asks = {.paths = {"/mcp"}, .event_path = "/sse", .expected_tools = {}, .tap_version = "1"},
      .tap = std::make_shared<const TapIdentity>()};
}

PulseResult pulse_at(std::uint16_t port, std::chrono::nanoseconds timeout = 10s) {
  net::asio::io_context io{1};
  const SystemClock clock;
  const Target target = target_at(port);
  mcp::HttpPulse pulse(target.asks);
  HttpRun run(io, target, pulse, clock);
  std::optional<PulseResult> result;
  const net::ReportFailure report = [](std::string_view, std::string_view what) { FAIL(what); };
  const auto work = [](HttpRun& of, std::chrono::nanoseconds time,
                       std::optional<PulseResult>& out) -> net::Task<void> {
    out = co_await of.run(time);
  };
  net::spawn(io.get_executor(), "pulse", work(run, timeout, result), report);
  io.run_for(30s);
  REQUIRE(result);
  return *result;
}

std::string id_of(std::string_view request) {
  const std::size_t at = request.find("\"id\":");
  return std::string(request.substr(at + 5, request.find(',', at) - at - 5));
}

std::string json(std::string_view body) {
  return "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: " +
         std::to_string(body.size()) + "\r\n\r\n" + std::string(body);
}

std::string result_of(std::string_view request) {
  return R"({"jsonrpc":"2.0","id":)" + id_of(request) + R"(,"result":{"capabilities":{}}})";
}

TEST_CASE("a server that answers is answered in some time", "[pulse]") {
  Peer peer([](std::string_view request) { return json(result_of(request)); });
  const PulseResult result = pulse_at(peer.port());
  CHECK(result.kind == Kind::kAnswer);
  CHECK(result.took > 0ns);
  CHECK(result.took < 10s);
}

TEST_CASE("a pulse asks for itself only, and shows no credentials", "[pulse]") {
  std::string seen;
  {
    Peer peer([&](std::string_view request) {
      seen = request;
      return json(result_of(request));
    });
    pulse_at(peer.port());
    CHECK(seen.starts_with("POST /mcp HTTP/1.1\r\nHost: 127.0.0.1:" + std::to_string(peer.port()) +
                           "\r\nUser-Agent: sonde-pulse/1\r\n"));
  }
  CHECK(seen.find("Authorization") == std::string::npos);
  CHECK(seen.find("Cookie") == std::string::npos);
}

TEST_CASE("a legacy server is asked on one connection, if it keeps it", "[pulse]") {
  const bool keeps = GENERATE(true, false);
  Peer peer([&](std::string_view request) {
    std::string answer;
    if (request.find("server/discover") != std::string_view::npos) {
      answer = "HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n";
    } else if (request.find("notifications/") != std::string_view::npos) {
      answer = "HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n";
    } else {
      answer = json(result_of(request));
    }
    return keeps ? answer : answer + std::string(Peer::kAndClose);
  });
  CHECK(pulse_at(peer.port()).kind == Kind::kAnswer);
  CHECK((peer.connections() == 1) == keeps);
}

TEST_CASE("answers are read however they are framed", "[pulse]") {
  const std::string how = GENERATE("chunks", "events", "until close", "interim");
  Peer peer([&](std::string_view request) -> std::string {
    const std::string body = result_of(request);
    const std::string head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";
    if (how == "until close") return head + "\r\n" + body + std::string(Peer::kAndClose);
    if (how == "interim") return "HTTP/1.1 103 Early Hints\r\n\r\n" + json(body);
    std::string chunk = how == "chunks" ? body : "event: message\ndata: " + body + "\n\n";
    char size[16];
    snprintf(size, sizeof size, "%zx\r\n", chunk.size());
    // Events: the stream stays open behind the answer.
    return "HTTP/1.1 200 OK\r\nContent-Type: " +
           std::string(how == "chunks" ? "application/json" : "text/event-stream") +
           "\r\nTransfer-Encoding: chunked\r\n\r\n" + size + chunk + "\r\n" +
           (how == "chunks" ? "0\r\n\r\n" : "");
  });
  CHECK(pulse_at(peer.port()).kind == Kind::kAnswer);
}

TEST_CASE("nobody there is told as the system tells it", "[pulse]") {
  std::uint16_t port = 0;
  {
    port = Peer([](std::string_view) { return std::string(); }).port();
  }
  const PulseResult result = pulse_at(port);
  CHECK(result.kind == Kind::kRefused);
  CHECK(result.detail == "Connection refused");
}

TEST_CASE("a server that closes at once, or within its answer, has not answered", "[pulse]") {
  const std::string half = GENERATE("", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{<close>");
  Peer peer([&](std::string_view) { return half; });
  CHECK(pulse_at(peer.port()).kind == Kind::kClosed);
}

TEST_CASE("what is no HTTP is a bad answer", "[pulse]") {
  Peer peer([](std::string_view) { return std::string("SSH-2.0-x\r\n\r\n"); });
  CHECK(pulse_at(peer.port()).kind == Kind::kBadAnswer);
}

TEST_CASE("a server that begins an answer and stops is out of time", "[pulse]") {
  Peer peer([](std::string_view) {
    return std::string("HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n{");
  });
  const PulseResult result = pulse_at(peer.port(), 100ms);
  CHECK(result.kind == Kind::kTimeout);
  CHECK(result.took >= 100ms);
}

TEST_CASE("a pulser tells of each pulse, and stops when it is told", "[pulse]") {
  Peer peer([](std::string_view request) { return json(result_of(request)); });
  PulseConfig config;
  config.interval = 20ms;
  std::atomic<int> told = 0;
  Pulser pulser(config, {target_at(peer.port())}, [&](Event&& event) {
    if (event.type == Event::Type::kServerPulse && event.health->state == ServerState::kUp) ++told;
  });
  REQUIRE(pulser.start());
  for (int i = 0; i < 3000 && told < 3; ++i) std::this_thread::sleep_for(10ms);
  CHECK(told >= 3);
  pulser.stop();
  const int before = told;
  std::this_thread::sleep_for(100ms);
  CHECK(told == before);
}

TEST_CASE("a pulser without an interval asks nobody", "[pulse]") {
  Peer peer([](std::string_view request) { return json(result_of(request)); });
  PulseConfig config;
  config.interval = 0ms;
  {
    Pulser pulser(config, {target_at(peer.port())}, [](Event&&) {});
    REQUIRE(pulser.start());
    std::this_thread::sleep_for(50ms);
  }
  CHECK(peer.connections() == 0);
}

}  // namespace
}  // namespace sonde::pulse
