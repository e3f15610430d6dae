#include "proxy/hosts.h"

#include <algorithm>

namespace sonde::proxy {
namespace {

constexpr char lower(char c) noexcept {
  return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}

constexpr bool digit(char c) noexcept { return c >= '0' && c <= '9'; }

std::string_view without_dot(std::string_view host) noexcept {
  if (host.ends_with('.')) host.remove_suffix(1);
  return host;
}

bool equal(std::string_view a, std::string_view b) noexcept {
  return std::ranges::equal(a, b, {}, lower, lower);
}

/// 127.0.0.0/8 in its one canonical form: "127.1", "0x7f000001" and "127.0.0.1.nip.io" are not.
bool is_loopback_v4(std::string_view host) noexcept {
  int parts = 0;
  for (bool more = true; more; ++parts) {
    const std::size_t dot = host.find('.');
    const std::string_view part = host.substr(0, dot);
    const bool number = !part.empty() && part.size() <= 3 && std::ranges::all_of(part, digit) &&
                        (part.size() == 1 || part.front() != '0');
    if (!number || (part.size() == 3 && part > "255")) return false;
    if (parts == 0 && part != "127") return false;
    more = dot != std::string_view::npos;
    host.remove_prefix(more ? dot + 1 : host.size());
  }
  return parts == 4;
}

}  // namespace

HostPort split_host(std::string_view authority) noexcept {
  const std::size_t bracket = authority.starts_with('[') ? authority.find(']') : 0;
  if (bracket == std::string_view::npos) return {.host = authority, .port = {}};
  const std::size_t colon = authority.find(':', bracket);
  if (colon == std::string_view::npos) return {.host = authority, .port = {}};
  return {.host = authority.substr(0, colon), .port = authority.substr(colon + 1)};
}

std::optional<std::uint16_t> parse_port(std::string_view text) noexcept {
  if (text.empty() || text.size() > 5 || !std::ranges::all_of(text, digit)) return std::nullopt;
  unsigned number = 0;
  for (const char c : text) number = number * 10 + static_cast<unsigned>(c - '0');
  if (number > 65535) return std::nullopt;
  return static_cast<std::uint16_t>(number);
}

std::string_view without_brackets(std::string_view host) noexcept {
  return host.starts_with('[') && host.ends_with(']') ? host.substr(1, host.size() - 2) : host;
}

std::string lower_case(std::string_view text) {
  std::string out(text);
  std::ranges::transform(out, out.begin(), lower);
  return out;
}

bool same_host(std::string_view a, std::string_view b) noexcept {
  return a == b || equal(without_dot(a), without_dot(b));
}

bool is_loopback(std::string_view host) noexcept {
  host = without_dot(host);
  if (equal(host, "localhost") || host == "[::1]") return true;
  constexpr std::string_view kBelow = ".localhost";
  if (host.size() > kBelow.size() && equal(host.substr(host.size() - kBelow.size()), kBelow)) {
    return true;
  }
  return is_loopback_v4(host);
}

std::string_view host_of_origin(std::string_view origin) noexcept {
  const std::size_t scheme = origin.find("://");
  if (scheme == std::string_view::npos) return {};
  const std::string_view authority = origin.substr(scheme + 3);
  if (authority.find_first_of("/@?# ") != std::string_view::npos) return {};
  return split_host(authority).host;
}

}  // namespace sonde::proxy
