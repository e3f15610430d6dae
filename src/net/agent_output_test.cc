#include "net/agent_output.h"

#include <arpa/inet.h>
#include <fcntl.h>
#include <netinet/in.h>

#include <catch2/catch_test_macros.hpp>
#include <cerrno>
#include <chrono>
#include <cstdlib>
#include <optional>
#include <thread>

namespace sonde::net {
namespace {

using namespace std::chrono_literals;
using Protocol = sinks::AgentEndpoint::Protocol;

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  address.sin_port = htons(port);
  return address;
}

/// A socket of the kind on 127.0.0.1; port 0 for any.
Fd bound_socket(int type, std::uint16_t port = 0) {
  Fd fd(::socket(AF_INET, type | SOCK_CLOEXEC, 0));
  REQUIRE(fd);
  if (!fd) std::abort();  // REQUIRE has thrown; the analyzer does not know.
  const int yes = 1;
  ::setsockopt(fd.get(), SOL_SOCKET, SO_REUSEADDR, &yes, sizeof yes);
  const sockaddr_in address = loopback(port);
  REQUIRE(::bind(fd.get(), reinterpret_cast<const sockaddr*>(&address), sizeof address) == 0);
  return fd;
}

std::uint16_t port_of(const Fd& fd) {
  sockaddr_in address{};
  socklen_t size = sizeof address;
  REQUIRE(::getsockname(fd.get(), reinterpret_cast<sockaddr*>(&address), &size) == 0);
  return ntohs(address.sin_port);
}

/// The bytes that have come, without waiting.
std::string read_some(const Fd& fd) {
  std::string bytes(1 << 20, '\0');
  const ssize_t size = ::recv(fd.get(), bytes.data(), bytes.size(), MSG_DONTWAIT);
  bytes.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
  return bytes;
}

/// An agent that listens on TCP.
struct Agent {
  explicit Agent(std::uint16_t wanted = 0) : listener(bound_socket(SOCK_STREAM, wanted)) {
    REQUIRE(::listen(listener.get(), 8) == 0);
    port = port_of(listener);
  }
  void accept() {
    peer.reset(::accept4(listener.get(), nullptr, nullptr, SOCK_CLOEXEC));
    REQUIRE(peer);
  }

  Fd listener;
  Fd peer;
  std::uint16_t port = 0;
};

/// An output with a clock that moves when told.
struct Sender {
  explicit Sender(std::uint16_t port, Protocol protocol = Protocol::kTcp,
                  std::string host = "127.0.0.1", std::size_t buffer_bytes_max = 1 << 20,
                  std::chrono::milliseconds close_wait_max = 100ms)
      : output({.endpoint = {.protocol = protocol, .host = std::move(host), .port = port},
                .buffer_bytes_max = buffer_bytes_max,
                .close_wait_max = close_wait_max,
                .backoff = {.first = 100ms, .max = 1s}},
               stats, Random(1)) {}

  void write(std::string_view lines) {
    CHECK(output.write(lines, clock.now()).value() == lines.size());
  }
  /// Ticks, each time a millisecond of its clock later, until `enough` says so.  Gives up by
  /// the system's clock: it is the kernel and the resolver's thread that are waited for.
  template <class Enough>
  bool until(const Enough& enough) {
    const auto give_up = std::chrono::steady_clock::now() + 30s;
    while (!enough() && std::chrono::steady_clock::now() < give_up) {
      clock.advance(1ms);
      if (!output.tick(clock.now())) ++faults;
      std::this_thread::sleep_for(100us);
    }
    return enough();
  }
  bool nothing_waits() const { return output.next_tick() == std::chrono::nanoseconds::max(); }

  ManualClock clock;
  Stats stats;
  AgentOutput output;
  int faults = 0;
};

/// Reads from the agent's connection until it has `size` bytes.
std::string read_all(Sender& sender, const Fd& peer, std::size_t size) {
  std::string bytes;
  sender.until([&] {
    bytes += read_some(peer);
    return bytes.size() >= size;
  });
  return bytes;
}

TEST_CASE("lines reach the agent over one connection", "[net][agent]") {
  Agent agent;
  Sender sender(agent.port);
  sender.write("{1}\n{2}\n");
  agent.accept();
  CHECK(read_all(sender, agent.peer, 8) == "{1}\n{2}\n");
  sender.write("{3}\n");
  CHECK(read_all(sender, agent.peer, 4) == "{3}\n");
  CHECK(sender.stats.read(Stat::kAgentReconnects) == 1);
  CHECK(sender.nothing_waits());
}

TEST_CASE("an agent that comes later gets what waited", "[net][agent]") {
  const std::uint16_t port = Agent().port;
  Sender sender(port);
  sender.write("{1}\n");
  CHECK(sender.until([&] { return sender.faults > 0; }));
  CHECK(sender.output.fault() ==
        "agent 127.0.0.1:" + std::to_string(port) + ": Connection refused");

  Agent agent(port);
  CHECK(sender.until([&] { return sender.nothing_waits(); }));
  agent.accept();
  CHECK(read_all(sender, agent.peer, 4) == "{1}\n");
  CHECK(sender.output.fault().empty());
}

TEST_CASE("an agent that is away is not asked all the time", "[net][agent]") {
  Sender sender(Agent().port);
  sender.write("{1}\n");
  const auto begin = sender.clock.now().monotonic;
  CHECK(sender.until([&] { return sender.faults >= 3; }));
  CHECK(sender.clock.now().monotonic - begin >= 150ms);  // Half of 100 and of 200.
}

TEST_CASE("after a restart of the agent lines come whole", "[net][agent]") {
  std::optional<Agent> agent(std::in_place);
  const std::uint16_t port = agent->port;
  Sender sender(port);
  sender.write("{1}\n");
  agent->accept();
  CHECK(read_all(sender, agent->peer, 4) == "{1}\n");
  agent.reset();

  agent.emplace(port);
  sender.write("{2}\n");
  CHECK(sender.until([&] { return sender.nothing_waits(); }));
  agent->accept();
  CHECK(read_all(sender, agent->peer, 4) == "{2}\n");
  CHECK(sender.stats.read(Stat::kAgentReconnects) == 2);
}

TEST_CASE("a line cut off by a broken connection is sent again as a whole", "[net][agent]") {
  std::optional<Agent> agent(std::in_place);
  const std::uint16_t port = agent->port;
  Sender sender(port, Protocol::kTcp, "127.0.0.1", std::size_t{64} << 20);
  std::string lines;
  for (int i = 0; i < 20'000; ++i)
    lines += std::string(999, static_cast<char>('a' + i % 26)) + "\n";
  sender.write(lines);
  agent->accept();
  agent.reset();  // With most of it unread.

  agent.emplace(port);
  CHECK(sender.until([&] { return sender.stats.read(Stat::kAgentReconnects) == 2; }));
  agent->accept();
  std::string seen;
  CHECK(sender.until([&] {
    seen += read_some(agent->peer);
    return sender.nothing_waits() && lines.ends_with(seen) && seen.ends_with('\n');
  }));
  CHECK(seen.size() % 1000 == 0);
  CHECK(!seen.empty());
}

TEST_CASE("what an agent does not read is dropped beyond the limit, and counted", "[net][agent]") {
  Agent agent;
  Sender sender(agent.port);
  const std::string line = std::string(9'999, 'x') + "\n";
  constexpr std::size_t kLines = 2'000;
  for (std::size_t i = 0; i < kLines; ++i) sender.write(line);
  const std::uint64_t dropped = sender.stats.read(Stat::kLinesDropped);
  CHECK(dropped > 0);

  agent.accept();
  std::size_t received = 0;
  CHECK(sender.until([&] {
    received += read_some(agent.peer).size();
    return received == (kLines - dropped) * line.size();
  }));
  CHECK(sender.nothing_waits());
}

TEST_CASE("close waits for an agent, but not for long", "[net][agent]") {
  Agent agent;
  Sender sender(agent.port);
  sender.write("{1}\n");
  CHECK(sender.output.close(sender.clock.now()));
  agent.accept();
  CHECK(read_all(sender, agent.peer, 4) == "{1}\n");

  Sender stuck(agent.port, Protocol::kTcp, "127.0.0.1", std::size_t{64} << 20);
  std::string lines;
  for (int i = 0; i < 20'000; ++i) lines += std::string(999, 'x') + "\n";
  stuck.write(lines);
  const auto begin = std::chrono::steady_clock::now();
  CHECK_FALSE(stuck.output.close(stuck.clock.now()));
  CHECK(std::chrono::steady_clock::now() - begin < 10s);
  CHECK(stuck.stats.read(Stat::kLinesDropped) > 0);
}

TEST_CASE("close does not wait for an agent that is not there", "[net][agent]") {
  Sender sender(Agent().port, Protocol::kTcp, "127.0.0.1", 1 << 20, 30s);
  sender.write("{1}\n{2}\n");
  const auto begin = std::chrono::steady_clock::now();
  CHECK_FALSE(sender.output.close(sender.clock.now()));
  CHECK(std::chrono::steady_clock::now() - begin < 10s);
  CHECK(sender.stats.read(Stat::kLinesDropped) == 2);
}

TEST_CASE("who never answers is given up at the deadline", "[net][agent]") {
  // A listener whose queue is full answers no more.
  const Fd listener = bound_socket(SOCK_STREAM);
  REQUIRE(::listen(listener.get(), 0) == 0);
  const sockaddr_in address = loopback(port_of(listener));
  std::vector<Fd> crowd;
  for (int i = 0; i < 4; ++i) {
    const Fd& fd = crowd.emplace_back(::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0));
    const auto* bytes = reinterpret_cast<const sockaddr*>(&address);
    if (::connect(fd.get(), bytes, sizeof address) != 0) CHECK(errno == EINPROGRESS);
  }
  Sender sender(port_of(listener));
  sender.write("{1}\n");
  CHECK(sender.output.tick(sender.clock.now()));
  sender.clock.advance(5s);
  const Status late = sender.output.tick(sender.clock.now());
  REQUIRE_FALSE(late);
  CHECK(late.error().message().ends_with("no answer"));
}

TEST_CASE("a host may have a name", "[net][agent]") {
  Agent agent;
  Sender sender(agent.port, Protocol::kTcp, "localhost");
  sender.write("{1}\n");
  CHECK(sender.until([&] { return sender.nothing_waits(); }));
  agent.accept();
  CHECK(read_all(sender, agent.peer, 4) == "{1}\n");
}

TEST_CASE("a name that nobody has is a fault, and later asked again", "[net][agent]") {
  // No label may be so long: it is refused without a name server, which could be slow.
  const std::string name = std::string(64, 'x') + ".invalid";
  Sender sender(1, Protocol::kTcp, name);
  sender.write("{1}\n");
  CHECK(sender.until([&] { return sender.faults > 0; }));
  CHECK(sender.output.fault().starts_with("agent " + name + ":1: " + name + ": "));
  CHECK_FALSE(sender.nothing_waits());
}

TEST_CASE("over UDP a line is a datagram", "[net][agent]") {
  const Fd agent = bound_socket(SOCK_DGRAM);
  Sender sender(port_of(agent), Protocol::kUdp);
  sender.write("{1}\n{22}\n");
  CHECK(read_some(agent) == "{1}\n");
  CHECK(read_some(agent) == "{22}\n");
  CHECK(sender.nothing_waits());
}

TEST_CASE("a line that fits no datagram is dropped and counted", "[net][agent]") {
  const Fd agent = bound_socket(SOCK_DGRAM);
  Sender sender(port_of(agent), Protocol::kUdp);
  const std::string longest = std::string(sinks::kDatagramBytesMax - 1, 'x') + "\n";
  sender.write("x" + longest + longest + "{2}\n");
  CHECK((read_some(agent) == longest));
  CHECK(read_some(agent) == "{2}\n");
  CHECK(sender.stats.read(Stat::kLinesDropped) == 1);
}

TEST_CASE("a UDP port where nobody listens is a fault that passes", "[net][agent]") {
  const std::uint16_t port = port_of(bound_socket(SOCK_DGRAM));
  Sender sender(port, Protocol::kUdp);
  sender.write("{1}\n");  // Sent, and refused by the host.
  sender.write("{2}\n");
  CHECK(sender.until([&] { return sender.faults > 0; }));
  CHECK(sender.stats.read(Stat::kLinesDropped) == 1);
  const Fd agent = bound_socket(SOCK_DGRAM, port);
  CHECK(sender.until([&] { return sender.nothing_waits(); }));
  CHECK(read_some(agent) == "{2}\n");
}

}  // namespace
}  // namespace sonde::net
