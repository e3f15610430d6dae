#include "mcp/tracked_call.h"

#include <algorithm>
#include <memory>

#include "base/check.h"

namespace sonde::mcp {
namespace {

constexpr std::size_t kFirstSlots = 64;

}  // namespace

void CallIndex::insert(std::uint64_t hash, TrackedCall& call) {
  if ((used_ + 1) * 2 > slots_.size()) grow();
  std::size_t i = home(hash);
  while (slots_[i].call != nullptr) i = (i + 1) & mask();
  slots_[i] = {.hash = hash, .call = &call};
  ++used_;
}

void CallIndex::erase(std::uint64_t hash, const TrackedCall& call) noexcept {
  std::size_t hole = home(hash);
  while (slots_[hole].call != &call || slots_[hole].hash != hash) {
    SONDE_CHECK(slots_[hole].call != nullptr);
    hole = (hole + 1) & mask();
  }
  // Whatever was displaced past the hole moves into it, so that no search stops early.
  for (std::size_t i = (hole + 1) & mask(); slots_[i].call != nullptr; i = (i + 1) & mask()) {
    const std::size_t displaced = (i - home(slots_[i].hash)) & mask();
    if (displaced < ((i - hole) & mask())) continue;
    slots_[hole] = slots_[i];
    hole = i;
  }
  slots_[hole] = {};
  --used_;
}

void CallIndex::grow() {
  std::vector<Slot> old(std::max(kFirstSlots, slots_.size() * 2));
  old.swap(slots_);
  used_ = 0;
  for (const Slot& slot : old) {
    if (slot.call != nullptr) insert(slot.hash, *slot.call);
  }
}

TrackedCall& CallPool::take() {
  if (free_.empty()) {
    all_.push_back(std::make_unique<TrackedCall>());
    free_.reserve(all_.capacity());
    free_.push_back(all_.back().get());
  }
  TrackedCall& call = *free_.back();
  free_.pop_back();
  call.serial = ++serial_;
  return call;
}

void CallPool::give_back(TrackedCall& call) {
  // Serial 0: no reference to it holds any longer.  Made anew where it stands, which costs
  // half of an assignment.
  std::destroy_at(&call);
  std::construct_at(&call);
  free_.push_back(&call);
}

}  // namespace sonde::mcp
