#include "wrap/splice_lane.h"

namespace sonde::wrap {

using State = net::Transfer::State;

SpliceLane::SpliceLane(net::StreamEnd in, net::StreamEnd out, mcp::MessageObserver& messages,
                       Gate& gate, const Clock& clock, const Options& options)
    : in_(std::move(in)),
      out_(std::move(out)),
      messages_(messages),
      gate_(gate),
      clock_(clock),
      options_(options),
      splicer_(messages, options.splice) {}

Lane::Waits SpliceLane::waits() const noexcept {
  if (broken_) return Waits::kFinished;
  if (unscanned_ > 0) return Waits::kForConfiguration;
  if (!splicer_.ready().empty()) return Waits::kForOutput;
  return input_ended_ ? Waits::kFinished : Waits::kForInput;
}

int SpliceLane::fd() const noexcept { return waits() == Waits::kForOutput ? out_.fd() : in_.fd(); }

void SpliceLane::advance() {
  if (unscanned_ > 0) {
    if (gate_passed(clock_.now())) take(read_at_);
    return;
  }
  if (!splicer_.ready().empty()) return flush();
  read();
}

void SpliceLane::read() {
  const net::Transfer got = in_.read(splicer_.space());
  if (got.state == State::kEnded) return end_input();
  if (got.state == State::kWouldBlock) return;
  read_at_ = clock_.now();
  unscanned_ = got.bytes;
  bytes_ += got.bytes;
  if (gate_passed(read_at_)) take(read_at_);
}

bool SpliceLane::gate_passed(Moment now) {
  if (!passed_) {
    passed_ = gate_.open() || now.monotonic - read_at_.monotonic >= options_.gate_wait_max;
  }
  return passed_;
}

void SpliceLane::take(Moment read_at) {
  splicer_.take(std::exchange(unscanned_, 0), read_at);
  flush();
}

void SpliceLane::flush() {
  const net::Transfer put = out_.write(splicer_.ready());
  if (put.state == State::kEnded) return on_broken();
  splicer_.written(put.bytes);
  if (splicer_.ready().empty()) {
    messages_.on_forwarded(clock_.now().monotonic);
    finish_if_ended();
  }
}

void SpliceLane::end_input() {
  if (std::exchange(input_ended_, true)) return;
  in_.close();
  if (unscanned_ > 0) return take(clock_.now());
  finish_if_ended();
}

// What is held when the input ends goes as it is; only then the writing end is closed.
void SpliceLane::finish_if_ended() {
  if (!input_ended_ || !splicer_.ready().empty()) return;
  if (!std::exchange(finished_, true)) {
    splicer_.finish(clock_.now());
    if (!splicer_.ready().empty()) return flush();
  }
  out_.close();
}

void SpliceLane::on_broken() {
  broken_ = true;
  input_ended_ = true;
  in_.close();
  out_.close();
}

}  // namespace sonde::wrap
