#include "net/host_lookup.h"

#include <netdb.h>

#include <atomic>
#include <cstring>
#include <system_error>
#include <thread>

namespace sonde::net {

struct HostLookup::State {
  std::string host;
  std::string port;
  int socket_type = 0;
  std::vector<SocketAddress> addresses;
  std::string error;
  std::atomic<bool> done = false;  // Published last, by the thread that looked up.
};

namespace {

struct FreeAddresses {
  void operator()(addrinfo* list) const { freeaddrinfo(list); }
};

/// The code of getaddrinfo().
template <class State>
int look_up(State& state, int flags) {
  addrinfo hints{};
  hints.ai_family = AF_UNSPEC;
  hints.ai_socktype = state.socket_type;
  hints.ai_flags = flags | AI_NUMERICSERV;
  addrinfo* found = nullptr;
  const int code = getaddrinfo(state.host.c_str(), state.port.c_str(), &hints, &found);
  if (code != 0) return code;
  const std::unique_ptr<addrinfo, FreeAddresses> list(found);
  for (const addrinfo* entry = list.get(); entry != nullptr; entry = entry->ai_next) {
    SocketAddress& address = state.addresses.emplace_back();
    address.size = entry->ai_addrlen;
    std::memcpy(&address.bytes, entry->ai_addr, entry->ai_addrlen);
  }
  return 0;
}

}  // namespace

HostLookup::HostLookup(std::string host, std::uint16_t port, Kind kind)
    : state_(std::make_shared<State>()) {
  state_->host = std::move(host);
  state_->port = std::to_string(port);
  state_->socket_type = kind == Kind::kStream ? SOCK_STREAM : SOCK_DGRAM;
  if (look_up(*state_, AI_NUMERICHOST) == 0) {
    state_->done = true;
    return;
  }
  try {
    std::thread([state = state_] {
      const int code = look_up(*state, AI_ADDRCONFIG);
      if (code != 0) state->error = gai_strerror(code);
      state->done = true;
    }).detach();
  } catch (const std::system_error& e) {
    state_->error = e.what();
    state_->done = true;
  }
}

bool HostLookup::done() const { return state_->done; }

Result<std::vector<SocketAddress>> HostLookup::result() const {
  if (!state_->error.empty()) {
    return fail(Errc::kUnavailable, state_->host + ": " + state_->error);
  }
  return state_->addresses;
}

}  // namespace sonde::net
