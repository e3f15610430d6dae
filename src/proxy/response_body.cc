#include "proxy/response_body.h"

#include <array>
#include <charconv>

namespace sonde::proxy {
namespace {

using http::Framing;

iovec piece_of(std::string_view text) noexcept {
  return {.iov_base = const_cast<char*>(text.data()), .iov_len = text.size()};  // NOLINT
}

}  // namespace

void ResponseBody::begin(const http::Head& head, Framing framing) {
  reader_ = http::BodyReader();
  reader_.begin(head);
  in_ = head.framing;
  out_ = framing;
  done_ = false;
  pieces_.clear();
  payload_.clear();
}

std::size_t ResponseBody::take(std::string_view wire) {
  pieces_.clear();
  payload_.clear();
  std::size_t taken = 0;
  std::size_t bytes = 0;
  while (taken < wire.size() && reader_.state() == http::State::kReading) {
    const http::BodyReader::Piece piece = reader_.next(wire.substr(taken));
    taken += piece.consumed;
    if (piece.payload.empty()) continue;
    payload_.push_back(piece.payload);
    bytes += piece.payload.size();
  }
  frame(bytes);
  return taken;
}

// However many chunks have come, one leaves.
void ResponseBody::frame(std::size_t bytes) {
  frame_.clear();
  std::size_t header = 0;
  if (out_ == Framing::kChunked) {
    if (bytes > 0) {
      std::array<char, 16> digits;
      const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), bytes, 16).ptr;
      frame_.append(digits.data(), end).append("\r\n");
      header = frame_.size();
      frame_ += "\r\n";
    }
    if (state() == http::State::kDone) frame_ += "0\r\n\r\n";
  }
  const std::string_view framing = frame_;
  if (header > 0) pieces_.push_back(piece_of(framing.substr(0, header)));
  for (const std::string_view part : payload_) pieces_.push_back(piece_of(part));
  if (framing.size() > header) pieces_.push_back(piece_of(framing.substr(header)));
}

bool ResponseBody::end_of_stream() noexcept {
  done_ = in_ == Framing::kUntilClose && reader_.state() == http::State::kReading;
  return done_;
}

}  // namespace sonde::proxy
