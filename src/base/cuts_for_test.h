#pragma once

#include <cstddef>
#include <limits>
#include <string_view>

namespace sonde {

/// For fuzzers: where a stream is cut, as the first bytes of an input say, over and over.
/// Without any it is not cut.
class Cuts {
 public:
  explicit Cuts(std::string_view sizes) : sizes_(sizes) {}

  /// The size of the next chunk, at least one.
  std::size_t operator()() {
    if (sizes_.empty()) return std::numeric_limits<std::size_t>::max();
    const auto size = static_cast<unsigned char>(sizes_[at_++ % sizes_.size()]);
    // Long chunks too, so that whole blocks lie in them.
    return size < 128 ? 1U + size % 80U : 4U * (size - 120U);
  }

 private:
  std::string_view sizes_;
  std::size_t at_ = 0;
};

}  // namespace sonde
