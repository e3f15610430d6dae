#include "http/chunk_line_internal.h"
#include "http/head.h"
#include "http/text_internal.h"

namespace sonde::http {
namespace {

constexpr unsigned kSizeDigitsMax = 16;

int hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

}  // namespace

void ChunkLine::take(char c, std::size_t extension_bytes_max) noexcept {
  if (step_ == Step::kLf) {
    if (c != '\n') return refuse(Refusal::kBareCr);
    if (size_ > kBodyBytesMax) return refuse(Refusal::kChunkSizeOverflow);
    step_ = Step::kDone;
    return;
  }
  // Inside quotes too: nothing hides the end of a line.
  if (c == '\n') return refuse(Refusal::kBareLf);
  if (c != '\r' && is_control(c)) return refuse(Refusal::kControlByte);
  if (step_ == Step::kSize) return take_size(c);
  if (c != '\r' && ++extension_bytes_ > extension_bytes_max) {
    return refuse(Refusal::kChunkExtensionTooLong);
  }
  switch (step_) {
    case Step::kBeforeName:
    case Step::kName:
      return take_name(c);
    case Step::kBeforeValue:
    case Step::kToken:
      return take_value(c);
    case Step::kQuoted:
    case Step::kEscaped:
      return take_quoted(c);
    case Step::kAfterName:
      return take_separator(c, true, false);
    case Step::kBeforeSemicolon:  // A blank before the CR is in no grammar.
      return take_separator(c, false, false);
    default:
      return take_separator(c, false, true);
  }
}

void ChunkLine::take_size(char c) noexcept {
  const int digit = hex_digit(c);
  if (digit >= 0) {
    if (++digits_ > kSizeDigitsMax) return refuse(Refusal::kChunkSize);
    size_ = size_ << 4U | static_cast<unsigned>(digit);
    return;
  }
  if (digits_ == 0) return refuse(Refusal::kChunkSize);
  if (c == '\r') {
    step_ = Step::kLf;
  } else if (c == ';' || is_blank(c)) {
    extension_bytes_ = 1;
    step_ = c == ';' ? Step::kBeforeName : Step::kBeforeSemicolon;
  } else {
    refuse(Refusal::kChunkSize);
  }
}

void ChunkLine::take_name(char c) noexcept {
  if (is(c, kToken)) {
    step_ = Step::kName;
  } else if (step_ == Step::kName) {
    take_separator(c, true, true);
  } else if (!is_blank(c)) {
    refuse(Refusal::kChunkExtension);
  }
}

void ChunkLine::take_value(char c) noexcept {
  if (is(c, kToken)) {
    step_ = Step::kToken;
  } else if (step_ == Step::kToken) {
    take_separator(c, false, true);
  } else if (c == '"') {
    step_ = Step::kQuoted;
  } else if (!is_blank(c)) {
    refuse(Refusal::kChunkExtension);
  }
}

void ChunkLine::take_quoted(char c) noexcept {
  if (c == '\r') return refuse(Refusal::kChunkExtension);
  if (step_ == Step::kEscaped) {
    step_ = Step::kQuoted;
  } else if (c == '\\') {
    step_ = Step::kEscaped;
  } else if (c == '"') {
    step_ = Step::kAfterValue;
  }
}

/// What may stand behind a name or a value.
void ChunkLine::take_separator(char c, bool may_assign, bool may_end) noexcept {
  if (c == ';') {
    step_ = Step::kBeforeName;
  } else if (c == '=' && may_assign) {
    step_ = Step::kBeforeValue;
  } else if (c == '\r' && may_end) {
    step_ = Step::kLf;
  } else if (!is_blank(c)) {
    refuse(Refusal::kChunkExtension);
  } else if (step_ == Step::kName) {
    step_ = Step::kAfterName;
  } else if (step_ != Step::kAfterName) {
    step_ = Step::kBeforeSemicolon;
  }
}

}  // namespace sonde::http
