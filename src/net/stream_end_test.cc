#include "net/stream_end.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include <array>
#include <catch2/catch_test_macros.hpp>
#include <catch2/generators/catch_generators_all.hpp>
#include <csignal>
#include <string>

#include "net/pipe.h"

namespace sonde::net {
namespace {

struct Ends {
  Fd reader;
  Fd writer;
};

Ends blocking_pipe() {
  auto pipe = make_pipe(Nonblocking::kNo);
  return {std::move(pipe->reader), std::move(pipe->writer)};
}

Ends sockets() {
  int ends[2];
  REQUIRE(socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) == 0);
  return {Fd(ends[0]), Fd(ends[1])};
}

Ends made(const std::string& what) { return what == "pipe" ? blocking_pipe() : sockets(); }

std::string read_once(StreamEnd& end) {
  std::array<char, 256> buffer;
  const Transfer got = end.read(buffer);
  return got.state == Transfer::State::kMoved ? std::string(buffer.data(), got.bytes) : "";
}

Transfer write_text(StreamEnd& end, std::string text) {
  const iovec piece{.iov_base = text.data(), .iov_len = text.size()};
  return end.write({&piece, 1});
}

bool blocks(int fd) { return (fcntl(fd, F_GETFL) & O_NONBLOCK) == 0; }

TEST_CASE("an inherited end never blocks and leaves its shared description as it was",
          "[net][stream_end]") {
  const auto what = GENERATE(as<std::string>(), "pipe", "sockets");
  CAPTURE(what);
  Ends ends = made(what);
  const Fd shared_reader(dup(ends.reader.get()));
  const Fd shared_writer(dup(ends.writer.get()));
  auto reader = StreamEnd::adopt_reader(std::move(ends.reader));
  auto writer = StreamEnd::adopt_writer(std::move(ends.writer));

  std::array<char, 8> buffer;
  CHECK(reader.read(buffer).state == Transfer::State::kWouldBlock);
  Transfer last{.state = Transfer::State::kMoved};
  while (last.state == Transfer::State::kMoved) last = write_text(writer, std::string(65536, 'x'));
  CHECK(last.state == Transfer::State::kWouldBlock);

  CHECK(blocks(shared_reader.get()));
  CHECK(blocks(shared_writer.get()));
}

TEST_CASE("bytes go through, and the end of the writer is the end of the stream",
          "[net][stream_end]") {
  const auto what = GENERATE(as<std::string>(), "pipe", "sockets");
  Ends ends = made(what);
  auto reader = StreamEnd::adopt_reader(std::move(ends.reader));
  auto writer = StreamEnd::adopt_writer(std::move(ends.writer));

  CHECK(write_text(writer, "hello").bytes == 5);
  CHECK(read_once(reader) == "hello");
  writer.close();
  std::array<char, 8> buffer;
  CHECK(reader.read(buffer).state == Transfer::State::kEnded);
}

TEST_CASE("several pieces are written in order, empty ones left out", "[net][stream_end]") {
  Ends ends = sockets();
  auto reader = StreamEnd::adopt_reader(std::move(ends.reader));
  auto writer = StreamEnd::adopt_writer(std::move(ends.writer));
  char a[] = "one ";
  char b[] = "two";
  const std::array<iovec, 3> pieces{iovec{a, 0}, iovec{a, 4}, iovec{b, 3}};

  CHECK(writer.write(pieces).bytes == 7);
  CHECK(read_once(reader) == "one two");
}

TEST_CASE("a reader that has gone away ends the writer without a signal", "[net][stream_end]") {
  const auto what = GENERATE(as<std::string>(), "pipe", "sockets");
  std::signal(SIGPIPE, SIG_IGN);
  Ends ends = made(what);
  auto writer = StreamEnd::adopt_writer(std::move(ends.writer));
  ends.reader.reset();

  CHECK(write_text(writer, "x").state == Transfer::State::kEnded);
  std::signal(SIGPIPE, SIG_DFL);
}

TEST_CASE("a regular file is read to its end", "[net][stream_end]") {
  char name[] = "/tmp/sonde-net-XXXXXX";
  Fd file(mkstemp(name));
  unlink(name);
  REQUIRE(write(file.get(), "abc", 3) == 3);
  REQUIRE(lseek(file.get(), 0, SEEK_SET) == 0);
  auto reader = StreamEnd::adopt_reader(std::move(file));

  CHECK(reader.kind() == StreamEnd::Kind::kFile);
  CHECK(read_once(reader) == "abc");
  std::array<char, 8> buffer;
  CHECK(reader.read(buffer).state == Transfer::State::kEnded);
}

TEST_CASE("an end that can neither be opened anew nor asked is written a little at a time",
          "[net][stream_end]") {
  auto null = StreamEnd::adopt_writer(Fd(open("/dev/null", O_WRONLY | O_CLOEXEC)));
  REQUIRE(null.kind() == StreamEnd::Kind::kShared);
  CHECK(write_text(null, std::string(100'000, 'x')).bytes == 4096);
}

TEST_CASE("a named pipe tells of its end though its writer went before we came",
          "[net][stream_end]") {
  const std::string path = "/tmp/sonde-net-fifo-" + std::to_string(getpid());
  REQUIRE(mkfifo(path.c_str(), 0600) == 0);
  Fd both(open(path.c_str(), O_RDWR | O_CLOEXEC));
  Fd reading(open(path.c_str(), O_RDONLY | O_CLOEXEC));
  unlink(path.c_str());
  REQUIRE(write(both.get(), "last", 4) == 4);
  both.reset();

  auto reader = StreamEnd::adopt_reader(std::move(reading));
  CHECK(read_once(reader) == "last");
  std::array<char, 8> buffer;
  CHECK(reader.read(buffer).state == Transfer::State::kEnded);
}

}  // namespace
}  // namespace sonde::net
