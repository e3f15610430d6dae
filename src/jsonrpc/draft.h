#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "jsonrpc/scanner.h"

namespace sonde::jsonrpc {

inline constexpr std::uint64_t kOpen = ~std::uint64_t{0};

/// Where one field lies in the stream.
struct Slot {
  std::uint64_t begin = 0;
  std::uint64_t end = kOpen;  ///< kOpen until it has ended.
  std::uint64_t elements = 0;
  std::uint64_t kept;  ///< Where its text begins in the Capture, once its chunk is gone.
  char first = 0;      ///< Its first byte, which tells its type.

  bool is_object() const noexcept { return first == '{'; }
  bool closed() const noexcept { return end != kOpen; }
};

/// The message being read: places in the stream, no bytes.
///
/// Purpose.  The Walker writes it, Capture keeps the bytes it names, and the Scanner
/// makes a Message of it.
struct Draft {
  enum class Shape : std::uint8_t {
    kNothing,  ///< Its first byte has not been seen.
    kOther,    ///< JSON, but no object.
    kObject,
    kInvalid,
  };

  Shape shape = Shape::kNothing;
  bool in_batch = false;
  bool closed = false;  ///< The value has ended; its line may not have.
  bool duplicate_keys = false;
  bool splice_void = false;  ///< `params` or `_meta` came twice.
  std::uint8_t opened = 0;   ///< How many of `order` count.
  std::uint64_t begin = 0;
  std::uint64_t end = 0;
  std::uint64_t line = 0;
  std::array<Field, kFieldCount> order;  ///< The fields present, as they begin in the stream.
  std::array<Slot, kFieldCount> slots;
  std::uint32_t present = 0;  ///< Bit per Field.

  Slot& at(Field field) noexcept { return slots[static_cast<std::size_t>(field)]; }
  const Slot& at(Field field) const noexcept { return slots[static_cast<std::size_t>(field)]; }
  bool has(Field field) const noexcept {
    return (present >> static_cast<unsigned>(field) & 1) != 0;
  }

  /// Forgets the message; the slots need no clearing, `present` says which count.
  void reset() noexcept;
  /// A member of that name begins; one that came before, and what it held, is forgotten.
  void open(Field field, std::uint64_t begin_offset, char first) noexcept {
    if (has(field)) [[unlikely]]
      forget(field);
    present |= std::uint32_t{1} << static_cast<unsigned>(field);
    order[opened++] = field;
    Slot& slot = at(field);
    slot.begin = begin_offset;
    slot.end = kOpen;
    slot.elements = 0;
    slot.first = first;
  }

  Kind kind() const noexcept;
  std::optional<SpliceSite> splice() const noexcept;
  std::optional<std::uint64_t> hold_from() const noexcept;

 private:
  void forget(Field field) noexcept;
  bool may_splice() const noexcept;
};

}  // namespace sonde::jsonrpc
