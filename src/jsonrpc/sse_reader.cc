#include "jsonrpc/sse_reader.h"

#include <limits>
#include <utility>

#include "base/byte_scan.h"
#include "base/check.h"
#include "jsonrpc/kernel.h"

namespace sonde::jsonrpc {
namespace {

constexpr std::string_view kDefaultType = "message";
constexpr std::string_view kByteOrderMarkBytes = "\xEF\xBB\xBF";
constexpr std::string_view kLineJoint = "\n";

struct LineEnd {
  template <class Byte>
  static constexpr auto holds(Byte byte) noexcept {
    return (byte == '\n') | (byte == '\r');
  }
};

bool ends_line(char byte) noexcept { return LineEnd::holds(byte); }

/// `number` with one more digit.
std::uint64_t with_digit(std::uint64_t number, char digit) noexcept {
  constexpr std::uint64_t kMax = std::numeric_limits<std::uint64_t>::max();
  const auto unit = static_cast<std::uint64_t>(digit - '0');
  return number > (kMax - unit) / 10 ? kMax : number * 10 + unit;
}

}  // namespace

void SseReader::Bounded::clear() noexcept {
  text.clear();
  cut = false;
}

void SseReader::Bounded::append(std::string_view more, std::size_t limit) {
  const std::size_t room = limit - text.size();
  if (more.size() > room) cut = true;
  text.append(more.substr(0, room));
}

SseReader::SseReader(SseLimits limits) : kernel_(&kernels().front()), limits_(limits) {}

void SseReader::feed(std::string_view chunk) {
  SONDE_CHECK(at_ == chunk_.size());
  chunk_begin_ += chunk_.size();
  chunk_ = chunk;
  at_ = 0;
}

SseReader::Step SseReader::next() {
  if (ended_) forget_event();
  Step step = Step::kStarved;
  while (at_ != chunk_.size() && step == Step::kStarved) {
    switch (state_) {
      case State::kByteOrderMark:
        read_byte_order_mark();
        break;
      case State::kLineStart:
        step = start_line();
        break;
      case State::kName:
        step = read_name();
        break;
      case State::kValueStart:
        if (chunk_[at_] == ' ') ++at_;
        state_ = State::kValue;
        break;
      case State::kValue:
        step = read_value();
        break;
    }
  }
  return step;
}

void SseReader::read_byte_order_mark() {
  if (chunk_[at_] == kByteOrderMarkBytes[byte_order_mark_bytes_]) {
    ++at_;
    if (++byte_order_mark_bytes_ == kByteOrderMarkBytes.size()) state_ = State::kLineStart;
  } else if (byte_order_mark_bytes_ == 0) {
    state_ = State::kLineStart;
  } else {
    // A part of one: the beginning of a name we do not know.
    begin_ = 0;
    field_ = Name::kOther;
    state_ = State::kValue;
  }
}

SseReader::Step SseReader::start_line() {
  const char first = chunk_[at_];
  const bool rest_of_crlf = after_cr_ && first == '\n';
  after_cr_ = false;
  if (rest_of_crlf) {
    ++at_;
    if (field_ == Name::kData) data_ends_in_crlf_ = true;
    return Step::kStarved;
  }
  line_begin_ = chunk_begin_ + at_;
  if (ends_line(first)) return end_event();
  if (first == ':') {
    field_ = Name::kOther;
    state_ = State::kValue;
    return Step::kStarved;
  }
  if (!begin_) begin_ = line_begin_;
  // What read_name() would say, at once: nearly every line.
  const std::string_view rest = chunk_.substr(at_);
  const auto starts = [&](std::string_view name, Name field) {
    if (!rest.starts_with(name)) return false;
    at_ += name.size();
    state_ = State::kValueStart;
    field_ = field;
    return true;
  };
  if (starts("data:", Name::kData) || starts("event:", Name::kEvent) || starts("id:", Name::kId)) {
    return start_field(field_);
  }
  name_bytes_ = 0;
  state_ = State::kName;
  return Step::kStarved;
}

SseReader::Step SseReader::end_event() {
  field_ = Name::kOther;
  end_line();
  if (data_lines_ == 0) {
    forget_event();
    return Step::kStarved;
  }
  ended_ = true;
  return Step::kEnd;
}

SseReader::Step SseReader::read_name() {
  for (; at_ != chunk_.size(); ++at_) {
    const char byte = chunk_[at_];
    if (byte == ':') {
      ++at_;
      state_ = State::kValueStart;
      return start_field(name());
    }
    if (ends_line(byte)) {
      state_ = State::kValue;
      return start_field(name());
    }
    if (name_bytes_ == name_.size()) {
      field_ = Name::kOther;
      state_ = State::kValue;
      return Step::kStarved;
    }
    name_[name_bytes_++] = byte;
  }
  return Step::kStarved;
}

SseReader::Name SseReader::name() const noexcept {
  const std::string_view name(name_.data(), name_bytes_);
  if (name == "data") return Name::kData;
  if (name == "event") return Name::kEvent;
  if (name == "id") return Name::kId;
  if (name == "retry") return Name::kRetry;
  return Name::kOther;
}

SseReader::Step SseReader::start_field(Name field) {
  field_ = field;
  switch (field) {
    case Name::kData:
      if (++data_lines_ == 1) return Step::kBegin;
      data_ = kLineJoint;
      closed_data_ = {};
      ++data_bytes_;
      return Step::kData;
    case Name::kEvent:
      type_.clear();
      break;
    case Name::kId:
      new_id_.clear();
      new_id_valid_ = true;
      break;
    case Name::kRetry:
      new_retry_ms_.reset();
      new_retry_valid_ = true;
      break;
    case Name::kOther:
      break;
  }
  return Step::kStarved;
}

SseReader::Step SseReader::read_value() {
  const std::size_t begin = at_;
  at_ = find_line_end();
  if (field_ == Name::kData) return yield_data(begin);
  take(chunk_.substr(begin, at_ - begin));
  if (at_ != chunk_.size()) {
    end_field();
    end_line();
  }
  return Step::kStarved;
}

std::size_t SseReader::find_line_end() const noexcept {
  // Most lines end nearby; calling the kernel pays for those that do not.
  constexpr std::size_t kNearby = 512;
  if (chunk_.size() - at_ <= kNearby) return find_first<LineEnd>(chunk_, at_);
  const std::size_t far = at_ + kNearby;
  const std::size_t near_end = find_first<LineEnd>(chunk_.substr(0, far), at_);
  if (near_end != far) return near_end;
  const char* const begin = chunk_.data();
  const char* const at = kernel_->skip_in_line(begin + far, begin + chunk_.size());
  return find_first<LineEnd>(chunk_, static_cast<std::size_t>(at - begin));
}

SseReader::Step SseReader::yield_data(std::size_t begin) {
  const std::string_view rest = chunk_.substr(at_);
  data_ = chunk_.substr(begin, at_ - begin);
  data_bytes_ += data_.size();
  closed_data_ = {};
  if (!rest.empty()) {
    const std::size_t line_end_bytes = rest.starts_with("\r\n") ? 2 : 1;
    if (rest[line_end_bytes - 1] == '\n' && rest.size() > line_end_bytes &&
        ends_line(rest[line_end_bytes])) {
      closed_data_ = chunk_.substr(begin, data_.size() + line_end_bytes);
    }
    end_line();
  }
  return data_.empty() ? Step::kStarved : Step::kData;
}

/// A piece of the value of a field that is not data.
void SseReader::take(std::string_view piece) {
  if (field_ == Name::kEvent) {
    type_.append(piece, limits_.type);
  } else if (field_ == Name::kId) {
    new_id_.append(piece, limits_.id);
    // Behind the limit too: what is kept must not depend on it.
    if (piece.contains('\0')) new_id_valid_ = false;
  } else if (field_ == Name::kRetry) {
    for (const char byte : piece) {
      if (byte < '0' || byte > '9') {
        new_retry_valid_ = false;
        break;
      }
      new_retry_ms_ = with_digit(new_retry_ms_.value_or(0), byte);
    }
  }
}

void SseReader::end_field() {
  if (field_ == Name::kId && new_id_valid_) {
    std::swap(id_, new_id_);
    has_id_ = true;
  } else if (field_ == Name::kRetry && new_retry_valid_ && new_retry_ms_) {
    retry_ms_ = new_retry_ms_;
  }
}

void SseReader::end_line() noexcept {
  after_cr_ = chunk_[at_] == '\r';
  if (field_ == Name::kData) data_ends_in_crlf_ = false;
  ++at_;
  state_ = State::kLineStart;
}

void SseReader::forget_event() noexcept {
  begin_.reset();
  data_lines_ = 0;
  data_bytes_ = 0;
  ended_ = false;
  has_id_ = false;
  type_.clear();
}

SseEvent SseReader::event() const noexcept {
  return {.type = type_.text.empty() ? kDefaultType : std::string_view(type_.text),
          .last_id = id_.text,
          .begin = begin_.value_or(0),
          .end = ended_ ? line_begin_ : 0,
          .data_lines = data_lines_,
          .data_bytes = data_bytes_,
          .has_id = has_id_,
          .type_cut = type_.cut,
          .id_cut = id_.cut};
}

}  // namespace sonde::jsonrpc
