#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "mcp/methods.h"
#include "model/observed_call.h"

namespace sonde::mcp {

struct TrackedCall;

/// A call that may end before the reference is used.  Safe because calls are reused,
/// never freed, and each use has a serial number of its own.
struct CallRef {
  TrackedCall* call = nullptr;
  std::uint64_t serial = 0;

  TrackedCall* get() const noexcept;
};

/// The time during which at least one of several waits was open.
class WaitTime {
 public:
  void open(std::chrono::nanoseconds now) noexcept {
    if (open_++ == 0) since_ = now;
  }
  void close(std::chrono::nanoseconds now) noexcept {
    if (open_ == 0) return;
    --open_;
    if (open_ == 0 && now > since_) total_ += now - since_;
  }
  std::chrono::nanoseconds total(std::chrono::nanoseconds now) const noexcept {
    // A task's end may be learnt of after it has happened: then `now` lies back.
    return open_ > 0 && now > since_ ? total_ + (now - since_) : total_;
  }

 private:
  std::chrono::nanoseconds since_{};
  std::chrono::nanoseconds total_{};
  std::uint32_t open_ = 0;
};

/// Membership in one CallList.
struct CallLinks {
  TrackedCall* before = nullptr;
  TrackedCall* after = nullptr;
  bool linked = false;
};

/// Why a call that has no open request is not over.
enum class Parked : std::uint8_t { kNo, kForInput, kForTask };

/// A call from its request to its record.
struct TrackedCall {
  ObservedCall observed;
  const Method* method = nullptr;
  std::uint64_t serial = 0;

  // The request that is open now: the last hop.
  WireId hop_id;
  std::uint64_t hop_hash = 0;
  std::uint64_t exchange = 0;  ///< Of the last hop, as its scope (Sighting).
  std::uint64_t scope = 0;
  std::chrono::nanoseconds hop_began{};  ///< Monotonic, as all of the following.
  std::chrono::nanoseconds began{};

  std::string progress_token;  ///< Empty: none.
  std::uint64_t progress_hash = 0;

  bool modern = false;
  bool first_page = false;    ///< A tools/list without cursor.
  bool minted_id = false;     ///< request_id is ours.
  bool stamped = false;       ///< Its ids came with it.
  bool pending_said = false;  ///< kToolPending has been reported.

  WaitTime human;
  WaitTime sampling;
  CallRef owner;  ///< This call asks the user or the model on behalf of that one.
  CallRef task;   ///< This call asks for that one's task.

  Parked parked = Parked::kNo;
  bool has_state = false;  ///< The server gave a requestState, so a retry must have it.
  std::uint64_t retry_hash = 0;
  bool waits_for_human = false;
  bool waits_for_model = false;
  std::string task_id;
  std::uint32_t polls_open = 0;
  bool cancel_asked = false;
  bool tool_error = false;                ///< The task's result has isError.
  std::optional<CallStatus> task_status;  ///< The task has ended thus, its result is to come.
  std::chrono::nanoseconds expires{};
  std::chrono::nanoseconds ended{};
  std::chrono::nanoseconds ended_wall{};

  CallLinks age;
  CallLinks due;
  CallLinks park;
};

inline TrackedCall* CallRef::get() const noexcept {
  return call != nullptr && call->serial == serial ? call : nullptr;
}

/// Calls in the order in which they were added.  Ownership.  None.
template <CallLinks TrackedCall::* kLinks>
class CallList {
 public:
  TrackedCall* front() const noexcept { return front_; }
  TrackedCall* back() const noexcept { return back_; }
  std::size_t size() const noexcept { return size_; }
  static TrackedCall* after(const TrackedCall& call) noexcept { return (call.*kLinks).after; }
  static TrackedCall* before(const TrackedCall& call) noexcept { return (call.*kLinks).before; }

  void push_back(TrackedCall& call) noexcept {
    CallLinks& links = call.*kLinks;
    if (links.linked) return;
    links = {.before = back_, .after = nullptr, .linked = true};
    (back_ == nullptr ? front_ : (back_->*kLinks).after) = &call;
    back_ = &call;
    ++size_;
  }

  void remove(TrackedCall& call) noexcept {
    CallLinks& links = call.*kLinks;
    if (!links.linked) return;
    (links.before == nullptr ? front_ : (links.before->*kLinks).after) = links.after;
    (links.after == nullptr ? back_ : (links.after->*kLinks).before) = links.before;
    links = {};
    --size_;
  }

 private:
  TrackedCall* front_ = nullptr;
  TrackedCall* back_ = nullptr;
  std::size_t size_ = 0;
};

/// From a hash to the calls that have it.
///
/// Purpose.  A lookup without an allocation per message: open addressing, linear probing.
/// Limits.  As many as are inserted; the table grows and does not shrink.
class CallIndex {
 public:
  void insert(std::uint64_t hash, TrackedCall& call);
  /// REQUIRES: inserted.
  void erase(std::uint64_t hash, const TrackedCall& call) noexcept;

  /// A call with that hash for which `matches` holds, or null.
  template <class Matches>
  TrackedCall* find(std::uint64_t hash, Matches&& matches) const {
    if (slots_.empty()) return nullptr;
    for (std::size_t i = home(hash); slots_[i].call != nullptr; i = (i + 1) & mask()) {
      if (slots_[i].hash == hash && matches(*slots_[i].call)) return slots_[i].call;
    }
    return nullptr;
  }

 private:
  struct Slot {
    std::uint64_t hash = 0;
    TrackedCall* call = nullptr;
  };

  std::size_t mask() const noexcept { return slots_.size() - 1; }
  std::size_t home(std::uint64_t hash) const noexcept { return hash & mask(); }
  void grow();

  std::vector<Slot> slots_;
  std::size_t used_ = 0;
};

/// Calls that are reused.  Their addresses stay.
class CallPool {
 public:
  TrackedCall& take();
  void give_back(TrackedCall& call);

 private:
  std::vector<std::unique_ptr<TrackedCall>> all_;
  std::vector<TrackedCall*> free_;
  std::uint64_t serial_ = 0;
};

}  // namespace sonde::mcp
