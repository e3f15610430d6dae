#include "jsonrpc/kernel.h"

#include <algorithm>
#include <cstring>

#include "jsonrpc/block.h"

namespace sonde::jsonrpc {
namespace {

/// The masks of the `size` bytes at reach.at; the bits above them are clear.
template <class Masks>
SONDE_INLINE Masks read(const Reach& reach, const char* at, std::size_t size) {
  if (size == kBlock) return Masks(at);
  if (reach.end - reach.begin >= static_cast<std::ptrdiff_t>(kBlock)) {
    // Reading the last whole block again is cheaper than copying a part of it.
    Masks masks(reach.end - kBlock);
    masks.shift_down(kBlock - size);
    return masks;
  }
  char bytes[kBlock] = {};
  std::memcpy(bytes, at, size);
  return Masks(bytes);
}

SONDE_INLINE std::size_t next_size(const char* at, const char* end) {
  return std::min(kBlock, static_cast<std::size_t>(end - at));
}

SONDE_INLINE Mask all_if_last(Mask mask) {
  return static_cast<Mask>(static_cast<std::int64_t>(mask) >> 63);
}

SONDE_INLINE const char* classify(const Reach& reach, Carry& carry, Window& window) {
  Carry next = carry;
  Mask backslashes = 0;
  std::size_t blocks = 0;
  const char* at = reach.at;
  while (blocks < Window::kBlocks && at != reach.end) {
    const std::size_t size = next_size(at, reach.end);
    const auto raw = read<WalkMasks>(reach, at, size);
    backslashes |= raw.backslash;
    const Mask quote = raw.quote & ~escaped_bytes(raw.backslash, size, next.escaped);
    const Mask in_string = prefix_xor(quote) ^ next.in_string;
    next.in_string = all_if_last(in_string);
    const Mask scalar = ~(raw.mark | raw.blank | quote | in_string);
    const Mask behind_scalar = scalar << 1 | next.scalar;
    next.scalar = scalar >> (size - 1) & 1;
    const Mask tokens = quote | (raw.mark & ~in_string) | (scalar ^ behind_scalar) | raw.newline;
    window.tokens[blocks++] = tokens & first(size);
    at += size;
    if (raw.newline != 0) break;
  }
  carry = next;
  window.blocks = blocks;
  window.backslash = backslashes != 0;
  return at;
}

/// Over text without quote, backslash and newline, four blocks at a time.
SONDE_INLINE const char* skip_plain_text(const char* at, const char* end) {
  constexpr std::size_t kStride = 4 * kBlock;
  for (; static_cast<std::size_t>(end - at) >= kStride; at += kStride) {
    Flags special = {};
    for (std::size_t i = 0; i < kStride; i += kBlock) {
      Bytes bytes;
      std::memcpy(&bytes, at + i, kBlock);
      special |= (bytes == '"') | (bytes == '\\') | (bytes == '\n');
    }
    if (mask_of(special) != 0) break;
  }
  return at;
}

/// The first bit of `close` at which `depth` more brackets are closed than opened, or 64.
SONDE_INLINE int falls_at(Mask open, Mask close, std::uint64_t depth) {
  if (count(close) < depth) return kBlock;
  std::uint64_t closed = 0;
  for (std::uint64_t wanted = depth;;) {
    for (; closed + 1 < wanted; ++closed) close = without_lowest(close);
    if (close == 0) return kBlock;
    const int at = lowest(close);
    const std::uint64_t needed = depth + count(open & below(at));
    if (needed == wanted) return at;
    wanted = needed;
  }
}

struct Uncounted {
  SONDE_INLINE static int pass(const SkipMasks& masks, Skip& skip) {
    const int end = falls_at(masks.open, masks.close, skip.depth);
    if (end == kBlock) skip.depth += count(masks.open) - count(masks.close);
    return end;
  }
};

struct Counted {
  /// Alternates between stretches at depth 1, whose commas count, and deeper ones.
  SONDE_INLINE static int pass(const SkipMasks& masks, Skip& skip) {
    const std::uint64_t closes = count(masks.close);
    if (closes + 1 < skip.depth) {
      skip.depth += count(masks.open) - closes;
      return kBlock;
    }
    Mask rest = kAll;
    for (;;) {
      const Mask open = masks.open & rest;
      const Mask close = masks.close & rest;
      int edge;
      if (skip.depth == 1) {
        const Mask edges = open | close;
        edge = edges == 0 ? static_cast<int>(kBlock) : lowest(edges);
        skip.commas += count(masks.comma & rest & (edges == 0 ? kAll : below(edge)));
        if (edges == 0) return kBlock;
        if ((close >> edge & 1) != 0) return edge;
        skip.depth = 2;
      } else {
        edge = falls_at(open, close, skip.depth - 1);
        if (edge == kBlock) {
          skip.depth += count(open) - count(close);
          return kBlock;
        }
        skip.depth = 1;
      }
      rest = kAll << edge << 1;
    }
  }
};

template <class Counting>
SONDE_INLINE const char* skip_value(const Reach& reach, Skip& skip) {
  Skip state = skip;
  const char* at = reach.at;
  state.end = Skip::End::kStarved;
  while (at != reach.end) {
    const std::size_t size = next_size(at, reach.end);
    auto masks = read<SkipMasks>(reach, at, size);
    if (state.in_string != 0 && state.escaped == 0 &&
        (masks.quote | masks.backslash | masks.newline) == 0) {
      at = skip_plain_text(at + size, reach.end);
      continue;
    }
    const Mask quote = masks.quote & ~escaped_bytes(masks.backslash, size, state.escaped);
    const Mask in_string = prefix_xor(quote) ^ state.in_string;
    state.in_string = all_if_last(in_string);
    masks.keep(~in_string);
    const int newline = masks.newline == 0 ? static_cast<int>(kBlock) : lowest(masks.newline);
    if (newline != kBlock) masks.keep(below(newline));
    const int closed = Counting::pass(masks, state);
    if (closed != kBlock || newline != kBlock) {
      state.end = closed != kBlock ? Skip::End::kClosed : Skip::End::kNewline;
      at += closed != kBlock ? closed + 1 : newline;
      break;
    }
    at += size;
  }
  skip = state;
  return at;
}

#define SONDE_KERNEL(suffix, attribute)                                          \
  attribute const char* classify_##suffix(const Reach& r, Carry& c, Window& w) { \
    return classify(r, c, w);                                                    \
  }                                                                              \
  attribute const char* skip_##suffix(const Reach& r, Skip& s) {                 \
    return skip_value<Uncounted>(r, s);                                          \
  }                                                                              \
  attribute const char* skip_counting_##suffix(const Reach& r, Skip& s) {        \
    return skip_value<Counted>(r, s);                                            \
  }                                                                              \
  constexpr Kernel kKernel_##suffix{#suffix, classify_##suffix, skip_##suffix,   \
                                    skip_counting_##suffix};

SONDE_KERNEL(portable, )
#if defined(__x86_64__)
SONDE_KERNEL(avx2, __attribute__((target("avx2,bmi,bmi2,lzcnt,popcnt"))))
SONDE_KERNEL(avx512, __attribute__((target("avx512bw,avx512vl,bmi,bmi2,lzcnt,popcnt"))))
#endif

/// Those that are built in, the best first.
constexpr Kernel kKernels[] = {
#if defined(__x86_64__)
    kKernel_avx512,
    kKernel_avx2,
#endif
    kKernel_portable,
};

std::size_t first_supported() noexcept {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
      __builtin_cpu_supports("bmi2")) {
    return 0;
  }
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2")) return 1;
  return 2;
#else
  return 0;
#endif
}

}  // namespace

std::span<const Kernel> kernels() noexcept {
  static const std::size_t kFirst = first_supported();
  return std::span(kKernels).subspan(kFirst);
}

}  // namespace sonde::jsonrpc
