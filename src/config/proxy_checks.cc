#include "config/proxy_checks_internal.h"

#include <algorithm>

namespace sonde::config {
namespace {

bool valid_port(std::string_view port, bool zero) {
  if (port.empty() || port.size() > 5) return false;
  unsigned number = 0;
  for (const char digit : port) {
    if (digit < '0' || digit > '9') return false;
    number = number * 10 + static_cast<unsigned>(digit - '0');
  }
  return number <= 65535 && (zero || number > 0);
}

}  // namespace

std::string_view check_listen(std::string_view text) {
  if (text.empty()) return {};
  constexpr std::string_view kForm =
      "must be written ADDRESS:PORT, as 127.0.0.1:8080 or [::1]:8080";
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon == 0) return kForm;
  const std::string_view address = text.substr(0, colon);
  const bool bracketed = address.front() == '[' && address.back() == ']';
  if (!bracketed && address.contains(':')) return kForm;
  return valid_port(text.substr(colon + 1), true) ? "" : "has no port from 0 to 65535";
}

namespace {

/// scheme://host[:port], with what may follow cut off into `path`.
std::string_view check_url(std::string_view url, std::string_view& path) {
  constexpr std::string_view kForm = "needs a URL that begins with http:// or https://";
  const std::size_t scheme = url.starts_with("https://") ? 8 : url.starts_with("http://") ? 7 : 0;
  if (scheme == 0) return kForm;
  url.remove_prefix(scheme);
  const std::size_t slash = url.find('/');
  path = slash == std::string_view::npos ? std::string_view() : url.substr(slash);
  const std::string_view authority = url.substr(0, slash);
  if (authority.empty() || authority.contains('@')) return "needs a URL with a host and no user";
  if (authority.find_first_of("?# ") != std::string_view::npos) return kForm;
  const std::size_t bracket = authority.find(']');
  const std::size_t colon = authority.find(':', bracket == std::string_view::npos ? 0 : bracket);
  if (colon == 0) return kForm;
  if (colon != std::string_view::npos && !valid_port(authority.substr(colon + 1), false)) {
    return "has a URL whose port is not from 1 to 65535";
  }
  return {};
}

}  // namespace

std::string_view check_upstream(std::string_view text) {
  const std::size_t equals = text.find('=');
  if (equals == std::string_view::npos || equals == 0) {
    return "must be written NAME=URL, as search=http://127.0.0.1:3001";
  }
  const std::string_view name = text.substr(0, std::min(equals, text.find_first_of("@/")));
  if (name.empty() || name.size() > 128 ||
      !std::ranges::all_of(name, [](char c) { return c > 0x20 && c < 0x7f; })) {
    return "needs a name of visible ASCII in front of its URL";
  }
  std::string_view path;
  if (const auto wrong = check_url(text.substr(equals + 1), path); !wrong.empty()) return wrong;
  return path.find_first_of("?#") == std::string_view::npos ? "" : "has a URL with a query";
}

std::string_view check_origin(std::string_view text) {
  if (text.empty()) return {};
  std::string_view path;
  if (const auto wrong = check_url(text, path); !wrong.empty()) return wrong;
  return path.empty() ? "" : "must be an origin, without a path";
}

}  // namespace sonde::config
