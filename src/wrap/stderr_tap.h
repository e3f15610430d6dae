#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <semaphore>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "base/clock.h"
#include "base/fd.h"
#include "net/stream_end.h"
#include "wrap/forward_lane.h"
#include "wrap/lane.h"
#include "wrap/tail_lines.h"

namespace sonde::wrap {

/// Relays the server's stderr on a thread of its own, and keeps its last lines.
///
/// Purpose.  A flood of diagnostics, or a terminal that is held, must not delay a message.
/// Threads.  The owner's, and one that start() makes.  If the system gives none, the owner
/// runs lane() together with its others.
/// Blocking.  finish(), until its deadline.
class StderrTap final : public ChunkObserver {
 public:
  StderrTap(net::StreamEnd from, net::StreamEnd to, const Clock& clock);
  ~StderrTap() override;
  StderrTap(const StderrTap&) = delete;
  StderrTap& operator=(const StderrTap&) = delete;

  /// False if there is no thread to be had.
  bool start();
  /// For who runs it without a thread.
  Lane& lane() noexcept { return lane_; }

  /// The server has ended: forwards what is still to be had, ends the thread.  Returns the
  /// last lines; none if the thread did not end in time.
  std::vector<std::string> finish(std::chrono::nanoseconds deadline);

  std::uint64_t bytes() const noexcept { return bytes_.load(std::memory_order_relaxed); }

  void on_chunk(std::string_view bytes, Moment read_at,
                std::chrono::nanoseconds written_at) override;
  void on_end(Moment) override {}

 private:
  void run();
  bool wait_for_lane(int timeout_ms);
  void drain(std::chrono::nanoseconds deadline);

  const Clock& clock_;
  TailLines tail_;  ///< Of the thread, until it has ended.
  ForwardLane lane_;
  Fd stop_;  ///< eventfd; readable: stop.
  std::atomic<std::uint64_t> bytes_ = 0;
  std::binary_semaphore ended_{0};
  std::thread thread_;
};

}  // namespace sonde::wrap
