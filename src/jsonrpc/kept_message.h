#pragma once

#include <cstddef>
#include <memory>

#include "jsonrpc/scanner.h"

namespace sonde::jsonrpc {

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
  explicit KeptMessage(const Message& message);

  const Message& message() const noexcept;
  bool empty() const noexcept { return message_ == nullptr; }

  /// The memory it takes beyond its own size.
  std::size_t bytes_held() const noexcept { return message_ ? bytes_ : 0; }

 private:
  void keep_span(const Message& message, std::string_view span);

  struct Free {
    void operator()(Message* message) const noexcept { ::operator delete(message); }
  };

  std::unique_ptr<Message, Free> message_;  ///< At the begin of the memory; texts follow it.
  std::size_t bytes_ = 0;
};

}  // namespace sonde::jsonrpc
