#include "thrash/streak_table.h"

#include <algorithm>
#include <span>
#include <utility>

namespace sonde::thrash {

std::size_t heap_bytes(const std::string& text) noexcept {
  constexpr std::size_t kWithin = 15;  // A shorter text lies within the string itself.
  return text.capacity() > kWithin ? text.capacity() + 1 : 0;
}

Streak* StreakTable::find(std::uint64_t key) noexcept {
  if (slots_.empty()) return nullptr;
  const std::span bucket = std::span(slots_).subspan(bucket_of(key), kWays);
  const auto found = std::ranges::find(bucket, key, &Streak::key);
  return found == bucket.end() ? nullptr : &*found;
}

StreakTable::Room StreakTable::insert(std::uint64_t key, std::chrono::nanoseconds expired,
                                      std::size_t slots_max) {
  if (slots_.empty()) slots_.resize(kWays);
  for (;;) {
    const std::span bucket = std::span(slots_).subspan(bucket_of(key), kWays);
    const auto free = std::ranges::find_if(
        bucket, [&](const Streak& one) { return one.key == 0 || one.ended < expired; });
    const bool room = free != bucket.end();
    if (!room && slots_.size() * 2 <= slots_max) {
      grow();
      continue;
    }
    Streak& taken = room ? *free : *std::ranges::min_element(bucket, {}, &Streak::ended);
    taken.key = key;
    return {.streak = &taken, .forgot = !room};
  }
}

// Each bucket becomes two, so all of it finds a place.
void StreakTable::grow() {
  std::vector<Streak> old(slots_.size() * 2);
  old.swap(slots_);
  for (Streak& one : old) {
    if (one.key == 0) continue;
    const std::span bucket = std::span(slots_).subspan(bucket_of(one.key), kWays);
    *std::ranges::find(bucket, std::uint64_t{0}, &Streak::key) = std::move(one);
  }
}

std::size_t StreakTable::bytes_held() const noexcept {
  std::size_t bytes = slots_.capacity() * sizeof(Streak);
  for (const Streak& one : slots_) bytes += heap_bytes(one.first_request_id);
  return bytes;
}

}  // namespace sonde::thrash
