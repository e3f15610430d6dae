#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace sonde::proxy {

struct HostPort {
  std::string_view host;  ///< With the brackets of an IPv6 address.
  std::string_view port;  ///< Empty: none.
};

/// Splits the value of a Host.
HostPort split_host(std::string_view authority) noexcept;

/// A number from 0 to 65535, and nothing else.
std::optional<std::uint16_t> parse_port(std::string_view text) noexcept;

std::string_view without_brackets(std::string_view host) noexcept;
std::string lower_case(std::string_view text);
/// Without regard to case, and to the dot at the end of a full name.
bool same_host(std::string_view a, std::string_view b) noexcept;

/// Whether only a program on this machine can mean it: "localhost" and names below it, 127/8,
/// ::1.  Nothing that a name server could be made to say counts.
bool is_loopback(std::string_view host) noexcept;

/// The host of an Origin "scheme://host[:port]"; empty if it is none ("null").
std::string_view host_of_origin(std::string_view origin) noexcept;

}  // namespace sonde::proxy
