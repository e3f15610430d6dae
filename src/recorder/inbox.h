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
#include "recorder/recorder.h"

namespace sonde::recorder {

using Item = std::variant<ObservedCall, Event, HashPiece, std::unique_ptr<Parcel>>;

/// The memory that an item takes while it waits.
std::uint64_t bytes_held(const ObservedCall& call) noexcept;
std::uint64_t bytes_held(const Event& event) noexcept;
std::uint64_t bytes_held(const HashPiece& piece) noexcept;
std::uint64_t bytes_held(const std::unique_ptr<Parcel>& parcel) noexcept;

/// What waits between the data path and the recorder's thread, and the bell that wakes
/// the latter.
///
/// Order.  That of the pushes, whichever threads they come from: if one push happens before
/// another, so do the pops.
/// Limits.  records_max items and bytes_max bytes; pieces of large values may take three
/// quarters of either, so that hashing never displaces a record.
/// Threads.  Any number push, one pops.  Blocking.  Never: a push takes a fixed number of
/// steps, whatever other threads do.
/// Failure.  push() refuses, and the caller counts.
// NOLINTNEXTLINE(clang-analyzer-optin.performance.Padding): what one thread writes stands apart.
class Inbox {
 public:
  struct Limits {
    std::uint64_t records_max = 0;
    std::uint64_t bytes_max = 0;
  };
  /// What holds the items together.
  struct Link {
    std::atomic<Link*> next = nullptr;
  };
  struct Node : Link {
    template <class Value>
    Node(std::in_place_type_t<Value> type, Value&& value, std::uint64_t size)
        : item(type, std::forward<Value>(value)), bytes(size) {}
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

  // Of the pushing threads.
  /// Moves from `value` only if it returns true.
  template <class Value>
  bool push(Value&& value) noexcept {
    const std::uint64_t bytes = bytes_held(value);
    constexpr bool kPiece = std::is_same_v<Value, HashPiece>;
    if (!reserve(bytes, kPiece ? limits_of_pieces_ : limits_)) return false;
    // The data path survives where memory does not suffice; the record does not.
    auto* const node =
        new (std::nothrow) Node(std::in_place_type<Value>, std::forward<Value>(value), bytes);
    if (node == nullptr) {
      give_back(bytes);
      return false;
    }
    append(node);
    return true;
  }
  bool room_for_piece(std::uint64_t bytes) const noexcept;
  /// Ends the present or the next sleep.
  void ring() noexcept;

  // Of the popping thread.
  /// The oldest; null when there is none, or when its push is not over yet.
  std::unique_ptr<Node> pop() noexcept;
  bool empty() const noexcept { return pushed_.load() == popped_.load(); }
  /// Whether half of the room is taken, or kBatchBytes of large values wait.
  bool batch_full() const noexcept;
  /// False if what the sleep waits for is there already.  Else poll bell() for input, and
  /// then call awake().
  bool fall_asleep(Sleep sleep) noexcept;
  void awake() noexcept;
  int bell() const noexcept { return bell_.get(); }

 private:
  bool reserve(std::uint64_t bytes, Limits limits) noexcept;
  void give_back(std::uint64_t bytes) noexcept;
  void append(Node* node) noexcept;
  void link(Link* last) noexcept;
  Link* unlink() noexcept;

  const Limits limits_;
  const Limits limits_of_pieces_;
  Fd bell_;
  // A list from the oldest, which the popping thread holds, to the newest, which a push takes
  // the place of.  It is never empty: `stub_` is in it when nothing else is.
  alignas(64) std::atomic<Link*> newest_{&stub_};
  // Records and bytes in one number (kOneRecord); what waits is the difference.
  std::atomic<std::uint64_t> pushed_{0};
  alignas(64) std::atomic<std::uint64_t> popped_{0};
  Link* oldest_ = &stub_;
  Link stub_;
  alignas(64) std::atomic<Sleep> sleep_{Sleep::kNone};
};

}  // namespace sonde::recorder
