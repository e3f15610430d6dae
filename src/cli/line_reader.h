#pragma once

#include <sys/types.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/fd.h"

namespace sonde::cli {

/// A line longer than this is skipped and counted.
inline constexpr std::size_t kLineBytesMax = std::size_t{4} * 1024 * 1024;

/// Reads a file's lines from the first to the last.
///
/// Limits.  One line of kLineBytesMax is in memory.  Failure.  What cannot be read is the
/// end.
class ForwardLines {
 public:
  /// The bytes before `end`.
  ForwardLines(Fd file, off_t end) : file_(std::move(file)), end_(end) {}

  /// Without its newline; valid until the next call.  The last line may lack one.
  std::optional<std::string_view> next();
  std::uint64_t oversized() const noexcept { return oversized_; }

 private:
  bool fill();

  Fd file_;
  off_t at_ = 0;
  off_t end_;
  std::string buffer_;
  std::size_t begin_ = 0;    ///< Of the next line, in the buffer.
  std::size_t scanned_ = 0;  ///< No newline before this.
  bool skipping_ = false;
  std::uint64_t oversized_ = 0;
};

/// Reads a file's lines from the last to the first, so that the newest few of a large
/// file cost as little as those of a small one.  Limits and failure as ForwardLines.
class BackwardLines {
 public:
  BackwardLines(Fd file, off_t end) : file_(std::move(file)), at_(end) {}

  std::optional<std::string_view> next();
  std::uint64_t oversized() const noexcept { return oversized_; }

 private:
  bool fill();

  Fd file_;
  off_t at_;  ///< Of the buffer's first byte in the file.
  std::string buffer_;
  std::string line_;
  bool started_ = false;
  bool finished_ = false;
  bool skipping_ = false;
  std::uint64_t oversized_ = 0;
};

}  // namespace sonde::cli
