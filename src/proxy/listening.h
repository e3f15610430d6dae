#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/fd.h"
#include "base/result.h"

namespace sonde::proxy {

/// The listening sockets of one address: one for each worker.
struct Listening {
  std::string address;  ///< "127.0.0.1:8080", with the port that was given.
  std::vector<Fd> sockets;
};

/// Listens at `address` ("127.0.0.1:8080", "[::1]:0", "localhost:8080") with `count` sockets.
///
/// Fails with kUnavailable if anybody, be it another proxy, listens there already: sockets that
/// share a port would share its clients.
Result<Listening> listen_at(const std::string& address, std::uint32_t count);

/// The listening sockets that a predecessor has left us: "3,4", the value of a variable.  What is
/// none is passed over.
std::vector<Fd> inherited_sockets(std::string_view numbers);
/// "127.0.0.1:8080" of a listening socket.
std::string address_of(int socket);

}  // namespace sonde::proxy
