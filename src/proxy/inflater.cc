#include "proxy/inflater.h"

#include <zlib.h>

#include "proxy/hosts.h"

namespace sonde::proxy {
namespace {

/// The largest window, and: find out whether it is gzip or zlib (zlib.h, inflateInit2).
constexpr int kAnyHeader = 15 + 32;

}  // namespace

Inflater::Inflater() : stream_(std::make_unique<z_stream_s>()) {
  gave_up_ = inflateInit2(stream_.get(), kAnyHeader) != Z_OK;
}

Inflater::~Inflater() { inflateEnd(stream_.get()); }

void Inflater::feed(std::string_view packed, const Take& take) {
  z_stream_s& stream = *stream_;
  packed_bytes_ += packed.size();
  stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(packed.data()));  // NOLINT
  stream.avail_in = static_cast<uInt>(packed.size());
  while (!gave_up_) {
    stream.next_out = reinterpret_cast<Bytef*>(buffer_.data());
    stream.avail_out = static_cast<uInt>(buffer_.size());
    const int result = inflate(&stream, Z_SYNC_FLUSH);
    const std::size_t made = buffer_.size() - stream.avail_out;
    inflated_bytes_ += made;
    const bool bomb = inflated_bytes_ > kSmallBytes && inflated_bytes_ / kRatioMax > packed_bytes_;
    gave_up_ = bomb || inflated_bytes_ > kInflatedBytesMax ||
               (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR);
    if (made > 0 && !gave_up_) take({buffer_.data(), made});
    // Another member may follow the first one (RFC 1952 2.2).
    if (result == Z_STREAM_END && stream.avail_in > 0) {
      gave_up_ = inflateReset(&stream) != Z_OK;
    } else if (made < buffer_.size()) {
      return;
    }
  }
}

bool can_inflate(std::string_view content_encoding) noexcept {
  return same_host(content_encoding, "gzip") || same_host(content_encoding, "x-gzip") ||
         same_host(content_encoding, "deflate");
}

}  // namespace sonde::proxy
