#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

namespace sonde::jsonrpc {

/// The values of a message that somebody above wants to see.
enum class Field : std::uint8_t {
  kJsonrpc,
  kId,
  kMethod,
  kParams,        ///< The whole of params.
  kName,          ///< params.name
  kUri,           ///< params.uri
  kArguments,     ///< params.arguments
  kMeta,          ///< params._meta
  kResult,        ///< The whole of result.
  kIsError,       ///< result.isError
  kResultType,    ///< result.resultType
  kContent,       ///< result.content
  kStructured,    ///< result.structuredContent
  kTools,         ///< result.tools
  kResultMeta,    ///< result._meta
  kError,         ///< The whole of error.
  kErrorCode,     ///< error.code
  kErrorMessage,  ///< error.message
  kCount,
};

inline constexpr std::size_t kFieldCount = static_cast<std::size_t>(Field::kCount);

/// One JSON value as it stood on the wire.
struct Value {
  std::string_view text;   ///< Its raw JSON text without blanks around it; a prefix if truncated.
  std::uint64_t size = 0;  ///< Bytes of the whole value.
  std::uint64_t elements = 0;  ///< Elements or members, if it is an array or object; else 0.
  bool present = false;
  bool truncated = false;  ///< `text` is only the first part: longer than its limit.
};

/// What a message is by its keys; the first that applies.
enum class Kind : std::uint8_t {
  kRequest,       ///< method, a string, and id, whatever it is.
  kNotification,  ///< method, a string, and no id.
  kError,         ///< error, unless it is null beside a result.
  kResponse,      ///< result.
  kNotJsonRpc,    ///< A JSON value, but none of the above.
  kNotJson,       ///< Not JSON, as far as was looked (see Scanner).
};

/// Where our trace context would go into a request or notification (design section 6).
/// There is no such place in a batch, if `params` or `_meta` is no object or came twice,
/// or beside a `result` or `error`.
struct SpliceSite {
  enum class Form : std::uint8_t {
    kAfterMetaOpen,     ///< Just behind `"_meta":{`; a comma follows unless `empty`.
    kBeforeParamsEnd,   ///< Before the `}` of params; a comma precedes unless `empty`.
    kBeforeMessageEnd,  ///< There are no params: before the `}` of the message, with a comma.
  };
  std::uint64_t offset = 0;  ///< From the first byte of the stream.
  Form form{};
  bool empty = false;
};

/// One message, valid until the next call of the Scanner that returned it.
struct Message {
  Kind kind{};
  std::uint64_t begin = 0;      ///< Offset of its first byte in the stream.
  std::uint64_t end = 0;        ///< One past its last byte, without blanks or the newline.
  std::uint64_t line = 0;       ///< The line of the stream it is on, from 1.
  bool in_batch = false;        ///< An element of an array (2025-03-26 only).
  bool duplicate_keys = false;  ///< A key we look at came twice; the last one counts.
  std::array<Value, kFieldCount> fields;
  std::optional<SpliceSite> splice;
  std::string_view whole;  ///< All of it, with the texts of `fields`; empty if cut by chunks.

  const Value& operator[](Field field) const noexcept {
    return fields[static_cast<std::size_t>(field)];
  }
  std::uint64_t size() const noexcept { return end - begin; }
};

/// Sees the bytes of results that are longer than Limits::result, as they pass.  Of a line
/// that turns out to be no JSON it may have heard a part.
class ResultListener {
 public:
  virtual ~ResultListener() = default;
  /// The next bytes of the result of the current message; `first` on its first piece,
  /// which begins at the first byte of the result.
  virtual void on_result_bytes(std::string_view bytes, bool first) noexcept = 0;
};

/// How many bytes of a value Value::text has at most.
struct Limits {
  std::size_t id = 256;  ///< And jsonrpc, isError, resultType, error.code.
  std::size_t method = 256;
  std::size_t name = 1024;
  std::size_t uri = 4096;
  std::size_t meta = 16 * 1024;  ///< Of params and of result.
  std::size_t params = 64 * 1024;
  std::size_t arguments = 1024 * 1024;
  std::size_t result = 64 * 1024;
  std::size_t content = 64 * 1024;  ///< And structuredContent.
  std::size_t tools = 1024 * 1024;
  std::size_t error = 16 * 1024;  ///< And error.message.
  /// Lines in a row that are no JSON before the scanner gives the stream up.
  std::size_t bad_lines_max = 64;
};

/// Finds JSON-RPC messages in a stream of lines, however the stream is cut.
///
/// Purpose.  Feed it what was read; it yields each message once its newline
/// (0x0A, nothing else, and also inside a string) has been seen, with the values named
/// in Field.  Keys may come in any order and may be written with escapes; of equal keys
/// the last counts.  Blank lines yield nothing, a byte order mark before a value is a
/// blank.  On every valid document it says what a whole-document parser says; of an
/// invalid one it checks the grammar of the levels it walks (message, params, result,
/// error) and the balance of the rest, but not what is inside strings, so some invalid
/// documents pass; a line that cannot be JSON is skipped to its newline.
///
/// Limits.  Constant memory: what is kept of a message that does not lie in one chunk is
/// at most twice the sum of Limits, whatever its size; depth is a number, not a stack.
/// After bad_lines_max bad lines in a row `disabled()` is true and nothing more is
/// yielded.
///
/// Lifetime.  A Message is valid until the next call of a function that is not const;
/// `chunk` must stay until next() has returned nothing.  No copy is made of a message
/// that lies in one chunk, and nothing is allocated once the buffers have grown.
///
/// Threads.  One owner.  Failure.  None: bad input is a Kind.
class Scanner {
 public:
  explicit Scanner(Limits limits = {}, ResultListener* listener = nullptr);
  ~Scanner();
  Scanner(Scanner&&) noexcept;
  Scanner& operator=(Scanner&&) noexcept;

  /// Takes the next bytes of the stream.
  /// REQUIRES: next() has returned nothing for the chunk before.
  void feed(std::string_view chunk);

  /// The same for the last bytes of the stream: next() then yields all that finish() would, and
  /// no copy is made of a message that lies in `chunk`.  Another stream may follow.
  void feed_last(std::string_view chunk);

  /// The next complete message, if the bytes fed so far hold one.  The elements of
  /// a batch are yielded one by one, each as soon as it has ended, so that a batch of
  /// any length needs no memory; a message that is no batch, when its line has ended.
  /// An array that does not begin with an object is no batch, but one value.
  /// Should a batch turn out to be no JSON, what of it was not yielded is one kNotJson.
  const Message* next();

  /// The end of the stream: what is left is yielded as if a newline had come, so a message
  /// that is not complete is kNotJson.
  /// REQUIRES: next() has returned nothing.
  const Message* finish();

  /// The offset from which on bytes of the message at hand belong behind a possible
  /// splice, so must be held back by whoever wants to splice.  Empty: nothing need be
  /// held back.  A message yielded later has no site before it, unless bytes were let go
  /// that should have been held.  Meaningful after next() returned nothing.
  std::optional<std::uint64_t> hold_from() const noexcept;

  /// For when no more can be held back: the site in the message at hand, if it is sure
  /// already.  So the method is known and does not begin with "notifications/", and of
  /// params either the `_meta` is complete, within its limit and without `traceparent`,
  /// or the end has been seen.  Meaningful after next() returned nothing.
  std::optional<SpliceSite> splice_now() const noexcept;

  bool disabled() const noexcept;
  /// What is kept at present of a message that does not lie in one chunk.
  std::size_t kept_bytes() const noexcept;
  /// Bytes fed so far: the offset of the next byte.
  std::uint64_t offset() const noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sonde::jsonrpc
