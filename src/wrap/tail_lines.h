#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace sonde::wrap {

/// The last lines of a stream, for the record of how a server ended.
///
/// Limits.  `lines_max` lines and `bytes_max` bytes; of a longer line its end is kept.
/// The cost of a chunk does not grow with its size.
class TailLines {
 public:
  static constexpr std::size_t kLinesMax = 10;
  static constexpr std::size_t kBytesMax = 4096;

  void take(std::string_view chunk);
  std::vector<std::string> lines() const;

 private:
  std::string tail_;
};

}  // namespace sonde::wrap
