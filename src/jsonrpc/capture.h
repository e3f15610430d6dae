#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "jsonrpc/draft.h"

namespace sonde::jsonrpc {

/// A chunk, and where it lies in the stream.
struct Chunk {
  std::string_view bytes;
  std::uint64_t begin = 0;

  std::uint64_t end() const noexcept { return begin + bytes.size(); }
  std::string_view between(std::uint64_t from, std::uint64_t to) const noexcept {
    return {bytes.data() + (from - begin), static_cast<std::size_t>(to - from)};
  }
};

/// Keeps the fields of a message that does not lie in one chunk.
///
/// Purpose.  Before a chunk goes away, what the fields need of it is copied behind what
/// was kept before.  A byte is copied once, however many fields it belongs to: the
/// arguments are a view into the kept params, as far as those reach.
///
/// Limits.  At most twice the sum of the limits of all fields.
class Capture {
 public:
  explicit Capture(const Limits& limits);

  std::uint64_t limit(Field field) const noexcept {
    return limits_[static_cast<std::size_t>(field)];
  }

  /// Copies what the fields of an unfinished message need of a chunk that goes away.
  void keep(Draft& draft, const Chunk& chunk);
  /// Completes the fields that began before `chunk`, in which the message ends.
  void complete(const Draft& draft, const Chunk& chunk);
  /// Forgets the message.
  void clear() noexcept { kept_.clear(); }

  /// The text of a field that has ended, as far as its limit: from `chunk`, the one at
  /// hand, or from what was kept.
  std::string_view text(const Slot& slot, Field field, const Chunk& chunk) const noexcept {
    const std::uint64_t size = std::min(slot.end - slot.begin, limit(field));
    if (slot.begin >= chunk.begin) return chunk.between(slot.begin, slot.begin + size);
    return {kept_.data() + slot.kept, static_cast<std::size_t>(size)};
  }

  /// What was kept of a field that had not reached its limit at `end`.
  std::string_view kept(const Slot& slot, std::uint64_t end) const noexcept {
    return {kept_.data() + slot.kept, static_cast<std::size_t>(end - slot.begin)};
  }

  std::size_t size() const noexcept { return kept_.size(); }

 private:
  std::uint64_t wanted_end(const Slot& slot, Field field, const Chunk& chunk) const noexcept {
    return std::min({slot.end, chunk.end(), slot.begin + limit(field)});
  }
  void compact(Draft& draft, const Chunk& chunk);

  std::array<std::uint64_t, kFieldCount> limits_{};
  std::size_t limits_sum_ = 0;
  std::string kept_;
};

}  // namespace sonde::jsonrpc
