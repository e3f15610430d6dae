#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

/// Sixty-four bytes of the wire at a time, as bit masks: bit i speaks of byte i.
/// All of it is inlined into the clones of kernel.cc, so that this one text becomes
/// AVX-512, AVX2, SSE2 or NEON code.
namespace sonde::jsonrpc {

using Mask = std::uint64_t;
using Bytes = unsigned char __attribute__((vector_size(64)));
using Flags = signed char __attribute__((vector_size(64)));

inline constexpr std::size_t kBlock = 64;
inline constexpr Mask kAll = ~Mask{0};

static_assert(std::endian::native == std::endian::little, "bit 0 of a mask is byte 0");

#define SONDE_INLINE [[gnu::always_inline]] inline

SONDE_INLINE Mask mask_of(const Flags& flags) {
#if defined(__clang__)
  using Bools = bool __attribute__((ext_vector_type(64)));
  return std::bit_cast<Mask>(__builtin_convertvector(flags, Bools));
#else
  Mask mask = 0;
  for (std::size_t i = 0; i < kBlock; ++i) mask |= static_cast<Mask>(flags[i] & 1) << i;
  return mask;
#endif
}

/// The bits below `bit`.  REQUIRES: bit < 64.
SONDE_INLINE Mask below(int bit) { return (Mask{1} << bit) - 1; }
/// The bits of the first `size` bytes.  REQUIRES: 0 < size <= 64.
SONDE_INLINE Mask first(std::size_t size) { return kAll >> (kBlock - size); }
SONDE_INLINE int lowest(Mask mask) { return std::countr_zero(mask); }
SONDE_INLINE Mask without_lowest(Mask mask) { return mask & (mask - 1); }
SONDE_INLINE std::uint64_t count(Mask mask) {
  return static_cast<std::uint64_t>(std::popcount(mask));
}

/// Bit i is the parity of the bits 0 to i: from quotes, the insides of strings with
/// their opening, without their closing quote.
SONDE_INLINE Mask prefix_xor(Mask mask) {
  mask ^= mask << 1;
  mask ^= mask << 2;
  mask ^= mask << 4;
  mask ^= mask << 8;
  mask ^= mask << 16;
  mask ^= mask << 32;
  return mask;
}

/// The bytes that a backslash before them takes the meaning of.  `carry` says so of
/// the first byte, and afterwards of the first byte of the next block.
///
/// A run of backslashes ends in an escape if its length is odd.  Adding to the
/// pattern of odd bits tells the two apart without a loop (simdjson's way).
SONDE_INLINE Mask escaped_bytes(Mask backslash, std::size_t size, Mask& carry) {
  constexpr Mask kOdd = 0xaaaaaaaaaaaaaaaa;
  if (backslash == 0) {
    const Mask escaped = carry;
    carry = 0;
    return escaped;
  }
  const Mask starts = backslash & ~carry;
  const Mask codes = (((starts << 1) | kOdd) - starts) ^ kOdd;
  const Mask escaped = codes ^ (backslash | carry);
  carry = size == kBlock ? (codes & backslash) >> (kBlock - 1) : escaped >> size & 1;
  return escaped;
}

/// What begins and ends strings, and lines.
struct TextMasks {
  Mask quote = 0;
  Mask backslash = 0;
  Mask newline = 0;

  TextMasks() = default;
  SONDE_INLINE explicit TextMasks(const char* from) {
    Bytes bytes;
    std::memcpy(&bytes, from, kBlock);
    quote = mask_of(bytes == '"');
    backslash = mask_of(bytes == '\\');
    newline = mask_of(bytes == '\n');
  }

  SONDE_INLINE void shift_down(std::size_t bits) {
    quote >>= bits;
    backslash >>= bits;
    newline >>= bits;
  }
};

/// What gives JSON its shape, outside of strings.
struct ShapeMasks {
  Mask open;   ///< { [
  Mask close;  ///< } ]
  Mask comma;

  SONDE_INLINE explicit ShapeMasks(const char* from) {
    Bytes bytes;
    std::memcpy(&bytes, from, kBlock);
    const Bytes folded = bytes | 0x20;
    open = mask_of(folded == '{');
    close = mask_of(folded == '}');
    comma = mask_of(bytes == ',');
  }

  SONDE_INLINE void shift_down(std::size_t bits) {
    open >>= bits;
    close >>= bits;
    comma >>= bits;
  }
};

/// What lies between values and is no bracket.
struct GapMasks {
  Mask separator;  ///< , :
  Mask blank;      ///< The newline is one too.

  SONDE_INLINE explicit GapMasks(const char* from) {
    Bytes bytes;
    std::memcpy(&bytes, from, kBlock);
    separator = mask_of((bytes == ',') | (bytes == ':'));
    // Tab and carriage return differ in one bit.
    blank = mask_of((bytes == ' ') | (bytes == '\n') | ((bytes & 0xfb) == '\t'));
  }

  SONDE_INLINE void shift_down(std::size_t bits) {
    separator >>= bits;
    blank >>= bits;
  }
};

}  // namespace sonde::jsonrpc
