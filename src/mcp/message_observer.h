#pragma once

#include <optional>
#include <string_view>

#include "base/clock.h"
#include "jsonrpc/scanner.h"
#include "mcp/call_tracker.h"
#include "model/call_record.h"

namespace sonde::mcp {

/// Sees the messages of both directions in the order in which they were read: the side of
/// mcp::CallTracker that the lanes know.
class MessageObserver {
 public:
  virtual ~MessageObserver() = default;

  /// As CallTracker::observe; `line` counts the lines of the stream from 1.
  virtual std::optional<std::string_view> on_message(Direction direction,
                                                     const jsonrpc::Message& message,
                                                     const Sighting& sighting,
                                                     std::uint64_t line) = 0;
  /// As CallTracker::splice_early.
  virtual std::optional<std::string_view> on_splice_early(Moment now) = 0;
  /// Whether messages to the server may have to be kept back; then they wait to be whole.
  virtual bool may_keep_back(Moment /*now*/) const noexcept { return false; }
  /// Whether the message that was shown last, which was whole, is not to go on.
  virtual bool keeps_back() noexcept { return false; }
  /// The requests seen since the last call have been written now.
  virtual void on_forwarded(std::chrono::nanoseconds at) = 0;
  /// The scanner has given up on a stream.
  virtual void on_disabled(Direction direction) = 0;
};

}  // namespace sonde::mcp
