#include "http/head_reader.h"

#include <algorithm>
#include <cstring>
#include <utility>

#include "base/byte_scan.h"
#include "http/head_parts_internal.h"
#include "http/text_internal.h"

namespace sonde::http {
namespace {

/// Most heads are shorter: so little of a body is copied in vain.
constexpr std::size_t kCopyBytes = 1024;

/// RFC 9112 2.2: one empty line, left behind by a client's last body, is passed over.
constexpr std::size_t kBlankLineBytes = 2;

}  // namespace

HeadReader::HeadReader(Side side, const Limits& limits) : limits_(limits) { head_.side = side; }

void HeadReader::reset(bool answers_head) noexcept {
  std::vector<Field> fields = std::move(head_.fields);
  fields.clear();
  const Side side = head_.side;
  head_ = Head{};
  head_.side = side;
  head_.fields = std::move(fields);
  size_ = scanned_ = line_begin_ = 0;
  state_ = State::kReading;
  refusal_ = Refusal::kNone;
  answers_head_ = answers_head;
  in_fields_ = false;
}

std::size_t HeadReader::feed(std::string_view chunk) {
  if (!buffer_ && !chunk.empty()) {
    buffer_ = std::make_unique_for_overwrite<char[]>(limits_.head_bytes_max);
  }
  std::size_t taken = 0;
  while (state_ == State::kReading && taken < chunk.size()) {
    const std::size_t room = limits_.head_bytes_max - size_;
    if (room == 0) {
      refuse(Refusal::kHeadTooLarge);
      break;
    }
    const std::size_t before = size_;
    const std::size_t piece = std::min({room, chunk.size() - taken, kCopyBytes});
    std::memcpy(buffer_.get() + size_, chunk.data() + taken, piece);
    size_ += piece;
    scan();
    if (state_ == State::kDone) size_ = scanned_;
    taken += size_ - before;
  }
  return taken;
}

/// Where the current line must have its CR at the latest.
std::size_t HeadReader::line_limit() const noexcept {
  const bool request_line = !in_fields_ && head_.side == Side::kRequest;
  return line_begin_ +
         (request_line ? limits_.target_bytes_max + kRequestLineExtra : limits_.field_bytes_max);
}

void HeadReader::scan() {
  while (state_ == State::kReading) {
    const std::size_t limit = line_limit();
    const std::string_view window(buffer_.get(), std::min(size_, limit + 1));
    const std::size_t at = find_first<ControlBytes>(window, std::min(scanned_, window.size()));
    if (at == window.size()) {
      scanned_ = at;
      if (at > limit) refuse_long_line();
      return;
    }
    scanned_ = at;
    if (window[at] == '\n') return refuse(Refusal::kBareLf);
    if (window[at] != '\r') return refuse(Refusal::kControlByte);
    if (at + 1 == size_) return;  // The CR is looked at again, with what follows it.
    if (buffer_[at + 1] != '\n') return refuse(Refusal::kBareCr);
    const std::string_view line(buffer_.get() + line_begin_, at - line_begin_);
    scanned_ = line_begin_ = at + 2;
    end_line(line);
  }
}

void HeadReader::end_line(std::string_view line) {
  if (!in_fields_) return end_first_line(line);
  if (!line.empty()) return take_field(line);
  const Refusal bad = settle(head_, limits_, answers_head_);
  if (bad != Refusal::kNone) return refuse(bad);
  state_ = State::kDone;
}

void HeadReader::end_first_line(std::string_view line) {
  if (head_.side == Side::kResponse) {
    const Refusal bad = line.empty() ? Refusal::kStatusLine : parse_status_line(line, head_);
    if (bad != Refusal::kNone) return refuse(bad);
  } else if (line.empty()) {
    if (scanned_ > kBlankLineBytes) refuse(Refusal::kBlankLines);
    return;
  } else {
    const Refusal bad = parse_request_line(line, limits_, head_);
    if (bad != Refusal::kNone) return refuse(bad);
  }
  in_fields_ = true;
}

void HeadReader::take_field(std::string_view line) {
  if (head_.fields.size() == limits_.fields_max) return refuse(Refusal::kFieldsTooMany);
  Field field;
  const Refusal bad = parse_field(line, field);
  if (bad != Refusal::kNone) return refuse(bad);
  head_.fields.push_back(field);
}

void HeadReader::refuse(Refusal refusal) noexcept {
  state_ = State::kRefused;
  refusal_ = refusal;
}

void HeadReader::refuse_long_line() noexcept {
  if (in_fields_) return refuse(Refusal::kFieldTooLong);
  refuse(head_.side == Side::kRequest ? Refusal::kTargetTooLong : Refusal::kStatusLine);
}

}  // namespace sonde::http
