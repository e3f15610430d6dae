#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sonde::jsonrpc {

struct Kernel;

/// How much is kept of what a stream of server-sent events says beside its data.
struct SseLimits {
  std::size_t type = 64;  ///< More than the 8 bytes of `endpoint`.
  std::size_t id = 1024;
  std::size_t endpoint = 4096;  ///< The URI of an `endpoint` event, which SseScanner keeps.
};

/// What an event says beside its data; at its end all it said, before that what it said so far.
struct SseEvent {
  std::string_view type;  ///< `message` if it names none; a prefix if type_cut.
  /// What a client would resume from: the id of the event, or else of the last one that had
  /// one.  A prefix if id_cut.
  std::string_view last_id;
  std::uint64_t begin = 0;       ///< Offset of its first line that is no comment.
  std::uint64_t end = 0;         ///< At its end: the offset of the blank line that ended it.
  std::uint64_t data_lines = 0;  ///< Lines of data so far.
  std::uint64_t data_bytes = 0;  ///< Bytes of data so far, with the LF between lines.
  bool has_id = false;           ///< last_id came with this event.
  bool type_cut = false;
  bool id_cut = false;
};

/// Reads a stream of server-sent events (the WHATWG "event stream"), however it is cut.
///
/// Purpose.  Feed it what was read; it yields the data of each event in pieces as they come,
/// between its begin and its end.  Lines end with LF, CR or CRLF; a byte order mark at the
/// very beginning, comments and unknown fields are passed over.  An event without a data field
/// is none, but its id counts.  An event that the stream ends within gets no end.
///
/// Limits.  Constant memory whatever the size of a line, and no copy of data.
///
/// Lifetime.  Views are valid until the next call of a function that is not const; `chunk`
/// must stay until next() has returned kStarved.
///
/// Threads.  One owner.  Failure.  None: every stream is an event stream.
class SseReader {
 public:
  enum class Step : std::uint8_t {
    kStarved,  ///< The chunk is used up.
    kBegin,    ///< The first data field of an event has begun.
    kData,     ///< data() is the next piece of it, never empty.
    kEnd,      ///< The event has ended, and event() is complete.
  };

  explicit SseReader(SseLimits limits = {});

  /// Takes the next bytes of the stream.
  /// REQUIRES: next() has returned kStarved for the chunk before.
  void feed(std::string_view chunk);

  Step next();

  /// A part of one line; or a LF alone, which joins two lines and stands nowhere else.
  std::string_view data() const noexcept { return data_; }

  /// If kEnd comes next and the chunk holds a LF behind data(): data() with its line end, so
  /// that who wants to read a line need not copy it.  Else empty.
  std::string_view closed_data() const noexcept { return closed_data_; }

  /// At kEnd: the end of the last line of data, as closed_data() has it; a LF if that is a CR.
  std::string_view line_end() const noexcept { return data_ends_in_crlf_ ? "\r\n" : "\n"; }

  SseEvent event() const noexcept;
  /// The type that was named so far; empty if none.
  std::string_view named_type() const noexcept { return type_.text; }
  /// Data were yielded of an event that has not ended.
  bool in_event() const noexcept { return data_lines_ != 0 && !ended_; }
  /// The last `retry`, in milliseconds; the largest number if it is larger.
  std::optional<std::uint64_t> retry_ms() const noexcept { return retry_ms_; }
  /// Bytes fed so far: the offset of the next byte.
  std::uint64_t offset() const noexcept { return chunk_begin_ + chunk_.size(); }

 private:
  enum class State : std::uint8_t { kByteOrderMark, kLineStart, kName, kValueStart, kValue };
  enum class Name : std::uint8_t { kData, kEvent, kId, kRetry, kOther };

  /// A text of which no more than a limit is kept.
  struct Bounded {
    std::string text;
    bool cut = false;
    void clear() noexcept;
    void append(std::string_view more, std::size_t limit);
  };

  void read_byte_order_mark();
  Step start_line();
  Step end_event();
  Step read_name();
  Name name() const noexcept;
  Step start_field(Name field);
  Step read_value();
  std::size_t find_line_end() const noexcept;
  Step yield_data(std::size_t begin);
  void take(std::string_view piece);
  void end_field();
  void end_line() noexcept;
  void forget_event() noexcept;

  const Kernel* kernel_;
  SseLimits limits_;
  std::string_view chunk_;
  std::size_t at_ = 0;  ///< In chunk_.
  std::uint64_t chunk_begin_ = 0;

  State state_ = State::kByteOrderMark;
  Name field_ = Name::kOther;
  bool after_cr_ = false;  ///< A LF here belongs to the CR before it.
  std::uint8_t byte_order_mark_bytes_ = 0;
  std::uint8_t name_bytes_ = 0;
  std::array<char, 5> name_{};  ///< As long as the longest name we know.
  std::uint64_t line_begin_ = 0;

  std::string_view data_;
  std::string_view closed_data_;
  std::optional<std::uint64_t> begin_;
  std::uint64_t data_lines_ = 0;
  std::uint64_t data_bytes_ = 0;
  bool data_ends_in_crlf_ = false;
  bool ended_ = false;  ///< event() is what next() returned last.
  bool has_id_ = false;
  Bounded type_;
  Bounded id_;
  Bounded new_id_;  ///< Until its line has ended: a NUL makes it none.
  bool new_id_valid_ = false;
  std::optional<std::uint64_t> new_retry_ms_;
  bool new_retry_valid_ = false;
  std::optional<std::uint64_t> retry_ms_;
};

}  // namespace sonde::jsonrpc
