#include "thrash/deny_table.h"

#include <algorithm>

namespace sonde::thrash {

// The writer is alone; a reader that meets a slot half written sees call 0 before or after.
DenyTable::Slot& DenyTable::slot_for(std::uint64_t call) noexcept {
  const auto same = std::ranges::find_if(
      slots_, [&](const Slot& slot) { return slot.call.load(std::memory_order_relaxed) == call; });
  if (same != slots_.end()) return *same;
  return *std::ranges::min_element(
      slots_, {}, [](const Slot& slot) { return slot.until.load(std::memory_order_relaxed); });
}

bool DenyTable::deny(std::uint64_t session, const CallKey& key, const Denial& denial,
                     Time now) noexcept {
  const std::uint64_t call = mix(session, key.call);
  Slot& slot = slot_for(call);
  const bool same = slot.call.load(std::memory_order_relaxed) == call;
  const bool had_room = same || slot.until.load(std::memory_order_relaxed) <= now.count();
  slot.call.store(0);
  slot.tool.store(key.tool);
  slot.until.store(denial.until.count());
  slot.calls.store(denial.calls);
  slot.call.store(call);
  const std::int64_t last = std::max(last_until_.load(), denial.until.count());
  last_until_.store(last);
  return had_room;
}

bool DenyTable::lists(std::string_view server, std::string_view tool, Time now) const noexcept {
  if (!any(now)) return false;
  const std::uint64_t wanted = call_key(hash_of(server), tool, {}).tool;
  return std::ranges::any_of(slots_, [&](const Slot& slot) {
    return slot.tool.load() == wanted && slot.until.load() > now.count();
  });
}

std::optional<DenyTable::Denial> DenyTable::find(const Call& call, Time now) const noexcept {
  const CallKey key = call_key(hash_of(call.server), call.tool, call.args_hash);
  const std::uint64_t wanted = mix(call.session, key.call);
  for (const Slot& slot : slots_) {
    if (slot.call.load() != wanted) continue;
    const Denial denial{.calls = slot.calls.load(), .until = Time(slot.until.load())};
    const bool whole = slot.call.load() == wanted;
    if (whole && denial.until > now) return denial;
  }
  return std::nullopt;
}

}  // namespace sonde::thrash
