#pragma once

#include <cstddef>
#include <memory>

#include "jsonrpc/scanner.h"

namespace sonde::jsonrpc {

/// Memory of a KeptMessage that is done with, for another one.
class KeptMemory {
 public:
  KeptMemory() noexcept = default;
  std::size_t size() const noexcept { return bytes_ ? size_ : 0; }

 private:
  friend class KeptMessage;
  struct Free {
    void operator()(void* bytes) const noexcept { ::operator delete(bytes); }
  };
  std::unique_ptr<void, Free> bytes_;
  std::size_t size_ = 0;
};

/// A Message that owns what its values refer to.
///
/// Purpose.  A Message is valid until the Scanner goes on; this one may be kept, and moved
/// to another thread.
/// Limits.  As much as the Scanner has kept of the message (Limits), each byte once: params
/// and arguments, for example, lie within each other.
/// Ownership.  Of one piece of memory with all that is in it.  Moving it moves a pointer and
/// leaves an empty one behind; what message() returned stays where it is.
/// Threads.  One at a time.  Failure.  std::bad_alloc.
class KeptMessage {
 public:
  /// Empty: a message of Kind::kNotJson without values.
  KeptMessage() noexcept = default;
  /// `memory` is used if it suffices.
  explicit KeptMessage(const Message& message, KeptMemory memory = {});

  const Message& message() const noexcept;
  bool empty() const noexcept { return message_ == nullptr; }

  /// The memory it takes beyond its own size.
  std::size_t bytes_held() const noexcept { return message_ ? bytes_ : 0; }

  /// Leaves an empty one behind.
  KeptMemory release() noexcept;

 private:
  char* make_room(const Message& message, std::size_t text_bytes, KeptMemory memory);
  void keep_span(const Message& message, std::string_view span, KeptMemory memory);

  struct Free {
    void operator()(Message* message) const noexcept { ::operator delete(message); }
  };

  std::unique_ptr<Message, Free> message_;  ///< At the begin of the memory; texts follow it.
  std::size_t bytes_ = 0;                   ///< Of the memory.
};

}  // namespace sonde::jsonrpc
