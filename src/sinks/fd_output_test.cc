#include "sinks/fd_output.h"

#include <fcntl.h>
#include <unistd.h>

#include <array>
#include <catch2/catch_test_macros.hpp>
#include <chrono>
#include <csignal>

#include "sinks/lines.h"
#include "sinks/temp_dir.h"

namespace sonde::sinks {
namespace {

using namespace std::chrono_literals;

/// A pipe with the smallest buffer there is.
struct Pipe {
  Pipe() {
    ::signal(SIGPIPE, SIG_IGN);
    std::array<int, 2> ends{};
    REQUIRE(::pipe2(ends.data(), O_CLOEXEC) == 0);
    reader = ends[0];
    writer = ends[1];
    ::fcntl(writer, F_SETPIPE_SZ, 4096);
    ::fcntl(reader, F_SETFL, O_NONBLOCK);
  }
  ~Pipe() {
    close_reader();
    ::close(writer);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;

  std::string read() const {
    std::string text(1 << 20, '\0');
    const ssize_t size = ::read(reader, text.data(), text.size());
    text.resize(size < 0 ? 0 : static_cast<std::size_t>(size));
    return text;
  }
  void close_reader() {
    if (reader >= 0) ::close(reader);
    reader = -1;
  }

  int reader = -1;
  int writer = -1;
};

FdOutput impatient(int fd) { return {fd, {.wait_max = 0ms}}; }

TEST_CASE("lines reach the reader", "[sinks][fd]") {
  const Pipe pipe;
  FdOutput output(pipe.writer, {});
  CHECK(output.write("{1}\n{2}\n", {}).value() == 8);
  CHECK(pipe.read() == "{1}\n{2}\n");
}

TEST_CASE("the flags of a shared descriptor are left alone", "[sinks][fd]") {
  const Pipe pipe;
  const int before = ::fcntl(pipe.writer, F_GETFL);
  auto output = impatient(pipe.writer);
  CHECK(output.write("{}\n", {}));
  CHECK(::fcntl(pipe.writer, F_GETFL) == before);
}

TEST_CASE("a sleeping reader is not waited for twice", "[sinks][fd]") {
  const Pipe pipe;
  FdOutput output(pipe.writer, {.wait_max = 30ms});
  const std::string line = std::string(1000, 'x') + "\n";
  std::size_t taken = 0;
  while (const std::size_t more = output.write(line, {}).value()) taken += more;
  CHECK(taken > 0);

  const auto begin = std::chrono::steady_clock::now();
  CHECK(output.write(line, {}).value() == 0);
  CHECK(std::chrono::steady_clock::now() - begin < 25ms);

  CHECK(pipe.read().size() == taken);
  CHECK(output.write(line, {}).value() == line.size());
}

TEST_CASE("a line longer than the pipe is whole once the reader has read", "[sinks][fd]") {
  const Pipe pipe;
  auto output = impatient(pipe.writer);
  const std::string line = std::string(20'000, 'x') + "\n";
  // The line is taken, though only its beginning is in the pipe.
  CHECK(output.write(line + "{2}\n", {}).value() == line.size());
  std::string seen;
  for (int i = 0; i < 100 && output.write("{2}\n", {}).value() == 0; ++i) seen += pipe.read();
  seen += pipe.read();
  CHECK(seen == line + "{2}\n");
}

TEST_CASE("nothing is written twice and nothing is left out", "[sinks][fd]") {
  const Pipe pipe;
  auto output = impatient(pipe.writer);
  std::string lines;
  for (std::size_t i = 0; i < 300; ++i)
    lines += std::string(i * 37 % 6000, static_cast<char>('a' + i % 26)) + "\n";
  std::string seen;
  for (std::size_t taken = 0; taken < lines.size();) {
    const auto more = output.write(std::string_view(lines).substr(taken), {});
    REQUIRE(more);
    taken += *more;
    seen += pipe.read();
  }
  while (seen.size() < lines.size()) {
    REQUIRE(output.close({}));
    seen += pipe.read();
  }
  CHECK((seen == lines));  // In brackets: nobody wants to read it.
}

TEST_CASE("a reader that is gone is an error", "[sinks][fd]") {
  Pipe pipe;
  auto output = impatient(pipe.writer);
  pipe.close_reader();
  const auto refused = output.write("{}\n", {});
  REQUIRE_FALSE(refused);
  CHECK(refused.error().message() == "stderr: Broken pipe");
}

TEST_CASE("a file is appended to where the others are", "[sinks][fd]") {
  const TempDir dir;
  const std::string path = dir / "stderr.log";
  const int fd = ::open(path.c_str(), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
  FdOutput output(fd, {});
  CHECK(::write(fd, "theirs\n", 7) == 7);
  CHECK(output.write("ours\n", {}));
  CHECK(::write(fd, "theirs\n", 7) == 7);
  ::close(fd);
  CHECK(read_file(path) == "theirs\nours\ntheirs\n");
}

TEST_CASE("a descriptor that is closed is an error", "[sinks][fd]") {
  auto output = impatient(1'000'000);
  CHECK_FALSE(output.write("{}\n", {}));
}

TEST_CASE("the front of lines is whole lines", "[sinks][fd]") {
  CHECK(front_lines("a\nb\n", 4) == "a\nb\n");
  CHECK(front_lines("a\nb\n", 3) == "a\n");
  CHECK(front_lines("a\nb\n", 2) == "a\n");
  CHECK(front_lines("a\nb\n", 1) == "a\n");
  CHECK(front_lines("long\nb\n", 2) == "long\n");
  CHECK(front_lines("", 2).empty());
}

}  // namespace
}  // namespace sonde::sinks
