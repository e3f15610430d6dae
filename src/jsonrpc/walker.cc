#include "jsonrpc/walker.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace sonde::jsonrpc {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
constexpr std::size_t kBlockBytes = 64;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

bool may_begin_scalar(char c) {
  return (c >= '0' && c <= '9') || c == '-' || c == 't' || c == 'f' || c == 'n';
}

/// The field that the object on `level` is.
constexpr Field object_field(Level level) {
  constexpr std::array<Field, 5> kFields{kNoField, kNoField, Field::kParams, Field::kResult,
                                         Field::kError};
  return kFields[static_cast<std::size_t>(level)];
}

/// The level of the members of the object that a field of the message is, if it is
/// looked into.
constexpr Level level_inside(Field field) {
  if (field == Field::kParams) return Level::kParams;
  if (field == Field::kResult) return Level::kResult;
  if (field == Field::kError) return Level::kError;
  return Level::kTop;
}

}  // namespace

void Walker::feed(const Chunk& chunk) noexcept {
  begin_ = chunk.bytes.data();
  end_ = begin_ + chunk.bytes.size();
  chunk_begin_ = chunk.begin;
  at_ = begin_;
  piece_ = begin_;
  scanned_ = begin_;
  tokens_ = 0;
  window_.size = 0;
  next_block_ = 0;
}

Walker::Event Walker::run() noexcept {
  for (;;) {
    const Event event = step_ < Step::kKeyOrEnd ? walk_line() : walk_value();
    if (event != Event::kNone) return event;
  }
}

bool Walker::take() noexcept {
  while (tokens_ == 0) {
    if (next_block_ == window_.size && !refill()) return false;
    tokens_ = window_.blocks[next_block_++].tokens;
    block_ += kBlockBytes;
  }
  at_ = block_ + std::countr_zero(tokens_);
  tokens_ &= tokens_ - 1;
  return true;
}

bool Walker::refill() noexcept {
  if (scanned_ == end_) return false;
  block_ = scanned_ - kBlockBytes;
  next_block_ = 0;
  kernel_.classify({begin_, scanned_, end_}, carry_, window_);
  scanned_ = window_.end;
  backslash_ |= window_.backslash;
  return true;
}

/// Goes to `at`, which is outside of strings.
void Walker::seek(const char* at) noexcept {
  if (next_block_ == 0 || at >= scanned_) {
    carry_ = {};
    scanned_ = at;
    tokens_ = 0;
    window_.size = 0;
    next_block_ = 0;
    return;
  }
  const std::size_t blocks = static_cast<std::size_t>(at - block_) / kBlockBytes;
  if (blocks != 0) {
    block_ += blocks * kBlockBytes;
    next_block_ += blocks;
    tokens_ = window_.blocks[next_block_ - 1].tokens;
  }
  tokens_ &= ~Mask{0} << (at - block_);
}

/// The chunk ends in the middle of something.
Walker::Event Walker::starve(Step step) noexcept {
  step_ = step;
  if (step == Step::kInKey) keep_key(end_);
  if (step == Step::kInScalar && !scalar_.feed({piece_, end_})) fail();
  return Event::kStarved;
}

/// Nothing can make this line JSON any more.
void Walker::fail() noexcept {
  step_ = Step::kBadLine;
  level_ = Level::kTop;
  draft_.reset();
  draft_.shape = Draft::Shape::kInvalid;
  draft_.begin = unclaimed_;
}

Walker::Event Walker::walk_line() noexcept {
  switch (step_) {
    case Step::kLine:
      if (!begin_line()) return Event::kStarved;
      return Event::kNone;
    case Step::kElementOrEnd:
      if (!take()) return starve(Step::kElementOrEnd);
      if (*at_ != ']') {
        begin_element();
      } else {
        draft_.shape = Draft::Shape::kOther;
        draft_.begin = unclaimed_;
        in_batch_ = false;
        end_element(at_ + 1);
      }
      return Event::kNone;
    case Step::kElement:
      if (!take()) return starve(Step::kElement);
      begin_element();
      return Event::kNone;
    case Step::kElementEnd:
      unclaimed_ = draft_.end;
      step_ = Step::kAfterElement;
      return Event::kMessage;
    case Step::kAfterElement:
      if (!take()) return starve(Step::kAfterElement);
      step_ = *at_ == ',' ? Step::kElement : Step::kLineEnd;
      if (*at_ != ',' && *at_ != ']') fail();
      return Event::kNone;
    case Step::kLineEnd:
      return end_line();
    default:
      return end_bad_line();
  }
}

/// Goes to the first byte of a line that is neither blank nor a byte order mark.
bool Walker::begin_line() noexcept {
  for (; at_ != end_; ++at_) {
    if (*at_ == kByteOrderMark[bom_]) {
      bom_ = static_cast<std::uint8_t>((bom_ + 1) % kByteOrderMark.size());
    } else if (bom_ != 0 || !is_blank(*at_)) {
      break;
    }
  }
  if (at_ == end_) return false;
  unclaimed_ = offset(at_) - bom_;
  in_batch_ = false;
  backslash_ = false;
  scanned_ = at_;
  carry_ = {};
  tokens_ = 0;
  window_.size = 0;
  next_block_ = 0;
  step_ = Step::kElement;
  if (bom_ != 0) fail();
  bom_ = 0;
  return true;
}

/// The value of a line, or of a batch, begins.
void Walker::begin_element() noexcept {
  if (*at_ == '[' && !in_batch_) {
    in_batch_ = true;
    step_ = Step::kElementOrEnd;
    return;
  }
  draft_.begin = offset(at_);
  draft_.in_batch = in_batch_;
  field_ = kNoField;
  if (*at_ == '{') {
    draft_.shape = Draft::Shape::kObject;
    level_ = Level::kMessage;
    step_ = Step::kKeyOrEnd;
    return;
  }
  draft_.shape = Draft::Shape::kOther;
  begin_value();
}

void Walker::end_element(const char* end) noexcept {
  draft_.closed = true;
  draft_.end = offset(end);
  level_ = Level::kTop;
  step_ = in_batch_ ? Step::kElementEnd : Step::kLineEnd;
}

Walker::Event Walker::end_line() noexcept {
  if (!take()) return starve(Step::kLineEnd);
  if (*at_ != '\n') {
    fail();
    return Event::kNone;
  }
  ++at_;
  bad_lines_ = 0;
  step_ = Step::kLine;
  return draft_.shape == Draft::Shape::kNothing ? Event::kNone : Event::kMessage;
}

Walker::Event Walker::end_bad_line() noexcept {
  const void* newline = std::memchr(at_, '\n', static_cast<std::size_t>(end_ - at_));
  if (newline == nullptr) {
    at_ = end_;
    return Event::kStarved;
  }
  at_ = static_cast<const char*>(newline) + 1;
  draft_.end = offset(at_) - 1;
  draft_.closed = true;
  ++bad_lines_;
  step_ = Step::kLine;
  return Event::kMessage;
}

Walker::Event Walker::walk_value() noexcept {
  for (;;) {
    switch (step_) {
      case Step::kKeyOrEnd:
        if (!take()) return starve(Step::kKeyOrEnd);
        if (*at_ == '}') {
          end_object();
        } else {
          begin_key();
        }
        break;
      case Step::kKey:
        if (!take()) return starve(Step::kKey);
        begin_key();
        break;
      case Step::kInKey:
        if (!take()) return starve(Step::kInKey);
        end_key();
        break;
      case Step::kColon:
        if (!take()) return starve(Step::kColon);
        step_ = Step::kValue;
        if (*at_ != ':') fail();
        break;
      case Step::kValue:
        if (!take()) return starve(Step::kValue);
        begin_member();
        break;
      case Step::kInString:
        if (!take()) return starve(Step::kInString);
        if (*at_ == '"') {
          end_value(at_ + 1);
        } else {
          fail();
        }
        break;
      case Step::kInScalar:
        if (!take()) return starve(Step::kInScalar);
        end_scalar();
        break;
      case Step::kContainer:
        if (!take()) return starve(Step::kContainer);
        begin_container();
        break;
      case Step::kInContainer:
        if (!skip_container()) return Event::kStarved;
        break;
      case Step::kAfterValue:
        if (!take()) return starve(Step::kAfterValue);
        after_member();
        break;
      default:
        return Event::kNone;
    }
  }
}

void Walker::begin_key() noexcept {
  if (*at_ != '"') return fail();
  piece_ = at_ + 1;
  key_size_ = 0;
  step_ = Step::kInKey;
}

/// Keeps the part of a key that lies in this chunk, from piece_ to `to`.
void Walker::keep_key(const char* to) noexcept {
  const std::size_t size = std::min(key_.size() - key_size_, static_cast<std::size_t>(to - piece_));
  std::memcpy(key_.data() + key_size_, piece_, size);
  key_size_ += size;
}

void Walker::end_key() noexcept {
  if (*at_ != '"') return fail();
  std::string_view key(piece_, at_);
  if (key_size_ != 0) [[unlikely]] {
    keep_key(at_);
    key = {key_.data(), key_size_};
  }
  field_ = backslash_ && key.contains('\\') ? field_of_escaped(level_, key) : field_of(level_, key);
  ++members_;
  step_ = Step::kColon;
}

/// The value of a member begins.
void Walker::begin_member() noexcept {
  if (field_ != kNoField) {
    draft_.open(field_, offset(at_), *at_);
    const Level inside = level_ == Level::kMessage ? level_inside(field_) : Level::kTop;
    if (*at_ == '{' && inside != Level::kTop) {
      level_ = inside;
      members_ = 0;
      step_ = Step::kKeyOrEnd;
      return;
    }
  }
  begin_value();
}

void Walker::begin_value() noexcept {
  switch (*at_) {
    case '"':
      step_ = Step::kInString;
      return;
    case '{':
    case '[':
      opening_ = *at_;
      step_ = Step::kContainer;
      return;
    default:
      if (!may_begin_scalar(*at_)) return fail();
      piece_ = at_;
      scalar_.begin();
      step_ = Step::kInScalar;
  }
}

void Walker::end_value(const char* end) noexcept {
  if (level_ == Level::kTop) return end_element(end);
  if (field_ != kNoField) draft_.at(field_).end = offset(end);
  step_ = Step::kAfterValue;
}

/// At the first token behind a number or word, or at the blank behind it.
void Walker::end_scalar() noexcept {
  if (!scalar_.feed({piece_, at_}) || !scalar_.complete()) return fail();
  if (*at_ == '\n' && (level_ != Level::kTop || in_batch_)) return fail();
  end_value(at_);
  // What ends it is a token of its own, unless it is a blank.
  if (!is_blank(*at_) || *at_ == '\n') tokens_ |= Mask{1} << (at_ - block_);
}

void Walker::begin_container() noexcept {
  if (*at_ == '\n') return fail();
  if (*at_ == (opening_ == '{' ? '}' : ']')) return end_value(at_ + 1);
  skip_ = {};
  step_ = Step::kInContainer;
}

bool Walker::skip_container() noexcept {
  if (next_block_ != 0) {
    at_ = kernel_.skip_window(window_, at_, skip_);
    if (skip_.end == Skip::End::kStarved) {
      skip_.in_string = carry_.in_string;
      skip_.escaped = carry_.escaped;
    }
  }
  if (skip_.end == Skip::End::kStarved) at_ = kernel_.skip_bytes({begin_, at_, end_}, skip_);
  if (skip_.end == Skip::End::kStarved) return false;
  const char closing = opening_ == '{' ? '}' : ']';
  if (skip_.end == Skip::End::kNewline || at_[-1] != closing) {
    fail();
    return true;
  }
  if (field_ != kNoField) draft_.at(field_).elements = skip_.commas + 1;
  seek(at_);
  end_value(at_);
  return true;
}

void Walker::after_member() noexcept {
  if (*at_ == ',') {
    step_ = Step::kKey;
  } else if (*at_ == '}') {
    end_object();
  } else {
    fail();
  }
}

void Walker::end_object() noexcept {
  if (level_ == Level::kMessage) return end_element(at_ + 1);
  Slot& slot = draft_.at(object_field(level_));
  slot.end = offset(at_ + 1);
  slot.elements = members_;
  level_ = Level::kMessage;
  step_ = Step::kAfterValue;
}

}  // namespace sonde::jsonrpc
