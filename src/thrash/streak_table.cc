#include "thrash/streak_table.h"

#include <algorithm>
#include <span>
#include <utility>

namespace sonde::thrash {

std::size_t heap_bytes(const std::string& text) noexcept {
  constexpr std::size_t kWithin = 15;  // A shorter text lies within the string itself.
  return text.capacity() > kWithin ? text.capacity() + 1 : 0;
}

/// Where in the bucket it is; keys_.size() if it is not.
std::size_t StreakTable::index_of(std::size_t bucket, std::uint64_t key) const noexcept {
  for (std::size_t i = bucket; i < bucket + kWays; ++i) {
    if (keys_[i] == key) return i;
  }
  return keys_.size();
}

Streak* StreakTable::find(std::uint64_t key) noexcept {
  if (keys_.empty()) return nullptr;
  const std::size_t index = index_of(bucket_of(key), key);
  return index < slots_.size() ? &slots_[index] : nullptr;
}

StreakTable::Room StreakTable::insert(std::uint64_t key, std::chrono::nanoseconds expired,
                                      std::size_t slots_max) {
  if (keys_.empty()) {
    keys_.resize(kWays);
    slots_.resize(kWays);
  }
  for (;;) {
    const std::size_t bucket = bucket_of(key);
    const std::span all = std::span(slots_).subspan(bucket, kWays);
    std::size_t index = index_of(bucket, 0);
    bool room = index < slots_.size();
    if (!room) {
      const auto oldest = std::ranges::min_element(all, {}, &Streak::ended);
      index = bucket + static_cast<std::size_t>(oldest - all.begin());
      room = oldest->ended < expired;
    }
    if (!room && slots_.size() * 2 <= slots_max) {
      grow();
      continue;
    }
    keys_[index] = key;
    return {.streak = &slots_[index], .forgot = !room};
  }
}

// Each bucket becomes two, so all of it finds a place.
void StreakTable::grow() {
  std::vector<std::uint64_t> keys(keys_.size() * 2);
  std::vector<Streak> slots(slots_.size() * 2);
  keys.swap(keys_);
  slots.swap(slots_);
  for (std::size_t i = 0; i < keys.size(); ++i) {
    if (keys[i] == 0) continue;
    const std::size_t index = index_of(bucket_of(keys[i]), 0);
    keys_[index] = keys[i];
    slots_[index] = std::move(slots[i]);
  }
}

std::size_t StreakTable::bytes_held() const noexcept {
  std::size_t bytes = slots_.capacity() * sizeof(Streak) + keys_.capacity() * sizeof(std::uint64_t);
  for (const Streak& one : slots_) bytes += heap_bytes(one.first_request_id);
  return bytes;
}

}  // namespace sonde::thrash
