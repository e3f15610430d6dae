#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace sonde {

/// Sixteen bytes: one register of SSE2 or NEON, which every processor we build for has, so
/// that nothing is chosen at run time.
using ByteBlock = unsigned char __attribute__((vector_size(16)));

/// Sets of bytes, asked of one byte (bool) or of sixteen (all bits set where it is so).
///
/// What the text of a JSON string must not hold as it is: its end, an escape, a control
/// character.
struct JsonStringMark {
  template <class Byte>
  static constexpr auto holds(Byte byte) noexcept {
    return (byte == '"') | (byte == '\\') | (byte < 0x20);
  }
};

/// The same, and what is not ASCII.
struct JsonStringMarkOrNonAscii {
  template <class Byte>
  static constexpr auto holds(Byte byte) noexcept {
    return (byte == '"') | (byte == '\\') | (byte < 0x20) | (byte >= 0x80);
  }
};

/// What JsonWriter may have to escape.
struct JsonEscaped {
  template <class Byte>
  static constexpr auto holds(Byte byte) noexcept {
    return (byte == '"') | (byte == '\\') | (byte < 0x20) | (byte >= 0x7f);
  }
};

struct NonAscii {
  template <class Byte>
  static constexpr auto holds(Byte byte) noexcept {
    return byte >= 0x80;
  }
};

struct BackslashOrNonAscii {
  template <class Byte>
  static constexpr auto holds(Byte byte) noexcept {
    return (byte == '\\') | (byte >= 0x80);
  }
};

namespace internal {

inline ByteBlock load_block(const char* from) noexcept {
  ByteBlock block;
  std::memcpy(&block, from, sizeof block);
  return block;
}

/// Bit i speaks of byte i.
template <class Flags>
inline unsigned mask_of(Flags flags) noexcept {
#if defined(__clang__)
  using Bools = bool __attribute__((ext_vector_type(16)));
  return std::bit_cast<std::uint16_t>(__builtin_convertvector(flags, Bools));
#else
  unsigned mask = 0;
  for (unsigned i = 0; i < sizeof(ByteBlock); ++i) mask |= (flags[i] & 1U) << i;
  return mask;
#endif
}

template <class Set>
inline unsigned mask_at(const char* from) noexcept {
  return mask_of(Set::holds(load_block(from)));
}

inline std::size_t lowest(unsigned mask) noexcept {
  return static_cast<std::size_t>(std::countr_zero(mask));
}

/// Over text without a byte of the set, four blocks at a time.
template <class Set>
inline std::size_t skip_strides(std::string_view text, std::size_t at) noexcept {
  constexpr std::size_t kStride = 4 * sizeof(ByteBlock);
  for (; text.size() - at >= kStride; at += kStride) {
    const char* const from = text.data() + at;
    const auto flags = Set::holds(load_block(from)) | Set::holds(load_block(from + 16)) |
                       Set::holds(load_block(from + 32)) | Set::holds(load_block(from + 48));
    if (mask_of(flags) != 0) break;
  }
  return at;
}

/// A text of less than a block: two words of it that overlap.
template <class Word>
inline ByteBlock load_ends(std::string_view text) noexcept {
  Word first;
  Word last;
  const char* const begin = text.data();
  std::memcpy(&first, begin, sizeof first);
  std::memcpy(&last, begin + text.size() - sizeof last, sizeof last);
  const std::uint64_t words[2] = {first, last};
  ByteBlock block;
  std::memcpy(&block, words, sizeof block);
  return block;
}

/// False if there is a byte of the set, and where it is not worth looking at once.
template <class Set>
inline bool none_in_short(std::string_view text) noexcept {
  if (text.size() >= 8) return mask_of(Set::holds(load_ends<std::uint64_t>(text))) == 0;
  constexpr unsigned kFourOfEight = 0x0f0f;
  if (text.size() >= 4) {
    return (mask_of(Set::holds(load_ends<std::uint32_t>(text))) & kFourOfEight) == 0;
  }
  return false;
}

/// find_first(), for what the first block did not tell.
template <class Set>
[[gnu::noinline]] std::size_t find_further(std::string_view text, std::size_t at) noexcept {
  constexpr std::size_t kBlock = sizeof(ByteBlock);
  constexpr int kShortBlocks = 4;  // Most strings end before; strides are for the others.
  const std::size_t size = text.size();
  for (int blocks = 0; size - at >= kBlock; at += kBlock) {
    if (blocks++ == kShortBlocks) {
      at = skip_strides<Set>(text, at);
      if (size - at < kBlock) break;
    }
    const unsigned mask = mask_at<Set>(text.data() + at);
    if (mask != 0) return at + lowest(mask);
  }
  if (size >= kBlock) {
    // The last bytes: reading a whole block that ends there is cheaper than one by one.
    const std::size_t seen = at - (size - kBlock);
    const unsigned mask = mask_at<Set>(text.data() + size - kBlock) >> seen;
    return mask == 0 ? size : at + lowest(mask);
  }
  if (none_in_short<Set>(text)) return size;
  while (at != size && !Set::holds(static_cast<unsigned char>(text[at]))) ++at;
  return at;
}

}  // namespace internal

/// How many bytes marks_at() looks at.
inline constexpr std::size_t kMarksBytes = 64;

/// Bit i says whether the byte at `at` + i is in the set.
/// REQUIRES: so many bytes are there.
template <class Set>
inline std::uint64_t marks_at(std::string_view text, std::size_t at) noexcept {
  std::uint64_t marks = 0;
  for (std::size_t i = 0; i < kMarksBytes; i += sizeof(ByteBlock)) {
    marks |= std::uint64_t{internal::mask_at<Set>(text.data() + at + i)} << i;
  }
  return marks;
}

/// A position that is not behind the first byte of `Set`: mostly it stands there.
template <class Set>
inline std::size_t find_first_nearby(std::string_view text, std::size_t at) noexcept {
  if (text.size() - at < sizeof(ByteBlock)) return at;
  const unsigned mask = internal::mask_at<Set>(text.data() + at);
  return mask != 0 ? at + internal::lowest(mask) : at + sizeof(ByteBlock);
}

/// The position of the first byte of `Set` from `at` on; the size of `text` if there is none.
/// REQUIRES: at <= text.size().
template <class Set>
inline std::size_t find_first(std::string_view text, std::size_t at) noexcept {
  constexpr std::size_t kBlock = sizeof(ByteBlock);
  if (text.size() - at >= kBlock) {
    const unsigned mask = internal::mask_at<Set>(text.data() + at);
    if (mask != 0) return at + internal::lowest(mask);
    at += kBlock;
  }
  return internal::find_further<Set>(text, at);
}

/// Is there no byte of `Set`?  Quick for what is shorter than a line.
template <class Set>
inline bool holds_none(std::string_view text) noexcept {
  constexpr std::size_t kBlock = sizeof(ByteBlock);
  const std::size_t size = text.size();
  if (size > 4 * kBlock) return internal::find_further<Set>(text, 0) == size;
  if (size < 4) return internal::find_further<Set>(text, 0) == size;
  if (size < kBlock) return internal::none_in_short<Set>(text);
  // Blocks that overlap cover any size.
  const char* const begin = text.data();
  const char* const last = begin + size - kBlock;
  auto flags = Set::holds(internal::load_block(begin)) | Set::holds(internal::load_block(last));
  if (size > 2 * kBlock) {
    flags |= Set::holds(internal::load_block(begin + kBlock)) |
             Set::holds(internal::load_block(last - kBlock));
  }
  return internal::mask_of(flags) == 0;
}

}  // namespace sonde
