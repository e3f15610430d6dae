#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "http/head.h"

namespace sonde::proxy {

/// Who may come (design section 3.7).
struct AccessRules {
  bool loopback = true;  ///< The listener is on loopback: a page in a browser must not reach it.
  std::vector<std::string> hosts{};    ///< Values of Host, with or without a port; in lower case.
  std::vector<std::string> origins{};  ///< Values of Origin; "*": any.
  std::string token{};                 ///< Empty: none is asked for.
};

enum class Access : std::uint8_t { kGranted, kBadHost, kBadOrigin, kNoToken };

/// Decides by the head alone.
///
/// On loopback: Host must be a loopback name or listed, whatever address was connected to, for a
/// name server can point any name here (DNS rebinding); Origin must be of a loopback host or
/// listed, and what a browser says comes from another site is refused even without an Origin.
/// Elsewhere only what is listed is checked: the server behind knows its own names.
Access check_access(const AccessRules& rules, const http::Head& head) noexcept;

/// The fields with which a client shows the proxy's own token: they do not go on.
inline constexpr std::string_view kTokenField = "x-sonde-token";

}  // namespace sonde::proxy
