#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "jsonrpc/scanner.h"
#include "jsonrpc/sse_reader.h"

namespace sonde::jsonrpc {

/// Finds the JSON-RPC messages in a stream of server-sent events, however it is cut.
///
/// Purpose.  The data of each event of type `message` is one line for a Scanner, where a LF
/// between lines of data is a blank.  Of the old HTTP+SSE transport it yields the `endpoint`
/// event too.  Events of all other types are passed over.
///
/// A type may come behind the data, against all custom.  Then a Scanner has read them, and
/// what it found is not yielded (but for elements of a batch, which went before the type was
/// known).  An event that names one type before data and another behind it is passed over.
///
/// Limits.  Those of Scanner and SseReader.  Data that lie in one chunk with the line ends
/// behind them are not copied, but for their first bytes if no type was named before them.
///
/// Lifetime.  What is yielded is valid until the next call of a function that is not const;
/// `chunk` must stay until next() has returned kNothing.
///
/// Threads.  One owner.  Failure.  None, see Scanner and SseReader.
class SseScanner {
 public:
  enum class Step : std::uint8_t {
    kNothing,   ///< The chunk is used up.
    kMessage,   ///< message()
    kEndpoint,  ///< endpoint()
  };

  explicit SseScanner(Limits limits = {}, SseLimits sse_limits = {},
                      ResultListener* listener = nullptr)
      : endpoint_bytes_max_(sse_limits.endpoint), scanner_(limits, listener), reader_(sse_limits) {}

  /// Takes the next bytes of the stream.
  /// REQUIRES: next() has returned kNothing.
  void feed(std::string_view chunk) { reader_.feed(chunk); }

  Step next();

  /// Its offsets are not those of the stream: they count from data_offset().  Its line is the
  /// number of events that the scanner saw.
  const Message& message() const noexcept { return *message_; }
  /// Where the data of the event of message() begin, for its offsets only: with a LF between
  /// lines, they are data_bytes long.
  std::uint64_t data_offset() const noexcept { return data_offset_; }

  /// The URI that messages are to be sent to, as it was written.
  std::string_view endpoint() const noexcept { return head_; }
  bool endpoint_cut() const noexcept { return head_cut_; }

  /// What the event said that was yielded or came last.  It is complete, unless message() is
  /// an element of a batch.
  SseEvent event() const noexcept { return reader_.event(); }

  /// An event has begun and not ended: should the stream end now, it is lost.
  bool in_event() const noexcept { return reader_.in_event(); }
  std::optional<std::uint64_t> retry_ms() const noexcept { return reader_.retry_ms(); }
  /// See Scanner.
  bool disabled() const noexcept { return scanner_.disabled(); }
  /// What is kept at present of data.
  std::size_t kept_bytes() const noexcept { return scanner_.kept_bytes() + head_.size(); }
  /// Bytes fed so far: the offset of the next byte.
  std::uint64_t offset() const noexcept { return reader_.offset(); }

 private:
  void begin_event() noexcept;
  void take_data();
  void keep_head(std::string_view data);
  void end_event();

  std::size_t endpoint_bytes_max_;
  Scanner scanner_;
  SseReader reader_;
  const Message* message_ = nullptr;
  std::uint64_t data_offset_ = 0;
  bool other_type_ = false;  ///< The event is none for the scanner.
  bool line_open_ = false;   ///< The scanner has seen a part of a line.
  std::string head_;         ///< Of the data, as long as they may be an endpoint.
  bool head_cut_ = false;
  bool head_lost_ = false;  ///< They were no endpoint for a while.
};

}  // namespace sonde::jsonrpc
