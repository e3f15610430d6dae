#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <new>
#include <type_traits>
#include <utility>
#include <variant>

#include "base/fd.h"
#include "base/result.h"
#include "base/spsc_queue.h"
#include "recorder/recorder.h"

namespace sonde::recorder {

using Item = std::variant<ObservedCall, Event, HashPiece>;

/// The memory that an item takes while it waits.
std::uint64_t bytes_held(const ObservedCall& call) noexcept;
std::uint64_t bytes_held(const Event& event) noexcept;
std::uint64_t bytes_held(const HashPiece& piece) noexcept;

/// What waits between the data path and the recorder's thread, and the bell that wakes
/// the latter.
///
/// Limits.  records_max items and bytes_max bytes; pieces of large values may take three
/// quarters of either, so that hashing never displaces a record.
/// Threads.  One pushes, one pops.  Blocking.  Never.
/// Failure.  push() refuses, and the caller counts.
// NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding): what one thread writes stands apart.
class Inbox {
 public:
  struct Limits {
    std::uint64_t records_max = 0;
    std::uint64_t bytes_max = 0;
  };
  struct Parcel {
    Item item;
    std::uint64_t bytes;
  };
  /// What may end the sleep of the popping thread.
  enum class Sleep : std::uint8_t {
    kNone,       ///< It is awake: ringing would be a wasted system call.
    kGathering,  ///< A batch is there, or ring().
    kIdle,       ///< Any item, or ring().
  };

  /// Large values make a batch of their own, so that the thread that hashes them is never at it
  /// for long: so many bytes beyond what a small record holds.
  static constexpr std::uint64_t kBatchBytes = std::uint64_t{512} * 1024;
  static constexpr std::uint64_t kSmallRecordBytes = 4096;

  struct Waiting {
    std::uint64_t records;
    std::uint64_t bytes;
  };

  explicit Inbox(Limits limits);
  ~Inbox();
  Inbox(const Inbox&) = delete;
  Inbox& operator=(const Inbox&) = delete;

  /// Makes the bell.
  Status open();

  Waiting waiting() const noexcept;

  // Of the pushing thread.
  /// Moves from `value` only if it returns true.
  template <class Value>
  bool push(Value&& value) noexcept {
    const std::uint64_t bytes = bytes_held(value);
    constexpr bool kPiece = std::is_same_v<Value, HashPiece>;
    if (!(kPiece ? room_for_piece(bytes) : room_for(bytes, limits_))) return false;
    // The data path survives where memory does not suffice; the record does not.
    auto* const parcel = new (std::nothrow)
        Parcel{.item = Item(std::in_place_type<Value>, std::forward<Value>(value)), .bytes = bytes};
    if (parcel == nullptr) return false;
    append(parcel);
    return true;
  }
  bool room_for_piece(std::uint64_t bytes) const noexcept;
  /// Ends the present or the next sleep.
  void ring() noexcept;

  // Of the popping thread.
  /// The oldest; null when there is none.
  std::unique_ptr<Parcel> pop() noexcept;
  bool empty() const noexcept { return pushed_.load() == popped_.load(); }
  /// Whether half of the room is taken, or kBatchBytes of large values wait.
  bool batch_full() const noexcept;
  /// False if what the sleep waits for is there already.  Else poll bell() for input, and
  /// then call awake().
  bool fall_asleep(Sleep sleep) noexcept;
  void awake() noexcept;
  int bell() const noexcept { return bell_.get(); }

 private:
  bool room_for(std::uint64_t bytes, Limits limits) const noexcept;
  void append(Parcel* parcel) noexcept;

  const Limits limits_;
  SpscQueue<Parcel*> parcels_;  ///< Owned; raw so that idle slots stay untouched memory.
  Fd bell_;
  // Each written by one thread only; what waits is the difference.
  alignas(64) std::atomic<std::uint64_t> pushed_{0};
  std::atomic<std::uint64_t> bytes_pushed_{0};
  alignas(64) std::atomic<std::uint64_t> popped_{0};
  std::atomic<std::uint64_t> bytes_popped_{0};
  alignas(64) std::atomic<Sleep> sleep_{Sleep::kNone};
};

}  // namespace sonde::recorder
