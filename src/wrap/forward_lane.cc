#include "wrap/forward_lane.h"

#include <fcntl.h>

#include <algorithm>
#include <cerrno>
#include <span>

namespace sonde::wrap {

using Kind = net::StreamEnd::Kind;
using State = net::Transfer::State;

ForwardLane::ForwardLane(net::StreamEnd in, net::StreamEnd out, ChunkObserver& observer,
                         const Clock& clock, const ForwardOptions& options)
    : in_(std::move(in)),
      out_(std::move(out)),
      observer_(observer),
      clock_(clock),
      options_(options),
      buffers_(options.chunk_bytes),
      can_splice_(in_.kind() == Kind::kPipe && out_.kind() == Kind::kPipe) {}

Lane::Waits ForwardLane::waits() const noexcept {
  if (output_full_) return Waits::kForOutput;
  return input_ended_ || broken_ ? Waits::kFinished : Waits::kForInput;
}

int ForwardLane::fd() const noexcept { return output_full_ ? out_.fd() : in_.fd(); }

void ForwardLane::advance() {
  if (begin_ < end_) {
    if (!write_rest() || !speak()) on_broken();
    return;
  }
  output_full_ = false;
  if (speaking_) {
    if (!speak()) return on_broken();
    return close_if_done();
  }
  if (teed_ > 0 || (large_ && can_splice_)) {
    if (splice_on()) return;
  }
  read_and_write();
}

void ForwardLane::read_and_write() {
  const std::span<char> space = buffers_.next();
  const net::Transfer got = in_.read(space);
  if (got.state == State::kEnded) return on_input_end();
  if (got.state == State::kWouldBlock) return;
  const Moment read_at = clock_.now();
  begin_ = 0;
  end_ = got.bytes;
  bytes_ += got.bytes;
  at_line_begin_ = space[got.bytes - 1] == '\n';
  const bool has_reader = write_rest();
  observer_.on_chunk({space.data(), got.bytes}, read_at, clock_.now().monotonic);
  if (!has_reader || !speak()) return on_broken();
  if (got.bytes >= options_.splice_from_bytes) {
    expect_large();
  } else {
    buffers_.rest();
  }
}

// False if nobody reads any more.
bool ForwardLane::write_rest() {
  const iovec piece{.iov_base = buffers_.data() + begin_, .iov_len = end_ - begin_};
  const net::Transfer put = out_.write({&piece, 1});
  if (put.state == State::kEnded) return false;
  begin_ += put.bytes;
  output_full_ = begin_ < end_;
  close_if_done();
  return true;
}

// False if the lane had better read: there is nothing to splice, or the input has ended.
bool ForwardLane::splice_on() {
  std::size_t copied = 0;
  const Moment read_at = clock_.now();
  if (teed_ == 0) {
    copied = tee_copy();
    if (copied == 0) return false;
    teed_ = copied;
    bytes_ += copied;
    large_ = copied >= options_.splice_from_bytes;
  }
  const ssize_t moved =
      splice(in_.fd(), nullptr, out_.fd(), nullptr, teed_, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
  const int error = errno;
  if (copied > 0) observe_copy(copied, read_at, clock_.now().monotonic);
  if (moved < 0 && error != EAGAIN && error != EINTR) {
    on_broken();
    return true;
  }
  teed_ -= static_cast<std::size_t>(std::max<ssize_t>(moved, 0));
  output_full_ = teed_ > 0;
  if (!speak()) on_broken();
  return true;
}

// How many bytes the observer's pipe now holds; they are still in the input, too.
std::size_t ForwardLane::tee_copy() {
  const ssize_t copied =
      tee(in_.fd(), copy_.writer.get(), options_.grown_pipe_bytes, SPLICE_F_NONBLOCK);
  return static_cast<std::size_t>(std::max<ssize_t>(copied, 0));
}

void ForwardLane::observe_copy(std::size_t bytes, Moment read_at,
                               std::chrono::nanoseconds written_at) {
  while (bytes > 0) {
    const std::span<char> space = buffers_.next();
    const ssize_t n = ::read(copy_.reader.get(), space.data(), std::min(bytes, space.size()));
    if (n <= 0) return;
    at_line_begin_ = space[static_cast<std::size_t>(n) - 1] == '\n';
    observer_.on_chunk({space.data(), static_cast<std::size_t>(n)}, read_at, written_at);
    bytes -= static_cast<std::size_t>(n);
  }
}

void ForwardLane::say(std::string_view lines) {
  if (broken_ || input_ended_) return;
  own_ += lines;
  if (!speak()) on_broken();
}

// Between two lines.  False if nobody reads any more.
bool ForwardLane::speak() {
  const bool in_the_way = begin_ < end_ || teed_ > 0 || !(at_line_begin_ || speaking_);
  if (own_.empty() || in_the_way) return true;
  const iovec piece{.iov_base = own_.data(), .iov_len = own_.size()};
  const net::Transfer put = out_.write({&piece, 1});
  if (put.state == State::kEnded) return false;
  own_.erase(0, put.bytes);
  output_full_ = !own_.empty();
  speaking_ = !own_.empty();
  return true;
}

void ForwardLane::expect_large() {
  large_ = true;
  if (!can_splice_ || copy_.reader) return;
  auto pipe = net::make_pipe(net::Nonblocking::kYes);
  if (!pipe) {
    can_splice_ = false;
    return;
  }
  copy_ = std::move(*pipe);
  net::grow_pipe(copy_.writer.get(), options_.grown_pipe_bytes);
  if (options_.grow_input) net::grow_pipe(in_.fd(), options_.grown_pipe_bytes);
  if (options_.grow_output) net::grow_pipe(out_.fd(), options_.grown_pipe_bytes);
}

void ForwardLane::end_input() {
  if (input_ended_) return;
  on_input_end();
}

void ForwardLane::on_input_end() {
  input_ended_ = true;
  in_.close();
  teed_ = 0;
  output_full_ = begin_ < end_ || speaking_;
  observer_.on_end(clock_.now());
  close_if_done();
}

void ForwardLane::on_broken() {
  // Closing the reading end tells the writer what we have learnt: its own next write fails.
  broken_ = true;
  output_full_ = speaking_ = false;
  begin_ = end_ = teed_ = 0;
  own_.clear();
  in_.close();
  out_.close();
  if (!std::exchange(input_ended_, true)) observer_.on_end(clock_.now());
}

void ForwardLane::close_if_done() {
  if (input_ended_ && begin_ == end_ && !speaking_) out_.close();
}

}  // namespace sonde::wrap
