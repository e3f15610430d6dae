#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "jsonrpc/scanner.h"
#include "net/stream_end.h"
#include "wrap/conversation.h"
#include "wrap/lane.h"

namespace sonde::wrap {

/// The lane between wrap and a server that is kept: whole lines, each judged before it goes on,
/// between which others can be put; both ends can be changed for those of a new server.
///
/// Limits.  A line of up to kHeldMax is held until it is whole; of a longer one what came goes on
/// at once, unjudged.  Besides one read.
/// Lifetime.  `conversation` outlives the lane.
/// Failure.  An end that is gone is told (input_ended(), broken()), and nothing else happens until
/// the owner has decided: a new end, or finish().
class LineLane final : public Lane {
 public:
  static constexpr std::size_t kHeldMax = std::size_t{4} * 1024 * 1024;

  LineLane(Direction direction, Conversation& conversation);

  void connect_input(net::StreamEnd in);
  void connect_output(net::StreamEnd out);
  /// The server is gone: what it said last without an end is forgotten, or ended.
  void lose_input();
  /// The server is gone: what was meant for it, and has not reached it, is lost.
  void lose_output();
  /// Reads no more until resume().
  void pause() noexcept { paused_ = true; }
  void resume() noexcept { paused_ = false; }
  /// Whole lines that go out as soon as no line is in the way.
  void inject(std::string_view lines);
  /// Nothing more will come: when all is written, the writing end is closed.
  void finish();

  /// Whether nothing waits to be written, and no line is half written.
  bool at_rest() const noexcept { return ready().empty() && (!streaming_ || lost_); }

  Waits waits() const noexcept override;
  int fd() const noexcept override;
  void advance() override;
  void end_input() override;
  bool input_ended() const noexcept override { return input_ended_; }
  std::uint64_t take_bytes() noexcept override { return std::exchange(bytes_, 0); }
  bool broken() const noexcept override { return broken_; }

 private:
  static constexpr std::size_t kReadBytes = std::size_t{64} * 1024;

  std::string_view ready() const noexcept { return std::string_view(out_text_).substr(written_); }
  void read();
  void take(std::string_view bytes);
  void take_piece(std::string_view piece, bool ends_line);
  void end_line(bool drop);
  void flush();

  const Direction direction_;
  Conversation& conversation_;
  net::StreamEnd in_;
  net::StreamEnd out_;
  jsonrpc::Scanner scanner_;
  std::string buffer_;    ///< For reads.
  std::string line_;      ///< The line at hand, unless it streams.
  std::string out_text_;  ///< To be written, from written_ on.
  std::size_t written_ = 0;
  std::string queued_;  ///< Behind the line that streams.
  std::uint64_t bytes_ = 0;
  bool drop_ = false;       ///< The line at hand does not go on.
  bool streaming_ = false;  ///< A part of it has.
  bool lost_ = false;       ///< To a server that is gone.
  bool paused_ = false;
  bool input_ended_ = false;
  bool broken_ = false;
  bool finishing_ = false;
};

}  // namespace sonde::wrap
