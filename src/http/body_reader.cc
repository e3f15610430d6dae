#include "http/body_reader.h"

#include <algorithm>

#include "http/text_internal.h"

namespace sonde::http {
namespace {

/// CVE-2023-39326: extensions of many small chunks made a server read far more than it got.
constexpr std::uint64_t kExtensionBytesFree = 16 * 1024;

/// Trailers are dropped, but a peer that sends these has something in mind.
bool forbidden_in_trailer(FieldId id) noexcept {
  switch (id) {
    case FieldId::kContentLength:
    case FieldId::kTransferEncoding:
    case FieldId::kHost:
    case FieldId::kConnection:
    case FieldId::kTrailer:
      return true;
    default:
      return false;
  }
}

}  // namespace

void BodyReader::begin(const Head& head) noexcept {
  framing_ = head.framing;
  refusal_ = Refusal::kNone;
  step_ = Step::kChunkLine;
  left_ = framing_ == Framing::kLength ? head.content_length : 0;
  payload_bytes_ = extension_bytes_ = 0;
  trailer_bytes_ = trailers_ = 0;
  chunk_line_ = ChunkLine();
  trailer_.clear();
  const bool empty = framing_ == Framing::kNone || (framing_ == Framing::kLength && left_ == 0);
  state_ = empty ? State::kDone : State::kReading;
  if (left_ > limits_.body_bytes_max) refuse(Refusal::kBodyTooLarge);
}

BodyReader::Piece BodyReader::next(std::string_view chunk) {
  if (state_ != State::kReading) return {};
  if (framing_ == Framing::kChunked) return next_chunked(chunk);
  if (framing_ == Framing::kUntilClose) {
    left_ = limits_.body_bytes_max - payload_bytes_;
    if (left_ == 0 && !chunk.empty()) refuse(Refusal::kBodyTooLarge);
  }
  const std::string_view payload = take_data(chunk);
  if (framing_ == Framing::kLength && left_ == 0) state_ = State::kDone;
  return {.consumed = payload.size(), .payload = payload};
}

std::string_view BodyReader::take_data(std::string_view chunk) noexcept {
  const std::string_view payload = chunk.substr(0, std::min<std::uint64_t>(left_, chunk.size()));
  left_ -= payload.size();
  payload_bytes_ += payload.size();
  return payload;
}

BodyReader::Piece BodyReader::next_chunked(std::string_view chunk) {
  std::size_t at = 0;
  while (at < chunk.size() && state_ == State::kReading) {
    if (step_ == Step::kData) {
      const std::string_view payload = take_data(chunk.substr(at));
      if (left_ == 0) step_ = Step::kDataCr;
      return {.consumed = at + payload.size(), .payload = payload};
    }
    const char c = chunk[at++];
    if (step_ == Step::kChunkLine) {
      take_chunk_line(c);
    } else if (step_ == Step::kTrailers) {
      take_trailer(c);
    } else {
      take_data_end(c);
    }
  }
  return {.consumed = at, .payload = {}};
}

void BodyReader::take_chunk_line(char c) noexcept {
  chunk_line_.take(c, limits_.chunk_extension_bytes_max);
  if (chunk_line_.refusal() != Refusal::kNone) return refuse(chunk_line_.refusal());
  if (chunk_line_.done()) end_chunk_line();
}

void BodyReader::end_chunk_line() noexcept {
  left_ = chunk_line_.size();
  extension_bytes_ += chunk_line_.extension_bytes();
  chunk_line_ = ChunkLine();
  if (extension_bytes_ > kExtensionBytesFree + payload_bytes_) {
    return refuse(Refusal::kChunkExtensionTooLong);
  }
  if (left_ > limits_.body_bytes_max - payload_bytes_) return refuse(Refusal::kBodyTooLarge);
  step_ = left_ == 0 ? Step::kTrailers : Step::kData;
}

void BodyReader::take_data_end(char c) noexcept {
  if (step_ == Step::kDataCr) {
    if (c != '\r') return refuse(Refusal::kChunkEnd);
    step_ = Step::kDataLf;
    return;
  }
  if (c != '\n') return refuse(Refusal::kChunkEnd);
  step_ = Step::kChunkLine;
}

void BodyReader::take_trailer(char c) {
  if (++trailer_bytes_ > limits_.trailer_bytes_max) return refuse(Refusal::kTrailersTooLarge);
  if (!trailer_.empty() && trailer_.back() == '\r') {
    if (c != '\n') return refuse(Refusal::kBareCr);
    trailer_.pop_back();
    return end_trailer();
  }
  if (c == '\n') return refuse(Refusal::kBareLf);
  if (c != '\r' && is_control(c)) return refuse(Refusal::kControlByte);
  trailer_.push_back(c);
}

void BodyReader::end_trailer() {
  if (trailer_.empty()) {
    state_ = State::kDone;
    return;
  }
  if (++trailers_ > limits_.fields_max) return refuse(Refusal::kTrailersTooLarge);
  Field field;
  const Refusal bad = parse_field(trailer_, field);
  if (bad != Refusal::kNone) return refuse(bad);
  if (forbidden_in_trailer(field.id)) return refuse(Refusal::kTrailerForbidden);
  trailer_.clear();
}

void BodyReader::refuse(Refusal refusal) noexcept {
  state_ = State::kRefused;
  refusal_ = refusal;
}

}  // namespace sonde::http
