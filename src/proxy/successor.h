#pragma once

#include <sys/types.h>

#include <chrono>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/fd.h"
#include "base/result.h"

namespace sonde::proxy {

/// A new process of this program, with the same arguments and our listening sockets, that takes
/// our place.
///
/// Purpose.  A program file that was replaced, and all of the configuration, come into force
/// without a connection being refused: both processes listen until the new one serves.
/// Ownership.  Of the pipe on which it says so; not of the process, which outlives us.
class Successor {
 public:
  static constexpr std::chrono::seconds kReadyMax{30};

  /// What tells the process that it is one.
  static constexpr const char* kSocketsVariable = "SONDE_LISTEN_FDS";
  static constexpr const char* kReadyVariable = "SONDE_READY_FD";

  static Result<std::unique_ptr<Successor>> start(std::span<const int> sockets);

  /// Readable when it serves, or has ended without.
  int fd() const noexcept { return ready_.get(); }
  /// Whether it serves.  REQUIRES: fd() is readable.
  bool serves() const noexcept;
  pid_t pid() const noexcept { return pid_; }

 private:
  Successor(Fd ready, pid_t pid) noexcept : ready_(std::move(ready)), pid_(pid) {}
  Fd ready_;
  pid_t pid_;
};

/// For the successor: its predecessor may go.
void tell_predecessor();

}  // namespace sonde::proxy
