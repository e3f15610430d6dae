#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sonde::install {

/// A part of a text, by offsets of bytes.
struct Span {
  std::size_t begin = 0;
  std::size_t end = 0;
  bool operator==(const Span&) const = default;
};

enum class JsoncToken : std::uint8_t {
  kBeginObject,
  kEndObject,
  kBeginArray,
  kEndArray,
  kColon,
  kComma,
  kString,
  kNumber,
  kTrue,
  kFalse,
  kNull,
  kComment,  ///< `// …` without its line end, or `/* … */`.
  kEnd,
  kError,  ///< What stands at span().begin is no token; fault() says why.  Stays.
};

/// Cuts JSON with comments into tokens, each with its place.
///
/// Purpose.  Editing in place: what is not edited keeps its bytes, so every token knows
/// where it stands, and blanks and comments are nothing that gets lost.
/// Limits.  Constant memory.  Lifetime.  A view of `text`, which must outlive the lexer.
class JsoncLexer {
 public:
  /// Starts at the offset `at`; a byte order mark at offset 0 is passed over.
  explicit JsoncLexer(std::string_view text, std::size_t at = 0);

  /// The next token, comments included.
  JsoncToken next();
  /// The next token that is no comment.
  JsoncToken next_significant();

  /// Where the last token stands; of kEnd and kError the place where reading stopped.
  Span span() const noexcept { return span_; }
  std::string_view raw() const noexcept {
    return text_.substr(span_.begin, span_.end - span_.begin);
  }
  std::string_view fault() const noexcept { return fault_; }

 private:
  JsoncToken token();
  JsoncToken string();
  JsoncToken number();
  JsoncToken comment();
  JsoncToken word(std::string_view text, JsoncToken token);
  JsoncToken one(JsoncToken token);
  JsoncToken wrong(std::size_t at, std::string_view fault);
  std::size_t escape_length(std::size_t at) const noexcept;
  char at(std::size_t offset) const noexcept {
    return offset < text_.size() ? text_[offset] : '\0';
  }

  std::string_view text_;
  std::size_t at_;
  Span span_;
  std::string_view fault_;
};

}  // namespace sonde::install
