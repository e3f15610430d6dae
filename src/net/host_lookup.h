#pragma once

#include <sys/socket.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "base/result.h"

namespace sonde::net {

struct SocketAddress {
  sockaddr_storage bytes{};
  socklen_t size = 0;
};

/// Finds the addresses of a host without making anybody wait.
///
/// Purpose.  The system's resolver may block for many seconds, so it runs on a thread of
/// its own; an address in digits needs none.
/// Lifetime.  May be destroyed at any time; a lookup that still runs ends by itself.
/// Threads.  One owner.
class HostLookup {
 public:
  enum class Kind : std::uint8_t { kStream, kDatagram };

  /// Starts the lookup.
  HostLookup(std::string host, std::uint16_t port, Kind kind);

  bool done() const;
  /// The addresses, in the order in which they want to be tried; never empty.
  /// REQUIRES: done().
  Result<std::vector<SocketAddress>> result() const;

 private:
  struct State;
  std::shared_ptr<State> state_;
};

}  // namespace sonde::net
