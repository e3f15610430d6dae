#include "wrap/line_lane.h"

#include <limits>

namespace sonde::wrap {
namespace {

using State = net::Transfer::State;

/// Noise on stdout does not end what is looked at here.
jsonrpc::Limits limits() {
  jsonrpc::Limits limits;
  limits.bad_lines_max = std::numeric_limits<std::size_t>::max();
  return limits;
}

}  // namespace

LineLane::LineLane(Direction direction, Conversation& conversation)
    : direction_(direction), conversation_(conversation), scanner_(limits()) {
  buffer_.resize(kReadBytes);
}

void LineLane::connect_input(net::StreamEnd in) {
  in_ = std::move(in);
  input_ended_ = false;
}

void LineLane::connect_output(net::StreamEnd out) {
  out_ = std::move(out);
  broken_ = false;
}

void LineLane::lose_input() {
  in_.close();
  input_ended_ = true;
  line_.clear();
  drop_ = false;
  if (std::exchange(streaming_, false)) out_text_ += '\n';
  out_text_ += std::exchange(queued_, {});
  scanner_ = jsonrpc::Scanner(limits());
}

void LineLane::lose_output() {
  out_.close();
  broken_ = true;
  out_text_.clear();
  written_ = 0;
  queued_.clear();
  lost_ = lost_ || streaming_;
}

void LineLane::inject(std::string_view lines) {
  (streaming_ && !lost_ ? queued_ : out_text_) += lines;
}

void LineLane::finish() {
  if (std::exchange(finishing_, true)) return;
  in_.close();
  input_ended_ = true;
  // A last line without its end goes as it is.
  if (!streaming_) out_text_ += std::exchange(line_, {});
  if (broken_ || ready().empty()) out_.close();
}

Lane::Waits LineLane::waits() const noexcept {
  if (!broken_ && !ready().empty()) return Waits::kForOutput;
  return input_ended_ || paused_ || broken_ ? Waits::kFinished : Waits::kForInput;
}

int LineLane::fd() const noexcept { return waits() == Waits::kForOutput ? out_.fd() : in_.fd(); }

void LineLane::advance() {
  switch (waits()) {
    case Waits::kForOutput:
      return flush();
    case Waits::kForInput:
      return read();
    default:
      return;
  }
}

void LineLane::end_input() { finish(); }

void LineLane::read() {
  const net::Transfer got = in_.read(buffer_);
  if (got.state == State::kWouldBlock) return;
  if (got.state == State::kEnded) {
    in_.close();
    input_ended_ = true;
    return;
  }
  bytes_ += got.bytes;
  take(std::string_view(buffer_).substr(0, got.bytes));
  if (!ready().empty()) flush();
}

void LineLane::take(std::string_view bytes) {
  while (!bytes.empty()) {
    const std::size_t newline = bytes.find('\n');
    const bool ends = newline != std::string_view::npos;
    take_piece(bytes.substr(0, ends ? newline + 1 : bytes.size()), ends);
    bytes.remove_prefix(ends ? newline + 1 : bytes.size());
  }
}

void LineLane::take_piece(std::string_view piece, bool ends_line) {
  scanner_.feed(piece);
  while (const jsonrpc::Message* message = scanner_.next()) {
    const auto verdict = conversation_.on_message(direction_, *message, lost_);
    drop_ = drop_ || verdict == Conversation::Verdict::kDrop;
  }
  if (streaming_) {
    if (!lost_) out_text_ += piece;
  } else {
    line_ += piece;
  }
  if (ends_line) {
    end_line(drop_);
  } else if (!streaming_ && line_.size() > kHeldMax) {
    out_text_ += std::exchange(line_, {});
    streaming_ = true;
  }
}

void LineLane::end_line(bool drop) {
  if (!streaming_ && !drop) {
    conversation_.on_line(direction_, line_);
    out_text_ += line_;
  }
  line_.clear();
  drop_ = streaming_ = lost_ = false;
  out_text_ += std::exchange(queued_, {});
}

void LineLane::flush() {
  const std::string_view text = ready();
  const iovec piece{.iov_base = const_cast<char*>(text.data()), .iov_len = text.size()};
  const net::Transfer put = out_.write({&piece, 1});
  if (put.state == State::kEnded) {
    broken_ = true;
    return;
  }
  written_ += put.bytes;
  if (!ready().empty()) return;
  out_text_.clear();
  written_ = 0;
  if (finishing_) out_.close();
}

}  // namespace sonde::wrap
