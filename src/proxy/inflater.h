#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

struct z_stream_s;  // NOLINT(readability-identifier-naming): of zlib.

namespace sonde::proxy {

/// Unpacks a copy of a body that somebody has compressed, so that it can be looked into.
///
/// Limits.  inflated_bytes_max in all, and ratio_max for what is not small: a bomb is given up,
/// and so is what is no gzip or zlib.  Memory: zlib's window and one buffer.
/// Threads.  One owner.  Failure.  gave_up(); what was unpacked before has been told.
class Inflater {
 public:
  static constexpr std::uint64_t kInflatedBytesMax = std::uint64_t{256} * 1024 * 1024;
  static constexpr std::uint64_t kRatioMax = 200;
  static constexpr std::uint64_t kSmallBytes = std::uint64_t{1024} * 1024;

  Inflater();
  ~Inflater();
  Inflater(const Inflater&) = delete;
  Inflater& operator=(const Inflater&) = delete;

  using Take = std::function<void(std::string_view inflated)>;
  /// The next bytes as they came; `take` gets what they hold, in pieces valid during its call.
  void feed(std::string_view packed, const Take& take);
  bool gave_up() const noexcept { return gave_up_; }

 private:
  std::unique_ptr<z_stream_s> stream_;
  std::array<char, std::size_t{16} * 1024> buffer_;
  std::uint64_t packed_bytes_ = 0;
  std::uint64_t inflated_bytes_ = 0;
  bool gave_up_ = false;
};

/// Whether it can unpack a Content-Encoding: gzip or deflate, alone.
bool can_inflate(std::string_view content_encoding) noexcept;

}  // namespace sonde::proxy
