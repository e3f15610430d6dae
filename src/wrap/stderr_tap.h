#pragma once

#include <atomic>
#include <chrono>
#include <cstdint>
#include <mutex>
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

  /// The last lines since this was asked last: of a server that has ended while another one
  /// will take its place.
  std::vector<std::string> take_recent();

  std::uint64_t bytes() const noexcept { return bytes_.load(std::memory_order_relaxed); }

  void on_chunk(std::string_view bytes, Moment read_at,
                std::chrono::nanoseconds written_at) override;
  void on_end(Moment) override {}

 private:
  void run();
  bool wait_for_lane(int timeout_ms);
  void drain(std::chrono::nanoseconds deadline);

  const Clock& clock_;
  std::mutex tail_mutex_;  ///< Nobody else waits for it but for a copy of a few lines.
  TailLines tail_;
  ForwardLane lane_;
  Fd stop_;  ///< eventfd; readable: stop.
  std::atomic<std::uint64_t> bytes_ = 0;
  std::binary_semaphore ended_{0};
  std::thread thread_;
};

}  // namespace sonde::wrap
