#pragma once

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <catch2/catch_test_macros.hpp>
#include <cerrno>
#include <string>
#include <string_view>
#include <utility>

#include "net/pipe.h"
#include "net/stream_end.h"
#include "wrap/lane.h"

namespace sonde::wrap {

/// A stream of the kind a client may have given us, both ends in our hands.
struct Stream {
  Fd reader;
  Fd writer;

  static Stream make(std::string_view kind) {
    int ends[2];
    const int made = kind == "pipe" ? pipe2(ends, O_CLOEXEC)
                                    : socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends);
    REQUIRE(made == 0);
    return {Fd(ends[0]), Fd(ends[1])};
  }
};

/// The test's end of a stream, which does not block either.
class TestEnd {
 public:
  explicit TestEnd(Fd fd) : fd_(std::move(fd)) {
    fcntl(fd_.get(), F_SETFL, fcntl(fd_.get(), F_GETFL) | O_NONBLOCK);
  }

  /// What could be written of it.
  std::size_t write(std::string_view text) {
    const ssize_t n = ::write(fd_.get(), text.data(), text.size());
    return n > 0 ? static_cast<std::size_t>(n) : 0;
  }
  bool write_fails_with(int error) { return ::write(fd_.get(), "x", 1) < 0 && errno == error; }

  /// What there is to read now.
  std::string read(std::size_t at_most = 1 << 20) {
    std::string text(at_most, '\0');
    const ssize_t n = ::read(fd_.get(), text.data(), text.size());
    ended_ = ended_ || n == 0;
    text.resize(n > 0 ? static_cast<std::size_t>(n) : 0);
    return text;
  }
  /// Whether read() has met the end.
  bool ended() const { return ended_; }
  void close() { fd_.reset(); }

 private:
  Fd fd_;
  bool ended_ = false;
};

/// Keeps what it is shown.
class Copy final : public ChunkObserver {
 public:
  void on_chunk(std::string_view bytes, Moment, std::chrono::nanoseconds) override {
    CHECK_FALSE(ended);
    text += bytes;
  }
  void on_end(Moment) override {
    CHECK_FALSE(ended);
    ended = true;
  }

  std::string text;
  bool ended = false;
};

/// Text in which every piece is unlike every other.
inline std::string distinct_text(std::size_t size) {
  std::string text;
  for (unsigned i = 0; text.size() < size; ++i) text += std::to_string(i * 7919U) + ',';
  text.resize(size);
  return text;
}

}  // namespace sonde::wrap
