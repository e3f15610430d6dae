#include "proxy/listening.h"

#include <fcntl.h>
#include <netinet/in.h>
#include <sys/socket.h>

#include <cerrno>
#include <charconv>
#include <cstring>

#include <boost/asio/ip/address.hpp>

#include "net/listener.h"
#include "proxy/hosts.h"

namespace sonde::proxy {
namespace {

using net::Tcp;

Result<Tcp::endpoint> endpoint_of(const std::string& address) {
  const HostPort parts = split_host(address);
  const auto port = parse_port(parts.port);
  if (!port) {
    return fail(Errc::kInvalidInput, address + " is not ADDRESS:PORT");
  }
  const std::string host(without_brackets(parts.host));
  boost::system::error_code error;
  const auto ip =
      net::asio::ip::make_address(same_host(host, "localhost") ? "127.0.0.1" : host, error);
  if (error) {
    return fail(Errc::kInvalidInput,
                host + " is no address of this machine; write one in digits, as 127.0.0.1");
  }
  return Tcp::endpoint(ip, *port);
}

/// Somebody who listens is found by a socket that shares with nobody.
Status check_free(const Tcp::endpoint& endpoint) {
  if (endpoint.port() == 0) return {};
  const Fd probe(
      ::socket(endpoint.address().is_v6() ? AF_INET6 : AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0));
  const int on = 1;
  ::setsockopt(probe.get(), SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (::bind(probe.get(), endpoint.data(), static_cast<socklen_t>(endpoint.size())) == 0) return {};
  return fail(Errc::kUnavailable, "cannot listen on " + endpoint.address().to_string() + " port " +
                                      std::to_string(endpoint.port()) + ": " +
                                      std::strerror(errno));  // NOLINT(concurrency-mt-unsafe)
}

Tcp::endpoint bound_to(int socket) {
  Tcp::endpoint endpoint;
  socklen_t size = static_cast<socklen_t>(endpoint.capacity());
  if (::getsockname(socket, endpoint.data(), &size) == 0) endpoint.resize(size);
  return endpoint;
}

std::string text_of(const Tcp::endpoint& endpoint) {
  const std::string address = endpoint.address().to_string();
  const bool v6 = endpoint.address().is_v6();
  return (v6 ? '[' + address + ']' : address) + ':' + std::to_string(endpoint.port());
}

}  // namespace

Result<Listening> listen_at(const std::string& address, std::uint32_t count) {
  auto endpoint = endpoint_of(address);
  if (!endpoint) return fail(std::move(endpoint).error());
  SONDE_RETURN_IF_ERROR(check_free(*endpoint));
  Listening out;
  for (std::uint32_t i = 0; i < count; ++i) {
    auto socket = net::listen_tcp(*endpoint);
    if (!socket) return fail(std::move(socket).error());
    if (i == 0) *endpoint = bound_to(socket->get());
    out.sockets.push_back(*std::move(socket));
  }
  out.address = text_of(*endpoint);
  return out;
}

std::vector<Fd> inherited_sockets(std::string_view numbers) {
  std::vector<Fd> sockets;
  while (!numbers.empty()) {
    const std::size_t comma = numbers.find(',');
    const std::string_view number = numbers.substr(0, comma);
    int fd = -1;
    std::from_chars(number.data(), number.data() + number.size(), fd);
    int listens = 0;
    socklen_t size = sizeof listens;
    if (fd > 2 && ::getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &listens, &size) == 0 &&
        listens == 1) {
      ::fcntl(fd, F_SETFD, FD_CLOEXEC);
      sockets.emplace_back(fd);
    }
    numbers.remove_prefix(comma == std::string_view::npos ? numbers.size() : comma + 1);
  }
  return sockets;
}

std::string address_of(int socket) { return text_of(bound_to(socket)); }

}  // namespace sonde::proxy
