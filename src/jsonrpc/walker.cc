#include "jsonrpc/walker.h"

#include <algorithm>
#include <bit>
#include <cstring>

namespace sonde::jsonrpc {
namespace {

constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n'; }

bool may_begin_scalar(char c) {
  return (c >= '0' && c <= '9') || c == '-' || c == 't' || c == 'f' || c == 'n';
}

constexpr char closing_of(char opening) { return opening == '{' ? '}' : ']'; }

/// The field that the object on `level` is.
constexpr Field object_field(Level level) {
  constexpr std::array<Field, 5> kFields{kNoField, kNoField, Field::kParams, Field::kResult,
                                         Field::kError};
  return kFields[static_cast<std::size_t>(level)];
}

/// The level of the members of the object that a field is; kTop if it is not looked into.
constexpr Level level_inside(Field field) {
  constexpr auto kLevels = [] {
    std::array<Level, kFieldCount> levels{};
    levels[static_cast<std::size_t>(Field::kParams)] = Level::kParams;
    levels[static_cast<std::size_t>(Field::kResult)] = Level::kResult;
    levels[static_cast<std::size_t>(Field::kError)] = Level::kError;
    return levels;
  }();
  return kLevels[static_cast<std::size_t>(field)];
}

}  // namespace

void Walker::feed(const Chunk& chunk) noexcept {
  cursor_ = tokens_.feed(chunk);
  piece_ = cursor_.at;
}

Walker::Event Walker::run() noexcept {
  for (;;) {
    const Event event = step_ < Step::kKeyOrEnd ? walk_line() : walk_value();
    if (event != Event::kNone) return event;
  }
}

Walker::Event Walker::walk_line() noexcept {
  if (step_ == Step::kLine && !begin_line()) return Event::kStarved;
  if (step_ == Step::kBadLine) return end_bad_line();
  if (step_ == Step::kElementEnd) return yield_element();
  if (!tokens_.take(cursor_)) return Event::kStarved;
  const char* at = cursor_.at;
  switch (step_) {
    case Step::kElementOrEnd:
      plain_array_ = *at == ']';
      step_ = plain_array_ ? end_array(at + 1) : begin_element(at);
      return Event::kNone;
    case Step::kElement:
      step_ = begin_element(at);
      return Event::kNone;
    case Step::kAfterElement:
      step_ = *at == ',' ? Step::kElement : *at == ']' ? end_array(at + 1) : fail();
      return Event::kNone;
    default:
      return end_line();
  }
}

/// Goes to the first byte of a line that is neither blank nor a byte order mark.
bool Walker::begin_line() noexcept {
  const char* at = cursor_.at;
  const char* end = tokens_.end();
  for (; at != end; ++at) {
    if (*at == kByteOrderMark[bom_]) {
      bom_ = static_cast<std::uint8_t>((bom_ + 1) % kByteOrderMark.size());
    } else if (bom_ != 0 || !is_blank(*at)) {
      break;
    } else if (*at == '\n') {
      ++line_;
    }
  }
  cursor_ = tokens_.line_at(at);
  if (at == end) return false;
  unclaimed_ = tokens_.offset(at) - bom_;
  in_batch_ = false;
  plain_array_ = false;
  step_ = bom_ == 0 ? Step::kElement : fail();
  bom_ = 0;
  return true;
}

/// The value of a line, or of a batch, begins.
Walker::Step Walker::begin_element(const char* at) noexcept {
  if (*at == '[' && !in_batch_) {
    in_batch_ = true;
    return Step::kElementOrEnd;
  }
  if (step_ == Step::kElementOrEnd && *at != '{') plain_array_ = true;
  draft_.begin = tokens_.offset(at);
  draft_.in_batch = in_batch_;
  field_ = kNoField;
  if (*at == '{') {
    draft_.shape = Draft::Shape::kObject;
    level_ = Level::kMessage;
    return Step::kKeyOrEnd;
  }
  draft_.shape = Draft::Shape::kOther;
  return begin_value(at);
}

Walker::Step Walker::end_element(const char* end) noexcept {
  draft_.closed = true;
  draft_.end = tokens_.offset(end);
  level_ = Level::kTop;
  if (plain_array_) {
    draft_.reset();
    return Step::kAfterElement;
  }
  return in_batch_ ? Step::kElementEnd : Step::kLineEnd;
}

Walker::Event Walker::yield_element() noexcept {
  unclaimed_ = draft_.end;
  draft_.line = line_;
  step_ = Step::kAfterElement;
  return Event::kMessage;
}

/// An array that is no batch is one value.
Walker::Step Walker::end_array(const char* end) noexcept {
  if (plain_array_) {
    draft_.shape = Draft::Shape::kOther;
    draft_.begin = unclaimed_;
    draft_.end = tokens_.offset(end);
    draft_.closed = true;
  }
  return Step::kLineEnd;
}

Walker::Event Walker::end_line() noexcept {
  if (*cursor_.at != '\n') {
    step_ = fail();
    return Event::kNone;
  }
  ++cursor_.at;
  draft_.line = line_++;
  bad_lines_ = 0;
  step_ = Step::kLine;
  return draft_.shape == Draft::Shape::kNothing ? Event::kNone : Event::kMessage;
}

Walker::Event Walker::end_bad_line() noexcept {
  const char* at = cursor_.at;
  const void* newline = std::memchr(at, '\n', static_cast<std::size_t>(tokens_.end() - at));
  if (newline == nullptr) return Event::kStarved;
  at = static_cast<const char*>(newline);
  draft_.end = tokens_.offset(at);
  draft_.closed = true;
  cursor_.at = at + 1;
  draft_.line = line_++;
  ++bad_lines_;
  step_ = Step::kLine;
  return Event::kMessage;
}

/// Nothing can make this line JSON any more.
Walker::Step Walker::fail() noexcept {
  key_size_ = 0;
  level_ = Level::kTop;
  draft_.reset();
  draft_.shape = Draft::Shape::kInvalid;
  draft_.begin = unclaimed_;
  return Step::kBadLine;
}

SONDE_INLINE Walker::Step Walker::end_key(const char* at) noexcept {
  std::string_view key(piece_, at);
  if (key_size_ != 0) [[unlikely]] {
    keep_key(at);
    key = {key_.data(), key_size_};
    key_size_ = 0;
  }
  const bool escaped = tokens_.backslash() && key.contains('\\');
  field_ = escaped ? field_of_escaped(level_, key) : field_of(level_, key);
  ++members_;
  return Step::kColon;
}

/// Keeps the part of a key that lies in this chunk, from piece_ to `to`.
void Walker::keep_key(const char* to) noexcept {
  const std::size_t size = std::min(key_.size() - key_size_, static_cast<std::size_t>(to - piece_));
  std::memcpy(key_.data() + key_size_, piece_, size);
  key_size_ += size;
}

/// The value of a member begins.
SONDE_INLINE Walker::Step Walker::begin_member(const char* at) noexcept {
  if (field_ != kNoField) {
    draft_.open(field_, tokens_.offset(at), *at);
    const Level inside = level_inside(field_);
    if (*at == '{' && inside != Level::kTop) {
      level_ = inside;
      members_ = 0;
      return Step::kKeyOrEnd;
    }
  }
  return begin_value(at);
}

SONDE_INLINE Walker::Step Walker::begin_value(const char* at) noexcept {
  switch (*at) {
    case '"':
      return Step::kInString;
    case '{':
    case '[':
      opening_ = *at;
      return Step::kContainer;
    default:
      if (!may_begin_scalar(*at)) return fail();
      piece_ = at;
      scalar_.begin();
      return Step::kInScalar;
  }
}

SONDE_INLINE Walker::Step Walker::end_value(const char* end) noexcept {
  if (level_ == Level::kTop) return end_element(end);
  if (field_ != kNoField) draft_.at(field_).end = tokens_.offset(end);
  return Step::kAfterValue;
}

/// At the first token behind a number or word, or at the blank behind it.
Walker::Step Walker::end_scalar(const char* at) noexcept {
  if (!scalar_.feed({piece_, at}) || !scalar_.complete()) return fail();
  if (*at == '\n' && (level_ != Level::kTop || in_batch_)) return fail();
  return end_value(at);
}

SONDE_INLINE Walker::Step Walker::begin_container(const char* at) noexcept {
  if (*at == closing_of(opening_)) return end_value(at + 1);
  return Step::kInContainer;
}

SONDE_INLINE Walker::Step Walker::end_container(const char* at) noexcept {
  if (skip_.end == Skip::End::kNewline || at[-1] != closing_of(opening_)) return fail();
  if (field_ != kNoField) draft_.at(field_).elements = skip_.commas + 1;
  return end_value(at);
}

SONDE_INLINE Walker::Step Walker::end_object(const char* at) noexcept {
  if (level_ == Level::kMessage) return end_element(at + 1);
  Slot& slot = draft_.at(object_field(level_));
  slot.end = tokens_.offset(at + 1);
  slot.elements = members_;
  level_ = Level::kMessage;
  return Step::kAfterValue;
}

/// Goes on from `step` to the end of the value or of the chunk; returns where it got to.
SONDE_INLINE Walker::Step Walker::walk_tokens(Cursor& cursor, Step step) noexcept {
  while (step >= Step::kKeyOrEnd) {
    const bool more =
        step <= Step::kValue ? walk_to_value(cursor, step) : walk_through_value(cursor, step);
    if (!more) break;
  }
  return step;
}

// These two are chains of ifs, not switches: in the usual order of things each step
// leads to the next one without a jump that has to be predicted.

/// From behind a value, or from within a key, to the first token of the next value.
/// False at the end of the chunk.
SONDE_INLINE bool Walker::walk_to_value(Cursor& cursor, Step& step) noexcept {
  if (step == Step::kKeyOrEnd || step == Step::kAfterValue) {
    if (!tokens_.take(cursor)) return false;
    if (*cursor.at == '}') {
      step = end_object(cursor.at);
      return true;
    }
    if (step == Step::kKeyOrEnd) {
      Tokens::give_back(cursor);
    } else if (*cursor.at != ',') {
      step = fail();
      return true;
    }
    step = Step::kKey;
  }
  if (step == Step::kKey) {
    if (!tokens_.take(cursor)) return false;
    piece_ = cursor.at + 1;
    step = *cursor.at == '"' ? Step::kInKey : fail();
  }
  if (step == Step::kInKey) {
    if (!tokens_.take(cursor)) return false;
    step = *cursor.at == '"' ? end_key(cursor.at) : fail();
  }
  if (step == Step::kColon) {
    if (!tokens_.take(cursor)) return false;
    step = *cursor.at == ':' ? Step::kValue : fail();
  }
  if (step == Step::kValue) {
    if (!tokens_.take(cursor)) return false;
    step = begin_member(cursor.at);
  }
  return true;
}

/// From within a value to behind it.  False at the end of the chunk.
SONDE_INLINE bool Walker::walk_through_value(Cursor& cursor, Step& step) noexcept {
  if (step == Step::kInContainer) {
    const char* end = tokens_.skip(cursor.at, skip_);
    if (skip_.end == Skip::End::kStarved) return false;
    cursor = tokens_.moved(cursor, end);
    step = end_container(end);
    return true;
  }
  if (!tokens_.take(cursor)) return false;
  if (step == Step::kInString) {
    step = *cursor.at == '"' ? end_value(cursor.at + 1) : fail();
  } else if (step == Step::kInScalar) {
    step = end_scalar(cursor.at);
    // What ends it is a token of its own, unless it is a blank.
    if (*cursor.at == '\n' || !is_blank(*cursor.at)) Tokens::give_back(cursor);
  } else {
    step = begin_container(cursor.at);
  }
  return true;
}

Walker::Event Walker::walk_value() noexcept {
  Cursor cursor = cursor_;
  step_ = walk_tokens(cursor, step_);
  cursor_ = cursor;
  if (step_ < Step::kKeyOrEnd) return Event::kNone;
  // The chunk ends in the middle of something.
  if (step_ == Step::kInKey) keep_key(tokens_.end());
  if (step_ == Step::kInScalar && !scalar_.feed({piece_, tokens_.end()})) step_ = fail();
  return Event::kStarved;
}

}  // namespace sonde::jsonrpc
