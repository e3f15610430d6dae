#pragma once

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
    return bytes.substr(from - begin, to - from);
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
  void complete(Draft& draft, const Chunk& chunk);
  /// Forgets the message.
  void clear() noexcept { kept_.clear(); }

  /// The text of a field as far as its limit, from `chunk` or from what was kept.
  std::string_view text(const Draft& draft, Field field, const Chunk& chunk) const noexcept;

  std::size_t size() const noexcept { return kept_.size(); }
  std::size_t size_max() const noexcept { return 2 * limits_sum_; }

 private:
  std::uint64_t wanted_end(const Draft& draft, Field field, const Chunk& chunk) const noexcept;
  void compact(Draft& draft, const Chunk& chunk);

  std::array<std::uint64_t, kFieldCount> limits_{};
  std::size_t limits_sum_ = 0;
  std::string kept_;
};

}  // namespace sonde::jsonrpc
