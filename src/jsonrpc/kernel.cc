#include "jsonrpc/kernel.h"

#include <algorithm>
#include <cstring>

#include "jsonrpc/block.h"

namespace sonde::jsonrpc {
namespace {

constexpr std::ptrdiff_t kStep = kBlock;

struct WholeBlock {
  const char* at;

  template <class Masks>
  SONDE_INLINE Masks masks() const {
    return Masks(at);
  }

  SONDE_INLINE static constexpr std::size_t size() { return kBlock; }
};

/// The last bytes of a chunk; the bits above them are clear.
class PartBlock {
 public:
  SONDE_INLINE PartBlock(const Reach& reach, const char* at) : size_(size_of(at, reach.end)) {
    if (reach.end - reach.begin >= kStep) {
      // Reading a whole block that ends there is cheaper than copying a part of one.
      from_ = reach.end - kBlock;
      shift_ = kBlock - size_;
    } else {
      std::memset(copy_, 0, kBlock);
      std::memcpy(copy_, at, size_);
      from_ = copy_;
    }
  }

  template <class Masks>
  SONDE_INLINE Masks masks() const {
    Masks found(from_);
    found.shift_down(shift_);
    return found;
  }

  SONDE_INLINE std::size_t size() const { return size_; }

 private:
  SONDE_INLINE static std::size_t size_of(const char* at, const char* end) {
    return static_cast<std::size_t>(end - at);
  }

  const char* from_;
  std::size_t shift_ = 0;
  std::size_t size_;
  char copy_[kBlock];
};

SONDE_INLINE Mask all_if_last(Mask mask) {
  return static_cast<Mask>(static_cast<std::int64_t>(mask) >> 63);
}

/// The masks of one block, and the carry for the next.
template <class From>
SONDE_INLINE TextMasks classify_block(const From& from, Carry& carry, Block& block) {
  const auto text = from.template masks<TextMasks>();
  const Mask quote = text.quote & ~escaped_bytes(text.backslash, from.size(), carry.escaped);
  if (carry.in_string != 0 && (quote | text.newline) == 0) {
    block = {};
    return text;
  }
  const auto shape = from.template masks<ShapeMasks>();
  const auto gap = from.template masks<GapMasks>();
  const Mask in_string = prefix_xor(quote) ^ carry.in_string;
  carry.in_string = all_if_last(in_string);
  const Mask marks = shape.open | shape.close | gap.separator;
  const Mask scalar = ~(marks | gap.blank | quote | in_string);
  const Mask behind_scalar = scalar << 1 | carry.scalar;
  carry.scalar = scalar >> (from.size() - 1) & 1;
  const Mask tokens = quote | (marks & ~in_string) | (scalar ^ behind_scalar) | text.newline;
  block = {.tokens = tokens & first(from.size()),
           .open = shape.open & ~in_string,
           .close = shape.close & ~in_string,
           .comma = shape.comma & ~in_string};
  return text;
}

SONDE_INLINE void classify(Reach reach, Carry& carry, Window& window) {
  Carry next = carry;
  const char* at = reach.at;
  Mask backslashes = 0;
  TextMasks text{};
  Block* block = window.blocks.data();
  Block* const last = block + Window::kBlocks;
  while (block != last && text.newline == 0 && reach.end - at >= kStep) {
    text = classify_block(WholeBlock{at}, next, *block++);
    backslashes |= text.backslash;
    at += kBlock;
  }
  if (block != last && text.newline == 0 && at != reach.end) {
    text = classify_block(PartBlock(reach, at), next, *block++);
    backslashes |= text.backslash;
    at = reach.end;
  }
  carry = next;
  window.begin = reach.at;
  window.end = at;
  window.size = static_cast<std::size_t>(block - window.blocks.data());
  window.newline = text.newline;
  window.backslash = backslashes != 0;
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

SONDE_INLINE const char* skip_in_line(const char* at, const char* end) {
  constexpr std::size_t kStride = 4 * kBlock;
  for (; static_cast<std::size_t>(end - at) >= kStride; at += kStride) {
    Flags line_ends = {};
    for (std::size_t i = 0; i < kStride; i += kBlock) {
      Bytes bytes;
      std::memcpy(&bytes, at + i, kBlock);
      line_ends |= (bytes == '\n') | (bytes == '\r');
    }
    if (mask_of(line_ends) != 0) break;
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

/// Goes through the brackets of a block.  Returns the bit of the one that closes the value,
/// or 64.  Stretches at depth 1, whose commas count, alternate with deeper ones.
SONDE_INLINE int pass(Mask open, Mask close, Mask comma, Skip& skip) {
  const std::uint64_t closes = count(close);
  if (closes + 1 < skip.depth) {
    skip.depth += count(open) - closes;
    return kBlock;
  }
  for (;;) {
    int edge;
    if (skip.depth == 1) {
      const Mask edges = open | close;
      if (edges == 0) {
        skip.commas += count(comma);
        return kBlock;
      }
      edge = lowest(edges);
      skip.commas += count(comma & below(edge));
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
    const Mask rest = kAll << edge << 1;
    open &= rest;
    close &= rest;
    comma &= rest;
  }
}

/// The same, up to the first of `newlines`.  Sets skip.end; moves `at` if that is reached.
SONDE_INLINE bool ends_in_block(Block block, Mask newlines, Skip& skip, const char*& at) {
  Mask bits = kAll;
  if (newlines != 0) bits = below(lowest(newlines));
  const int closed = pass(block.open & bits, block.close & bits, block.comma & bits, skip);
  if (closed != kBlock) {
    skip.end = Skip::End::kClosed;
    at += closed + 1;
    return true;
  }
  if (newlines == 0) return false;
  skip.end = Skip::End::kNewline;
  at += lowest(newlines);
  return true;
}

SONDE_INLINE const char* skip_window(const Window& window, const char* at, Skip& skip) {
  const auto from = static_cast<std::size_t>(at - window.begin);
  Mask bits = kAll << from % kBlock;
  Skip state;
  at = window.begin + from / kBlock * kBlock;
  for (std::size_t i = from / kBlock; i < window.size; ++i) {
    Block block = window.blocks[i];
    block.open &= bits;
    block.close &= bits;
    block.comma &= bits;
    bits = kAll;
    const Mask newlines = i + 1 == window.size ? window.newline : 0;
    if (ends_in_block(block, newlines, state, at)) {
      skip = state;
      return at;
    }
    at += kBlock;
  }
  state.end = Skip::End::kStarved;
  skip = state;
  return window.end;
}

/// One block of skip_bytes().  True if it ends there, with `at` where.
template <class From>
SONDE_INLINE bool skip_block(const From& from, Skip& skip, const char*& at, bool& plain) {
  const auto text = from.template masks<TextMasks>();
  const Mask quote = text.quote & ~escaped_bytes(text.backslash, from.size(), skip.escaped);
  if (skip.in_string != 0 && (quote | text.newline) == 0) {
    at += from.size();
    plain = text.backslash == 0;
    return false;
  }
  const auto shape = from.template masks<ShapeMasks>();
  const Mask in_string = prefix_xor(quote) ^ skip.in_string;
  skip.in_string = all_if_last(in_string);
  const Block block{.tokens = 0,
                    .open = shape.open & ~in_string,
                    .close = shape.close & ~in_string,
                    .comma = shape.comma & ~in_string};
  if (ends_in_block(block, text.newline, skip, at)) return true;
  at += from.size();
  plain = false;
  return false;
}

SONDE_INLINE const char* skip_bytes(Reach reach, Skip& skip) {
  Skip state = skip;
  state.end = Skip::End::kStarved;
  const char* at = reach.at;
  bool ended = false;
  bool plain = false;
  while (!ended && reach.end - at >= kStep) {
    ended = skip_block(WholeBlock{at}, state, at, plain);
    if (plain) at = skip_plain_text(at, reach.end);
  }
  if (!ended && at != reach.end) {
    skip_block(PartBlock(reach, at), state, at, plain);
  }
  skip = state;
  return at;
}

#define SONDE_KERNEL(name, target)                                                               \
  target void classify_##name(const Reach& reach, Carry& carry, Window& window) {                \
    classify(reach, carry, window);                                                              \
  }                                                                                              \
  target const char* skip_window_##name(const Window& window, const char* at, Skip& skip) {      \
    return skip_window(window, at, skip);                                                        \
  }                                                                                              \
  target const char* skip_bytes_##name(const Reach& reach, Skip& skip) {                         \
    return skip_bytes(reach, skip);                                                              \
  }                                                                                              \
  target const char* skip_in_line_##name(const char* at, const char* end) {                      \
    return skip_in_line(at, end);                                                                \
  }                                                                                              \
  constexpr Kernel kKernel_##name{#name, classify_##name, skip_window_##name, skip_bytes_##name, \
                                  skip_in_line_##name};

SONDE_KERNEL(portable, )
#if defined(__x86_64__)
SONDE_KERNEL(avx2, __attribute__((target("avx2,bmi,bmi2,popcnt"))))
SONDE_KERNEL(avx512, __attribute__((target("avx512bw,avx512vl,bmi,bmi2,popcnt"))))
#endif

/// Those that are built in, the best first.
constexpr Kernel kKernels[] = {
#if defined(__x86_64__)
    kKernel_avx512,
    kKernel_avx2,
#endif
    kKernel_portable,
};

#if defined(__x86_64__)
bool counts_bits() noexcept {
  return __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2") &&
         __builtin_cpu_supports("popcnt");
}
#endif

std::size_t first_supported() noexcept {
  std::size_t first = 0;
#if defined(__x86_64__)
  const bool avx512 = __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl");
  if (!avx512 || !counts_bits()) first = 1;
  if (!__builtin_cpu_supports("avx2") || !counts_bits()) first = 2;
#endif
  return first;
}

}  // namespace

std::span<const Kernel> kernels() noexcept {
  static const std::size_t first = first_supported();
  return std::span(kKernels).subspan(first);
}

}  // namespace sonde::jsonrpc
