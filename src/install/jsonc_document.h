#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "install/jsonc_lexer.h"

namespace sonde::install {

struct JsoncValue {
  JsoncToken kind = JsoncToken::kNull;  ///< By its first token.
  Span span;
};

struct JsoncMember {
  std::string key;  ///< Unescaped.
  Span key_span;    ///< With its quotes.
  JsoncValue value;
  std::optional<std::size_t> comma_before;
  std::optional<std::size_t> comma_after;

  /// From the key to the end of the value.
  Span span() const noexcept { return {.begin = key_span.begin, .end = value.span.end}; }
};

struct JsoncElement {
  JsoncValue value;
  std::optional<std::size_t> comma_after;
};

/// A JSON text with comments and trailing commas, looked into where needed.
///
/// Purpose.  Finding the few values that are edited in a file that somebody else owns, by
/// their place.  The text is checked as a whole once; nothing but places is kept of it.
/// Limits.  kBytesMax, kDepthMax; no recursion; the memory of the members asked for.
/// Lifetime.  A view of the text, which must outlive the document.
class JsoncDocument {
 public:
  static constexpr std::size_t kBytesMax = std::size_t{64} * 1024 * 1024;
  static constexpr std::size_t kDepthMax = 1024;

  /// Fails with kInvalidInput where the text is no JSON, saying "line 3, column 5: …"; with
  /// kLimitExceeded beyond the limits.
  static Result<JsoncDocument> parse(std::string_view text);

  /// Nothing if the text holds blanks and comments only.
  const std::optional<JsoncValue>& root() const noexcept { return root_; }
  std::string_view text() const noexcept { return text_; }
  std::string_view raw(Span span) const noexcept {
    return text_.substr(span.begin, span.end - span.begin);
  }

  /// In the order of the text; empty if the value is no object.
  std::vector<JsoncMember> members(const JsoncValue& object) const;
  /// Likewise of an array.
  std::vector<JsoncElement> elements(const JsoncValue& array) const;
  /// The text of a string, unescaped; nothing for any other value.
  std::optional<std::string> string(const JsoncValue& value) const;

 private:
  JsoncDocument(std::string_view text, std::optional<JsoncValue> root) : text_(text), root_(root) {}

  std::string_view text_;
  std::optional<JsoncValue> root_;
};

/// "line 3, column 5" of an offset; columns count characters.
std::string place_of(std::string_view text, std::size_t offset);

}  // namespace sonde::install
