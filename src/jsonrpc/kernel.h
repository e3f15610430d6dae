#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>

/// The loops over bytes, once for each kind of processor.
namespace sonde::jsonrpc {

using Mask = std::uint64_t;

/// The bytes that may be read, and how far one is.
struct Reach {
  const char* begin = nullptr;
  const char* at = nullptr;
  const char* end = nullptr;
};

/// What the bytes so far say of the next one.  All clear where a line begins and
/// behind every bracket that is outside a string.
struct Carry {
  Mask in_string = 0;  ///< All bits or none.
  Mask escaped = 0;    ///< 0 or 1.
  Mask scalar = 0;     ///< 0 or 1: the byte before belongs to a number or a word.
};

/// What is known of one block; bit i speaks of its byte i.  The bits for bytes behind a
/// newline mean nothing.
struct Block {
  /// A quote that is not escaped, a bracket, colon or comma outside strings, the first byte
  /// of a number or word, the first byte behind one, or a newline wherever it is.
  Mask tokens;
  Mask open;   ///< { [ outside strings.
  Mask close;  ///< } ] outside strings.
  Mask comma;  ///< Outside strings.
};

/// The next bytes, up to the end of the block with the first newline.
struct Window {
  static constexpr std::size_t kBlocks = 8;

  std::array<Block, kBlocks> blocks;
  std::size_t size = 0;  ///< How many blocks count.
  const char* begin = nullptr;
  const char* end = nullptr;  ///< Of the bytes that were looked at.
  Mask newline = 0;           ///< The newlines of the last block.
  bool backslash = false;     ///< There is one among the bytes.
};

/// A value that is not looked into, being passed over.
struct Skip {
  enum class End : std::uint8_t { kClosed, kNewline, kStarved };

  std::uint64_t depth = 1;   ///< Brackets to be closed.
  std::uint64_t commas = 0;  ///< Between its own elements.
  Mask in_string = 0;
  Mask escaped = 0;
  End end = End::kStarved;
};

/// One implementation of the loops.
struct Kernel {
  std::string_view name;

  /// Fills `window` with what follows reach.at.
  void (*classify)(const Reach& reach, Carry& carry, Window& window);

  /// Both go behind the bracket that closes a value, or to the newline or end before it:
  /// one begins a value at a place in the window, outside of strings; the other begins or
  /// goes on at reach.at.
  const char* (*skip_window)(const Window& window, const char* at, Skip& skip);
  const char* (*skip_bytes)(const Reach& reach, Skip& skip);

  /// Over text without LF and CR, in strides: to a place that is not behind the first of them.
  const char* (*skip_in_line)(const char* at, const char* end);
};

/// Those this processor can run, the best first; the last one runs anywhere.
std::span<const Kernel> kernels() noexcept;

}  // namespace sonde::jsonrpc
