#include "recorder/control_socket.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <string>

#include <catch2/catch_test_macros.hpp>

#include "recorder/temp_dir.h"
#include "recorder/unix_address.h"

namespace sonde::recorder {
namespace {

using namespace std::chrono_literals;

/// An open control socket that answers with what it was asked.
struct Echo {
  explicit Echo(ControlSocket::Options options = {}) {
    auto opened = ControlSocket::open(path, options);
    REQUIRE(opened);
    socket = std::move(*opened);
  }

  /// One round of the poll loop; does not wait.
  void serve() {
    std::vector<pollfd> polled;
    socket->add_to(polled);
    ::poll(polled.data(), polled.size(), 0);
    socket->serve(polled, clock.now(), [this](std::string_view line, ControlPeer from) {
      peer = from;
      return "<" + std::string(line) + ">";
    });
  }
  Fd connect() {
    auto fd = connect_unix(path);
    REQUIRE(fd);
    serve();
    return std::move(*fd);
  }

  TempDir temp;
  std::string path = temp / "1.sock";
  ManualClock clock;
  ControlPeer peer;
  std::unique_ptr<ControlSocket> socket;
};

void say(const Fd& fd, std::string_view text) {
  REQUIRE(::send(fd.get(), text.data(), text.size(), MSG_NOSIGNAL) ==
          static_cast<ssize_t>(text.size()));
}

/// What has come so far; "gone" if the other side has hung up without a word.
std::string hear(const Fd& fd) {
  std::array<char, 8192> text{};
  const ssize_t size = ::recv(fd.get(), text.data(), text.size(), MSG_DONTWAIT);
  if (size == 0) return "gone";
  return size < 0 ? "" : std::string(text.data(), static_cast<std::size_t>(size));
}

TEST_CASE("a line in, a line out, and that is all", "[recorder][control]") {
  Echo echo;
  const Fd client = echo.connect();
  say(client, "hello\nmore");
  echo.serve();
  CHECK(hear(client) == "<hello>\n");
  CHECK(hear(client) == "gone");
  CHECK(echo.socket->clients() == 0);
}

TEST_CASE("a request may come in pieces", "[recorder][control]") {
  Echo echo;
  const Fd client = echo.connect();
  say(client, "hel");
  echo.serve();
  CHECK(hear(client).empty());
  say(client, "lo\n");
  echo.serve();
  CHECK(hear(client) == "<hello>\n");
}

TEST_CASE("who asks is known from the kernel", "[recorder][control]") {
  Echo echo;
  const Fd client = echo.connect();
  say(client, "who\n");
  echo.serve();
  CHECK(echo.peer.pid == ::getpid());
  CHECK(echo.peer.uid == ::geteuid());
}

TEST_CASE("another user may not ask", "[recorder][control]") {
  CHECK(may_ask(1000, 1000));
  CHECK(may_ask(0, 1000));
  CHECK_FALSE(may_ask(1001, 1000));
  CHECK_FALSE(may_ask(1000, 0));
}

TEST_CASE("the socket is for its owner only, and gone with the tap", "[recorder][control]") {
  Echo echo;
  struct stat state{};
  REQUIRE(::stat(echo.path.c_str(), &state) == 0);
  CHECK((state.st_mode & 0777U) == 0600);
  echo.socket.reset();
  CHECK(::stat(echo.path.c_str(), &state) != 0);
}

TEST_CASE("a silent client is dropped after a second", "[recorder][control]") {
  Echo echo;
  const Fd client = echo.connect();
  CHECK(echo.socket->deadline() == echo.clock.now().monotonic + 1s);
  echo.clock.advance(999ms);
  echo.serve();
  CHECK(hear(client).empty());
  echo.clock.advance(1ms);
  echo.serve();
  CHECK(hear(client) == "gone");
  CHECK(echo.socket->deadline() == std::chrono::nanoseconds::max());
}

TEST_CASE("a trickling client gains no time", "[recorder][control]") {
  Echo echo;
  const Fd client = echo.connect();
  for (int i = 0; i < 10; ++i) {
    say(client, "x");
    echo.clock.advance(100ms);
    echo.serve();
  }
  CHECK(hear(client) == "gone");
}

TEST_CASE("a request longer than the limit is refused", "[recorder][control]") {
  Echo echo({.request_bytes_max = 8});
  const Fd exact = echo.connect();
  say(exact, "12345678\n");
  echo.serve();
  CHECK(hear(exact) == "<12345678>\n");
  const Fd longer = echo.connect();
  say(longer, "123456789");
  echo.serve();
  CHECK(hear(longer) == "{\"ok\":false,\"error\":\"request too long\"}\n");
}

TEST_CASE("more clients than fit wait for their turn", "[recorder][control]") {
  Echo echo({.clients_max = 2});
  const Fd first = echo.connect();
  const Fd second = echo.connect();
  const Fd third = echo.connect();
  CHECK(echo.socket->clients() == 2);
  say(third, "me too\n");
  echo.serve();
  CHECK(hear(third).empty());
  say(first, "done\n");
  echo.serve();
  echo.serve();
  echo.serve();
  CHECK(hear(third) == "<me too>\n");
}

TEST_CASE("a client that hangs up leaves nothing behind", "[recorder][control]") {
  Echo echo;
  {
    const Fd client = echo.connect();
    say(client, "half a reque");
    echo.serve();
  }
  echo.serve();
  CHECK(echo.socket->clients() == 0);
}

TEST_CASE("the file of a dead tap is replaced, a living one is left alone", "[recorder][control]") {
  const TempDir temp;
  {
    const auto dead = listen_unix(temp / "1.sock", 1);  // Closed, but never removed.
    REQUIRE(dead);
  }
  const auto taken = ControlSocket::open(temp / "1.sock", {});
  REQUIRE(taken);
  const auto refused = ControlSocket::open(temp / "1.sock", {});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message() == "another process answers at " + temp / "1.sock");
  CHECK(connect_unix(temp / "1.sock"));
}

TEST_CASE("a path too long for an address works too", "[recorder][control]") {
  const TempDir temp;
  const std::string deep = temp / std::string(150, 'd');
  REQUIRE(::mkdir(deep.c_str(), 0700) == 0);
  const auto socket = ControlSocket::open(deep + "/1.sock", {});
  REQUIRE(socket);
  CHECK(connect_unix(deep + "/1.sock"));
}

}  // namespace
}  // namespace sonde::recorder
