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

enum class Kind : std::uint8_t {
  kRequest,       ///< method and id.
  kNotification,  ///< method, no id.
  kResponse,      ///< result.
  kError,         ///< error.
  kNotJsonRpc,    ///< A JSON value, but none of the above.
  kNotJson,       ///< Not JSON, as far as was looked (see Scanner).
};

/// Where our trace context would go into a request (design section 6).
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
  std::uint64_t end = 0;        ///< One past its last byte, without the newline.
  bool in_batch = false;        ///< An element of an array (2025-03-26 only).
  bool duplicate_keys = false;  ///< A key we look at came twice; the last one counts.
  std::array<Value, kFieldCount> fields;
  std::optional<SpliceSite>
      splice;  ///< Requests and notifications with an object for params, or none.

  const Value& operator[](Field field) const noexcept {
    return fields[static_cast<std::size_t>(field)];
  }
  std::uint64_t size() const noexcept { return end - begin; }
};

/// Sees the bytes of results that are longer than Limits::result, as they pass.
class ResultListener {
 public:
  virtual ~ResultListener() = default;
  /// The next bytes of the result of the current message; `first` on its first piece,
  /// which begins at the first byte of the result.
  virtual void on_result_bytes(std::string_view bytes, bool first) noexcept = 0;
};

/// How much of a value is kept when it does not lie in one chunk, or is larger.
struct Limits {
  std::size_t id = 256;
  std::size_t method = 256;
  std::size_t name = 1024;
  std::size_t uri = 4096;
  std::size_t meta = 16 * 1024;
  std::size_t params = 64 * 1024;
  std::size_t arguments = 1024 * 1024;
  std::size_t result = 64 * 1024;
  std::size_t content = 64 * 1024;  ///< And structuredContent.
  std::size_t tools = 1024 * 1024;
  std::size_t error = 16 * 1024;
  /// Lines in a row that are no JSON before the scanner gives the stream up.
  std::size_t bad_lines_max = 64;
};

/// Finds JSON-RPC messages in a stream of lines, however the stream is cut.
///
/// Purpose.  Feed it what was read; it yields each message once its newline
/// (0x0A, nothing else) has been seen, with the values named in Field.  Keys may
/// come in any order and may be written with escapes; of equal keys the last
/// counts.  Blank lines yield nothing.  On every valid document it says what a
/// whole-document parser says; of an invalid one it checks the levels it walks
/// (message, params, result, error) and the balance of the rest, so some invalid
/// documents pass, and a line that cannot be JSON is skipped to its newline.
///
/// Limits.  Constant memory: each field keeps at most its limit (Limits), whatever
/// the size of the message; depth is a number, not a stack.  After bad_lines_max
/// bad lines in a row `disabled()` is true and nothing more is yielded.
///
/// Lifetime.  A Message is valid until the next feed() or next(); `chunk` must stay
/// until next() has returned nothing.  No copy is made of a message that lies in
/// one chunk.
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

  /// The next complete message, if the bytes fed so far hold one.  The elements of
  /// a batch are yielded one by one, each as soon as it has ended, so that a batch of
  /// any length needs no memory; a message that is no batch, when its line has ended.
  const Message* next();

  /// The end of the stream: a last line without newline is yielded, if it is complete.
  const Message* finish();

  /// The offset from which on bytes of the message at hand belong behind a possible
  /// splice, so must be held back by whoever wants to splice.  Empty: nothing need be
  /// held back.  Meaningful after next() returned nothing.
  std::optional<std::uint64_t> hold_from() const noexcept;

  /// Gives up on splicing into the message at hand, or learns that it can be done now:
  /// a site, if the method is known, it is no notification, `_meta` has been read as far
  /// as its end or is still to come at hold_from(), and has no `traceparent`.
  std::optional<SpliceSite> splice_now() const noexcept;

  bool disabled() const noexcept;
  /// Bytes fed so far: the offset of the next byte.
  std::uint64_t offset() const noexcept;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace sonde::jsonrpc
