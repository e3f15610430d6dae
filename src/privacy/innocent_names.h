#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace sonde::privacy {

/// Is `text` an id of a form in which nothing built in finds a secret: a UUID in lower case,
/// 32 hexadecimal digits in lower case (a trace id), at most 12 decimal digits?
bool innocent_id(std::string_view text) noexcept;

/// The names that redaction was seen to leave as they are.
///
/// Purpose.  Methods, tools and keys come again with every call, and a look here costs a
/// tenth of a pass over them.  What is kept is shown anyway; a name that had to be changed
/// is not kept.
/// Limits.  kSlots names of at most kBytesMax bytes; of two that share a slot, the last one.
/// Threads.  One owner.
class InnocentNames {
 public:
  static constexpr std::size_t kSlots = 256;
  static constexpr std::size_t kBytesMax = 63;

  bool contains(std::string_view name) const noexcept;
  void add(std::string_view name) noexcept;

 private:
  struct Slot {
    std::array<char, kBytesMax> bytes;
    std::uint8_t size = 0;  ///< 0: empty.
  };

  std::array<Slot, kSlots> slots_{};
};

}  // namespace sonde::privacy
