#pragma once

#include <atomic>
#include <bit>
#include <cstddef>
#include <memory>
#include <new>
#include <utility>

namespace sonde {

/// A bounded queue between two threads.
///
/// Purpose.  The one place where the data path and the telemetry meet.
/// Limits.  `capacity`, rounded up to a power of two; push() refuses when full, and
/// the caller counts what it then drops.
/// Threads.  One thread pushes, one thread pops.  Blocking.  Never.
template <class T>
// NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding): see kLine.
class SpscQueue {
 public:
  explicit SpscQueue(std::size_t capacity)
      : mask_(std::bit_ceil(capacity) - 1),
        slots_(std::make_unique_for_overwrite<T[]>(mask_ + 1)) {}

  /// Moves `value` in; false, with `value` untouched, when the queue is full.
  bool push(T&& value) noexcept {
    const std::size_t tail = tail_.load(std::memory_order_relaxed);
    if (tail - head_seen_ > mask_) {
      head_seen_ = head_.load(std::memory_order_acquire);
      if (tail - head_seen_ > mask_) return false;
    }
    slots_[tail & mask_] = std::move(value);
    tail_.store(tail + 1, std::memory_order_release);
    return true;
  }

  /// Moves the oldest value out; false when the queue is empty.
  bool pop(T& value) noexcept {
    const std::size_t head = head_.load(std::memory_order_relaxed);
    if (head == tail_.load(std::memory_order_acquire)) return false;
    value = std::move(slots_[head & mask_]);
    head_.store(head + 1, std::memory_order_release);
    return true;
  }

  bool empty() const noexcept {
    return head_.load(std::memory_order_acquire) == tail_.load(std::memory_order_acquire);
  }

 private:
  // Apart, so that the two threads do not fight for one cache line.
  static constexpr std::size_t kLine = 64;

  const std::size_t mask_;
  const std::unique_ptr<T[]> slots_;
  alignas(kLine) std::atomic<std::size_t> tail_{0};
  std::size_t head_seen_ = 0;  ///< The pusher's last look at head_.
  alignas(kLine) std::atomic<std::size_t> head_{0};
};

}  // namespace sonde
