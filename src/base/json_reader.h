#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sonde {

enum class JsonToken : std::uint8_t {
  kBeginObject,
  kEndObject,
  kBeginArray,
  kEndArray,
  kKey,     ///< raw() is the text between the quotes, escapes untouched.
  kString,  ///< Likewise.
  kNumber,
  kTrue,
  kFalse,
  kNull,
  kEnd,    ///< The text held exactly one value, and it has been read.
  kError,  ///< Not JSON (RFC 8259), or deeper than depth_max.  Stays.
};

/// How the text of a key or string is written.
struct JsonSpelling {
  bool ascii = true;
  bool escapes = false;  ///< There is a backslash.
  bool shortest = true;  ///< No escape is one that could do with less: no `\u`, no `\/`.
  bool operator==(const JsonSpelling&) const = default;
};

/// Which of the open containers are objects: one bit a level, the 64 innermost in a register.
class JsonNesting {
 public:
  void push(bool object) {
    if (size_ != 0 && size_ % 64 == 0) outer_.push_back(std::exchange(inner_, 0));
    inner_ = (inner_ << 1) | static_cast<std::uint64_t>(object);
    ++size_;
  }
  /// REQUIRES: not empty.
  void pop() {
    inner_ >>= 1;
    --size_;
    if (size_ == 0 || size_ % 64 != 0) return;
    inner_ = outer_.back();
    outer_.pop_back();
  }
  bool in_object() const noexcept { return (inner_ & 1U) != 0; }
  std::size_t size() const noexcept { return size_; }
  bool empty() const noexcept { return size_ == 0; }

 private:
  std::uint64_t inner_ = 0;
  std::size_t size_ = 0;
  std::vector<std::uint64_t> outer_;
};

/// Reads one complete JSON text, token by token.
///
/// Purpose.  For values that lie in memory whole: a captured `_meta`, a log line, a
/// document to be hashed.  What streams past is the business of jsonrpc::Scanner.
/// Strict in grammar; bytes that are no UTF-8 are let through.
/// Limits.  depth_max; one bit per level, no recursion.
/// Lifetime.  Views of `text`, which must outlive the reader.
class JsonReader {
 public:
  static constexpr std::size_t kDepthMax = 1024;

  explicit JsonReader(std::string_view text, std::size_t depth_max = kDepthMax);

  JsonToken next();

  /// The token's text: a key or string without its quotes, a number as it stands.
  std::string_view raw() const noexcept { return raw_; }
  /// Of the last key or string.
  JsonSpelling spelling() const noexcept { return spelling_; }
  /// How many objects and arrays are open.
  std::size_t depth() const noexcept { return open_.size(); }
  /// Offset of the first byte behind the last token.
  std::size_t position() const noexcept { return at_; }

  /// Reads on to the end of the value that begins with `token`, the last one returned.
  /// Returns the raw text of the whole value, or nothing if it is not JSON.
  std::optional<std::string_view> skip(JsonToken token);

 private:
  JsonToken value();
  JsonToken end_of_container();
  JsonToken key();
  JsonToken open(bool object);
  JsonToken close(bool object);
  JsonToken string(JsonToken token);
  bool reach_quote() noexcept;
  bool pass_blocks() noexcept;
  bool pass_mark() noexcept;
  bool pass_escape() noexcept;
  JsonToken number();
  JsonToken word(std::string_view text, JsonToken token);
  JsonToken error() noexcept;
  void skip_blanks() noexcept;

  enum class Expect : std::uint8_t { kValue, kValueOrEnd, kKeyOrEnd, kKey, kCommaOrEnd, kDone };

  std::string_view text_;
  std::string_view raw_;
  std::size_t at_ = 0;
  std::size_t token_begin_ = 0;
  std::size_t depth_max_;
  JsonNesting open_;
  JsonSpelling spelling_;
  Expect expect_ = Expect::kValue;
  bool failed_ = false;
};

/// Walks the members of one JSON object.
///
///     JsonMembers members(text);
///     while (members.next()) use(members.key(), members.value());
///
/// Lifetime.  As JsonReader.  Failure.  next() is false at the end and at the first
/// fault; ok() tells them apart.
class JsonMembers {
 public:
  explicit JsonMembers(std::string_view object);

  bool next();
  std::string_view key() const noexcept { return key_; }      ///< Raw, without quotes.
  std::string_view value() const noexcept { return value_; }  ///< Raw JSON text.
  bool ok() const noexcept { return ok_; }

 private:
  JsonReader reader_;
  std::string_view key_;
  std::string_view value_;
  bool ok_ = false;
  bool done_ = false;
};

/// Walks the elements of one JSON array, as JsonMembers does an object.
class JsonElements {
 public:
  explicit JsonElements(std::string_view array);

  bool next();
  std::string_view value() const noexcept { return value_; }
  bool ok() const noexcept { return ok_; }

 private:
  JsonReader reader_;
  std::string_view value_;
  bool ok_ = false;
  bool done_ = false;
};

/// The raw value of the last member named `key` of a JSON object; nothing if there is
/// none, or `object` is no object.  `key` is compared after unescaping.
std::optional<std::string_view> find_member(std::string_view object, std::string_view key);

/// The text of a raw JSON string with its quotes (`"a\nb"`), unescaped; nothing for
/// any other value.
std::optional<std::string> json_string(std::string_view raw_value);

/// A raw JSON integer; nothing for any other value or if it does not fit.
std::optional<std::int64_t> json_integer(std::string_view raw_value);

/// Appends the text between the quotes of a JSON string, unescaped, to `out`.  A lone
/// surrogate becomes U+FFFD.
/// REQUIRES: `raw` came from a JsonReader, so its escapes are well formed.
void append_unescaped(std::string& out, std::string_view raw);

/// Is the raw key (without quotes) equal to `key`?  Escapes are taken into account.
bool key_equals(std::string_view raw, std::string_view key);

}  // namespace sonde
