#pragma once

#include <cstddef>
#include <cstdint>

#include "http/refusal.h"

namespace sonde::http {

/// Reads the line in front of a chunk's data, byte by byte: size, extensions, CRLF
/// (RFC 9112 7.1).  The extensions are only checked.
class ChunkLine {
 public:
  /// REQUIRES: neither done() nor refused.  Extensions of more than `extension_bytes_max` are
  /// refused.
  void take(char c, std::size_t extension_bytes_max) noexcept;

  bool done() const noexcept { return step_ == Step::kDone; }
  Refusal refusal() const noexcept { return refusal_; }
  std::uint64_t size() const noexcept { return size_; }
  std::size_t extension_bytes() const noexcept { return extension_bytes_; }

 private:
  enum class Step : std::uint8_t {
    kSize,
    kBeforeSemicolon,  // Behind a blank: only a ';' may follow.
    kBeforeName,
    kName,
    kAfterName,
    kBeforeValue,
    kToken,
    kQuoted,
    kEscaped,
    kAfterValue,
    kLf,
    kDone,
  };

  void take_size(char c) noexcept;
  void take_name(char c) noexcept;
  void take_value(char c) noexcept;
  void take_quoted(char c) noexcept;
  void take_separator(char c, bool may_assign, bool may_end) noexcept;
  void refuse(Refusal refusal) noexcept { refusal_ = refusal; }

  std::uint64_t size_ = 0;
  std::size_t extension_bytes_ = 0;
  unsigned digits_ = 0;
  Step step_ = Step::kSize;
  Refusal refusal_ = Refusal::kNone;
};

}  // namespace sonde::http
