#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <new>
#include <utility>

namespace sonde {

/// Bytes that two threads may hold at once, without a copy.
///
/// Purpose.  What was read from a stream goes to whoever hashes it while the reader goes on
/// with another buffer.
/// Ownership.  Every copy of the handle holds the bytes; the last one frees them.
/// Threads.  Handles may be copied and destroyed on any thread.  The bytes are written by
/// one holder only, while unique() is true, and read by the others.
/// Failure.  An empty handle where memory does not suffice.
class SharedBuffer {
 public:
  SharedBuffer() = default;
  /// The bytes are not initialised: pages that nobody writes are never touched.
  static SharedBuffer make(std::size_t size) noexcept {
    void* const memory = ::operator new(sizeof(Header) + size, std::nothrow);
    SharedBuffer made;
    if (memory != nullptr) made.header_ = ::new (memory) Header{.size = size};
    return made;
  }
  SharedBuffer(const SharedBuffer& other) noexcept : header_(other.header_) {
    if (header_ != nullptr) header_->holders.fetch_add(1, std::memory_order_relaxed);
  }
  SharedBuffer(SharedBuffer&& other) noexcept : header_(std::exchange(other.header_, nullptr)) {}
  SharedBuffer& operator=(SharedBuffer other) noexcept {
    std::swap(header_, other.header_);
    return *this;
  }
  ~SharedBuffer() {
    if (header_ == nullptr || header_->holders.fetch_sub(1, std::memory_order_acq_rel) > 1) return;
    header_->~Header();
    ::operator delete(header_);
  }

  explicit operator bool() const noexcept { return header_ != nullptr; }
  /// Null if empty.
  char* data() const noexcept {
    return header_ == nullptr ? nullptr : reinterpret_cast<char*>(header_ + 1);
  }
  std::size_t size() const noexcept { return header_ == nullptr ? 0 : header_->size; }
  /// Whether this is the only handle; what the others have read, they have read before.
  bool unique() const noexcept { return header_->holders.load(std::memory_order_acquire) == 1; }

 private:
  struct Header {
    std::atomic<std::uint32_t> holders{1};
    std::size_t size;
  };

  Header* header_ = nullptr;
};

}  // namespace sonde
