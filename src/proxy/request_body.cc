#include "proxy/request_body.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstring>

namespace sonde::proxy {
namespace {

using http::Framing;

void append_chunk_size(std::string& out, std::uint64_t size) {
  std::array<char, 16> digits;
  const auto end = std::to_chars(digits.data(), digits.data() + digits.size(), size, 16).ptr;
  out.append(digits.data(), end).append("\r\n");
}

std::size_t sum(std::span<const iovec> pieces) noexcept {
  std::size_t bytes = 0;
  for (const iovec& piece : pieces) bytes += piece.iov_len;
  return bytes;
}

}  // namespace

RequestBody::RequestBody(ExchangeTap& tap, const RequestBodyLimits& limits, bool must_know,
                         Buffers& buffers)
    : tap_(tap),
      limits_(limits),
      must_know_(must_know),
      whole_(buffers.whole),
      frame_(buffers.frame),
      pieces_(buffers.pieces) {
  whole_.clear();
  frame_.clear();
  pieces_.clear();
}

RequestBody::~RequestBody() = default;

void RequestBody::begin(const http::Head& head, bool scanned, bool inserts) {
  http::Limits limits;
  if (limits_.body_bytes_max > 0) limits.body_bytes_max = limits_.body_bytes_max;
  reader_ = http::BodyReader(limits);
  reader_.begin(head);
  scanned_ = scanned;
  inserts_ = inserts && scanned;
  framing_ = head.framing;
  length_ = head.content_length;
  if (reader_.state() == http::State::kDone) {
    state_ = State::kComplete;
    tap_.before_forwarding();
  }
}

std::size_t RequestBody::take(std::string_view wire, Moment now) {
  std::size_t taken = 0;
  while (taken < wire.size() && (state_ == State::kCollecting || state_ == State::kStreaming)) {
    const http::BodyReader::Piece piece = reader_.next(wire.substr(taken));
    taken += piece.consumed;
    if (!piece.payload.empty()) take_payload(piece.payload, now);
    if (reader_.state() == http::State::kRefused) state_ = State::kRefused;
    if (reader_.state() == http::State::kDone && state_ != State::kRefused) complete(now);
    if (state_ == State::kStreaming && first_piece_ < pieces_.size()) break;
  }
  return taken;
}

void RequestBody::take_payload(std::string_view payload, Moment now) {
  if (state_ == State::kStreaming) return feed_stream(payload, now);
  const std::size_t most =
      must_know_ || limits_.hold ? limits_.held_bytes_max : limits_.whole_bytes_max;
  // Room for what will be inserted, too.
  if (whole_.empty())
    whole_.reserve(std::min<std::uint64_t>(std::max<std::uint64_t>(length_, payload.size()), most) +
                   kReserve);
  whole_.append(payload);
  if (whole_.size() <= most) return;
  if (must_know_) {
    state_ = State::kRefused;
  } else {
    start_stream(now);
  }
}

void RequestBody::complete(Moment now) {
  if (state_ == State::kStreaming) {
    complete_stream(now);
  } else {
    complete_whole(now);
  }
  state_ = State::kComplete;
}

void RequestBody::complete_whole(Moment now) {
  ExchangeTap::Insertion insertion;
  if (scanned_) insertion = tap_.on_request_body(whole_, now);
  if (inserts_ && !insertion.text.empty()) whole_.insert(insertion.at, insertion.text);
  tap_.before_forwarding();
  length_ = whole_.size();
  if (framing_ == Framing::kChunked && !whole_.empty()) append_chunk_size(frame_, whole_.size());
  const std::size_t header = frame_.size();
  if (framing_ == Framing::kChunked) frame_ += whole_.empty() ? "0\r\n\r\n" : "\r\n0\r\n\r\n";
  add_piece(frame_.data(), header);
  add_piece(whole_.data(), whole_.size());
  add_piece(frame_.data() + header, frame_.size() - header);
}

// What has been collected goes in first.  Nobody has been told the length yet.
void RequestBody::start_stream(Moment now) {
  state_ = State::kStreaming;
  if (inserts_) length_ += kReserve;
  if (scanned_) {
    stream_ = std::make_unique<mcp::Splicer>(
        tap_,
        mcp::SpliceOptions{.hold_bytes_max = limits_.whole_bytes_max, .newlines_are_blanks = true});
  }
  const std::string collected = std::move(whole_);
  whole_ = std::string();
  feed_stream(collected, now);
}

void RequestBody::feed_stream(std::string_view payload, Moment now) {
  if (!scanned_) {
    whole_.append(payload);
  } else {
    while (!payload.empty()) {
      const std::span<char> space = stream_->space();
      const std::size_t part = std::min(space.size(), payload.size());
      std::memcpy(space.data(), payload.data(), part);
      stream_->take(part, now);
      payload.remove_prefix(part);
      if (payload.empty()) break;
      // More than one buffer came at once: what is ready is copied, to make room.
      for (const iovec& piece : stream_->ready()) {
        whole_.append(static_cast<const char*>(piece.iov_base), piece.iov_len);
      }
      stream_->written(sum(stream_->ready()));
    }
  }
  offer_stream();
}

void RequestBody::offer_stream() {
  if (first_piece_ == pieces_.size()) {
    pieces_.clear();
    first_piece_ = 0;
  }
  const std::span<const iovec> more = stream_ ? stream_->ready() : std::span<const iovec>();
  const std::size_t bytes = whole_.size() + sum(more);
  if (bytes == 0) return;
  streamed_ += bytes;
  frame_.clear();
  if (framing_ == Framing::kChunked) append_chunk_size(frame_, bytes);
  const std::size_t header = frame_.size();
  if (framing_ == Framing::kChunked) frame_ += "\r\n";
  add_piece(frame_.data(), header);
  add_piece(whole_.data(), whole_.size());
  for (const iovec& piece : more)
    add_piece(static_cast<const char*>(piece.iov_base), piece.iov_len);
  add_piece(frame_.data() + header, frame_.size() - header);
}

void RequestBody::complete_stream(Moment now) {
  // What ready() shows is not written yet: it is kept aside, so that the end can follow it.
  std::string rest;
  for (const iovec& piece : ready()) {
    rest.append(static_cast<const char*>(piece.iov_base), piece.iov_len);
  }
  if (stream_) {
    stream_->written(sum(stream_->ready()));
    stream_->finish(now);
  }
  pieces_.clear();
  first_piece_ = 0;
  whole_.clear();
  tap_.before_forwarding();
  offer_stream();
  for (const iovec& piece : ready()) {
    rest.append(static_cast<const char*>(piece.iov_base), piece.iov_len);
  }
  if (framing_ == Framing::kLength) rest.append(length_ - streamed_, ' ');
  if (framing_ == Framing::kChunked) rest += "0\r\n\r\n";
  whole_ = std::move(rest);
  pieces_.clear();
  first_piece_ = 0;
  add_piece(whole_.data(), whole_.size());
}

void RequestBody::add_piece(const char* data, std::size_t size) {
  if (size > 0)
    pieces_.push_back({.iov_base = const_cast<char*>(data), .iov_len = size});  // NOLINT
}

std::span<const iovec> RequestBody::ready() const noexcept {
  return std::span(pieces_).subspan(first_piece_);
}

void RequestBody::written(std::size_t size) {
  while (size > 0) {
    iovec& piece = pieces_[first_piece_];
    const std::size_t part = std::min(size, piece.iov_len);
    piece.iov_base = static_cast<char*>(piece.iov_base) + part;
    piece.iov_len -= part;
    size -= part;
    if (piece.iov_len == 0) ++first_piece_;
  }
  if (first_piece_ < pieces_.size()) return;
  pieces_.clear();
  first_piece_ = 0;
  if (state_ != State::kStreaming) return;
  whole_.clear();
  if (stream_) stream_->written(sum(stream_->ready()));
}

}  // namespace sonde::proxy
