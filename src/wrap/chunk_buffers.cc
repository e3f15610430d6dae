#include "wrap/chunk_buffers.h"

#include <algorithm>
#include <functional>
#include <new>
#include <utility>

namespace sonde::wrap {

ChunkBuffers::ChunkBuffers(std::size_t chunk_bytes)
    : chunk_bytes_(chunk_bytes), current_(SharedBuffer::make(chunk_bytes)) {
  if (!current_) throw std::bad_alloc();  // At the start of a session, like any other.
}

std::span<char> ChunkBuffers::next() {
  if (!current_.unique()) {
    held_.push_back(std::exchange(current_, std::move(spare_)));
  }
  return {current_.data(), chunk_bytes_};
}

SharedBuffer ChunkBuffers::hold(std::string_view bytes) {
  constexpr std::less_equal<const char*> kNotBehind;
  const bool inside = kNotBehind(current_.data(), bytes.data()) &&
                      kNotBehind(bytes.data() + bytes.size(), current_.data() + chunk_bytes_);
  return inside && find_spare() ? current_ : SharedBuffer();
}

// Before a chunk is held, the next one must have a place.
bool ChunkBuffers::find_spare() {
  if (spare_) return true;
  const auto free = std::ranges::find_if(held_, &SharedBuffer::unique);
  if (free != held_.end()) {
    spare_ = std::exchange(*free, std::move(held_.back()));
    held_.pop_back();
  } else if (held_.size() < kSpareMax) {
    held_.reserve(kSpareMax);
    spare_ = SharedBuffer::make(chunk_bytes_);
  }
  return static_cast<bool>(spare_);
}

void ChunkBuffers::rest() {
  if (held_.size() <= kIdleMax) return;
  std::erase_if(held_, &SharedBuffer::unique);
}

}  // namespace sonde::wrap
