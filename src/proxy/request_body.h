#pragma once

#include <sys/uio.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "http/body_reader.h"
#include "http/head.h"
#include "mcp/splicer.h"
#include "proxy/exchange_tap.h"

namespace sonde::proxy {

struct RequestBodyLimits {
  std::size_t whole_bytes_max = 64 * 1024;  ///< Longer ones go on before their end has come.
  /// Where something must be known before a body may go on, so much is held; then it is refused.
  std::size_t held_bytes_max = 1024 * 1024;
  std::uint64_t body_bytes_max = 0;
  /// Something had better be known: so much is held, too, but then it goes on.
  bool hold = false;
};

/// A request body on its way: read from its framing, scanned, given our trace context, framed
/// again.
///
/// Purpose.  Small bodies, which is nearly all, are taken whole: then their new length is known
/// when the head goes out, and all leaves in one write.  Large ones stream: a constant number of
/// bytes is added, and what of it the context does not use becomes blanks behind the message.
/// Limits.  RequestBodyLimits.  Memory: the whole body if it is small, else a Splicer.
/// Lifetime.  `tap` outlives it; views of ready() are valid until take() or written().
/// Threads.  One owner.  Failure.  state() is kRefused, with a refusal() or none if what had to be
/// known was not within held_bytes_max.
class RequestBody {
 public:
  enum class State : std::uint8_t {
    kCollecting,  ///< The head has to wait.
    kStreaming,   ///< The head may go; more is to come.
    kComplete,    ///< All has been taken.
    kRefused,
  };

  /// Blanks that a streamed body is made longer by.
  static constexpr std::uint64_t kReserve = 512;

  /// Memory for one body after the other.
  struct Buffers {
    std::string whole;
    std::string frame;
    std::vector<iovec> pieces;
  };

  /// `must_know`: whether the tap may object.  `buffers`, of which nothing is kept, is outlived.
  RequestBody(ExchangeTap& tap, const RequestBodyLimits& limits, bool must_know, Buffers& buffers);
  ~RequestBody();

  void begin(const http::Head& head, bool scanned, bool inserts);

  /// Takes from the front of `wire` what belongs to the body, up to its end; returns how much.
  /// REQUIRES: while kStreaming, ready() is empty.
  std::size_t take(std::string_view wire, Moment now);

  State state() const noexcept { return state_; }
  http::Refusal refusal() const noexcept { return reader_.refusal(); }

  /// How the head announces it.  REQUIRES: neither kCollecting nor kRefused.
  http::Framing framing() const noexcept { return framing_; }
  std::uint64_t length() const noexcept { return length_; }

  /// What is to be written now, framed.
  std::span<const iovec> ready() const noexcept;
  void written(std::size_t size);

 private:
  void take_payload(std::string_view payload, Moment now);
  void complete(Moment now);
  void complete_whole(Moment now);
  void complete_stream(Moment now);
  void start_stream(Moment now);
  void feed_stream(std::string_view payload, Moment now);
  void offer_stream();
  void add_piece(const char* data, std::size_t size);

  ExchangeTap& tap_;
  const RequestBodyLimits limits_;
  const bool must_know_;
  http::BodyReader reader_;
  State state_ = State::kCollecting;
  http::Framing framing_ = http::Framing::kNone;
  std::uint64_t length_ = 0;
  bool scanned_ = false;
  bool inserts_ = false;

  std::string& whole_;
  std::unique_ptr<mcp::Splicer> stream_;
  std::uint64_t streamed_ = 0;  ///< Of what length_ announces.
  std::string& frame_;          ///< Chunk header and what else is ours.
  std::vector<iovec>& pieces_;
  std::size_t first_piece_ = 0;
};

}  // namespace sonde::proxy
