#include "install/jsonc_document.h"

#include <algorithm>

#include "base/json_reader.h"
#include "base/utf8.h"

namespace sonde::install {
namespace {

constexpr bool opens(JsoncToken token) {
  return token == JsoncToken::kBeginObject || token == JsoncToken::kBeginArray;
}
constexpr bool closes(JsoncToken token) {
  return token == JsoncToken::kEndObject || token == JsoncToken::kEndArray;
}
constexpr bool punctuation(JsoncToken token) {
  return closes(token) || token == JsoncToken::kColon || token == JsoncToken::kComma;
}

std::string unescaped(std::string_view raw_string) {
  std::string out;
  append_unescaped(out, raw_string.substr(1, raw_string.size() - 2));
  return out;
}

/// Reads on to the end of the value that begins with `token`, the last one returned.
/// REQUIRES: the text is JSON.
JsoncValue finish_value(JsoncLexer& lexer, JsoncToken token) {
  JsoncValue value{.kind = token, .span = lexer.span()};
  std::size_t depth = opens(token) ? 1 : 0;
  while (depth > 0) {
    const JsoncToken inner = lexer.next_significant();
    if (opens(inner)) ++depth;
    if (closes(inner)) --depth;
  }
  value.span.end = lexer.span().end;
  return value;
}

/// Checks the grammar of a whole text.
class Checker {
 public:
  explicit Checker(std::string_view text) : text_(text), lexer_(text) {}

  /// The root's place.
  Result<std::optional<JsoncValue>> check() {
    std::optional<JsoncValue> root;
    for (;;) {
      const JsoncToken token = lexer_.next_significant();
      if (token == JsoncToken::kError) return wrong(lexer_.fault());
      if (token == JsoncToken::kEnd) break;
      if (!root) root = JsoncValue{.kind = token, .span = lexer_.span()};
      SONDE_RETURN_IF_ERROR(take(token));
      root->span.end = lexer_.span().end;
    }
    if (!root || expect_ == Expect::kDone) return root;
    return wrong("the text ends in the middle");
  }

 private:
  enum class Expect : std::uint8_t { kValue, kElementOrEnd, kKeyOrEnd, kColon, kCommaOrEnd, kDone };

  std::unexpected<Error> wrong(std::string_view fault) const {
    return fail(Errc::kInvalidInput,
                place_of(text_, lexer_.span().begin) + ": " + std::string(fault));
  }

  Status take(JsoncToken token) {
    switch (expect_) {
      case Expect::kDone:
        return wrong("more text behind the end of the value");
      case Expect::kColon:
        if (token != JsoncToken::kColon) return wrong("a colon was expected here");
        expect_ = Expect::kValue;
        return {};
      case Expect::kKeyOrEnd:
        return take_key(token);
      case Expect::kCommaOrEnd:
        return take_comma(token);
      case Expect::kElementOrEnd:
        if (token == JsoncToken::kEndArray) return close(token);
        return take_value(token);
      case Expect::kValue:
        return take_value(token);
    }
    return {};
  }

  Status take_key(JsoncToken token) {
    if (token == JsoncToken::kEndObject) return close(token);
    if (token != JsoncToken::kString) return wrong("a key in quotes was expected here");
    expect_ = Expect::kColon;
    return {};
  }

  Status take_comma(JsoncToken token) {
    if (closes(token)) return close(token);
    if (token != JsoncToken::kComma) return wrong("a comma is missing before this");
    // Behind a comma the end may come: a trailing comma.
    expect_ = open_.back() == JsoncToken::kBeginObject ? Expect::kKeyOrEnd : Expect::kElementOrEnd;
    return {};
  }

  Status take_value(JsoncToken token) {
    if (punctuation(token)) return wrong("a value was expected here");
    if (!opens(token)) {
      expect_ = open_.empty() ? Expect::kDone : Expect::kCommaOrEnd;
      return {};
    }
    if (open_.size() == JsoncDocument::kDepthMax) {
      return fail(Errc::kLimitExceeded, "more than 1024 levels of brackets");
    }
    open_.push_back(token);
    expect_ = token == JsoncToken::kBeginObject ? Expect::kKeyOrEnd : Expect::kElementOrEnd;
    return {};
  }

  Status close(JsoncToken token) {
    const bool object = open_.back() == JsoncToken::kBeginObject;
    if (object != (token == JsoncToken::kEndObject)) {
      return wrong(object ? "a closing } was expected here" : "a closing ] was expected here");
    }
    open_.pop_back();
    expect_ = open_.empty() ? Expect::kDone : Expect::kCommaOrEnd;
    return {};
  }

  std::string_view text_;
  JsoncLexer lexer_;
  Expect expect_ = Expect::kValue;
  std::vector<JsoncToken> open_;
};

}  // namespace

Result<JsoncDocument> JsoncDocument::parse(std::string_view text) {
  if (text.size() > kBytesMax) return fail(Errc::kLimitExceeded, "is larger than 64 MiB");
  if (!valid_utf8(text)) return fail(Errc::kInvalidInput, "is no UTF-8 text");
  const auto root = Checker(text).check();
  if (!root) return fail(root.error());
  return JsoncDocument(text, *root);
}

std::vector<JsoncMember> JsoncDocument::members(const JsoncValue& object) const {
  std::vector<JsoncMember> out;
  if (object.kind != JsoncToken::kBeginObject) return out;
  JsoncLexer lexer(text_, object.span.begin + 1);
  std::optional<std::size_t> comma;
  for (JsoncToken token = lexer.next_significant(); token != JsoncToken::kEndObject;
       token = lexer.next_significant()) {
    if (token == JsoncToken::kComma) {
      comma = lexer.span().begin;
      out.back().comma_after = comma;
      continue;
    }
    JsoncMember member{.key = unescaped(lexer.raw()),
                       .key_span = lexer.span(),
                       .value = {},
                       .comma_before = comma,
                       .comma_after = {}};
    lexer.next_significant();  // The colon.
    member.value = finish_value(lexer, lexer.next_significant());
    out.push_back(std::move(member));
  }
  return out;
}

std::vector<JsoncElement> JsoncDocument::elements(const JsoncValue& array) const {
  std::vector<JsoncElement> out;
  if (array.kind != JsoncToken::kBeginArray) return out;
  JsoncLexer lexer(text_, array.span.begin + 1);
  for (JsoncToken token = lexer.next_significant(); token != JsoncToken::kEndArray;
       token = lexer.next_significant()) {
    if (token == JsoncToken::kComma) {
      out.back().comma_after = lexer.span().begin;
      continue;
    }
    out.push_back({.value = finish_value(lexer, token), .comma_after = {}});
  }
  return out;
}

std::optional<std::string> JsoncDocument::string(const JsoncValue& value) const {
  if (value.kind != JsoncToken::kString) return std::nullopt;
  return unescaped(raw(value.span));
}

std::string place_of(std::string_view text, std::size_t offset) {
  const std::string_view before = text.substr(0, offset);
  const auto line = std::ranges::count(before, '\n') + 1;
  const std::size_t start = before.rfind('\n');
  const std::string_view within =
      start == std::string_view::npos ? before : before.substr(start + 1);
  const auto column =
      std::ranges::count_if(within,
                            [](char c) { return (static_cast<unsigned>(c) & 0xc0U) != 0x80U; }) +
      1;
  return "line " + std::to_string(line) + ", column " + std::to_string(column);
}

}  // namespace sonde::install
