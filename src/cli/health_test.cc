#include "cli/health.h"

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <string>
#include <thread>

#include <catch2/catch_test_macros.hpp>

#include "cli/fake_world.h"

namespace sonde::cli {
namespace {

/// Accepts one connection, reads a request, and answers as told.
class Peer {
 public:
  explicit Peer(std::string answer) : listener_(socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    sockaddr_in address{};
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    socklen_t size = sizeof address;
    SONDE_CHECK(bind(listener_.get(), reinterpret_cast<sockaddr*>(&address), size) == 0);
    SONDE_CHECK(listen(listener_.get(), 1) == 0);
    SONDE_CHECK(getsockname(listener_.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0);
    port_ = std::to_string(ntohs(address.sin_port));
    thread_ = std::thread([this, answer = std::move(answer)] {
      const Fd client(accept(listener_.get(), nullptr, nullptr));
      std::array<char, 1024> block{};
      while (!request_.ends_with("\r\n\r\n")) {
        const ssize_t got = read(client.get(), block.data(), block.size());
        if (got <= 0) break;
        request_.append(block.data(), static_cast<std::size_t>(got));
      }
      [[maybe_unused]] const ssize_t put = write(client.get(), answer.data(), answer.size());
    });
  }
  ~Peer() { join(); }
  Peer(const Peer&) = delete;
  Peer& operator=(const Peer&) = delete;

  std::string address() const { return "127.0.0.1:" + port_; }
  std::string request() {
    join();
    return request_;
  }

 private:
  void join() {
    if (thread_.joinable()) thread_.join();
  }

  Fd listener_;
  std::string port_;
  std::string request_;
  std::thread thread_;
};

TEST_CASE("a proxy that is well is well", "[cli][health]") {
  Peer peer("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
  FakeWorld world;
  CHECK(world.run("health " + peer.address()) == kDone);
  CHECK(world.out.empty());
  CHECK(peer.request().starts_with("GET /healthz HTTP/1.1\r\nHost: localhost\r\n"));
}

TEST_CASE("readiness is another question", "[cli][health]") {
  Peer peer("HTTP/1.1 503 Service Unavailable\r\n\r\n");
  FakeWorld world;
  CHECK(world.run("health --ready " + peer.address()) == kProblem);
  CHECK(world.err == "sonde: health: " + peer.address() + ": HTTP/1.1 503 Service Unavailable\n");
  CHECK(peer.request().starts_with("GET /readyz "));
}

TEST_CASE("whoever answers no HTTP is not well", "[cli][health]") {
  FakeWorld world;
  Peer other("SSH-2.0-x\r\n");
  CHECK(world.run("health " + other.address()) == kProblem);
  Peer silent("");
  CHECK(world.run("health " + silent.address()) == kProblem);
  CHECK(world.err.ends_with(": an empty answer\n"));
}

TEST_CASE("nobody there is told as the system tells it", "[cli][health]") {
  FakeWorld world;
  CHECK(world.run("health 127.0.0.1:1") == kProblem);
  CHECK(world.err == "sonde: health: 127.0.0.1:1: Connection refused\n");
  CHECK(world.run("health nonsense") == kUsage);
  CHECK(world.run("health example.com:80") == kProblem);  // No name is asked for.
}

}  // namespace
}  // namespace sonde::cli
