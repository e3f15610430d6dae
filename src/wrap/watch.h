#pragma once

#include "jsonrpc/scanner.h"
#include "mcp/message_observer.h"
#include "wrap/lane.h"
#include "wrap/line_counter.h"

namespace sonde::wrap {

/// Finds the messages in what a lane has forwarded.
///
/// Lifetime.  `messages` outlives the watch.
class Watch final : public ChunkObserver {
 public:
  Watch(Direction direction, mcp::MessageObserver& messages,
        jsonrpc::ResultListener* results = nullptr)
      : direction_(direction), messages_(messages), scanner_({}, results) {}

  void on_chunk(std::string_view bytes, Moment read_at,
                std::chrono::nanoseconds written_at) override;
  void on_end(Moment now) override;

 private:
  void show(const jsonrpc::Message& message, const mcp::Sighting& sighting);

  const Direction direction_;
  mcp::MessageObserver& messages_;
  jsonrpc::Scanner scanner_;
  LineCounter lines_;
  bool disabled_ = false;
};

}  // namespace sonde::wrap
