#pragma once

#include "jsonrpc/scanner.h"
#include "wrap/lane.h"
#include "wrap/message_observer.h"

namespace sonde::wrap {

/// Finds the messages in what a lane has forwarded.
///
/// Lifetime.  `messages` outlives the watch.
class Watch final : public ChunkObserver {
 public:
  Watch(Direction direction, MessageObserver& messages, jsonrpc::ResultListener* results = nullptr)
      : direction_(direction), messages_(messages), scanner_({}, results) {}

  void on_chunk(std::string_view bytes, Moment read_at,
                std::chrono::nanoseconds written_at) override;
  void on_end(Moment now) override;

 private:
  void show(const jsonrpc::Message& message, const mcp::Sighting& sighting, std::uint64_t line);

  const Direction direction_;
  MessageObserver& messages_;
  jsonrpc::Scanner scanner_;
  std::uint64_t newlines_ = 0;  ///< In all chunks before the one at hand.
  bool disabled_ = false;
};

}  // namespace sonde::wrap
