#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "base/result.h"

namespace sonde::net {
class TlsContext;
}

namespace sonde::proxy {

/// A server behind the proxy, and which requests are for it.
struct Upstream {
  std::string name;
  std::string host{};  ///< Name or address to connect to, without brackets.
  std::uint16_t port = 0;
  bool tls = false;
  std::string authority{};  ///< Of the URL, as a Host would say it.

  std::string for_host{};    ///< Requests for this host only, in lower case; empty: any.
  std::string for_prefix{};  ///< Of these paths only: "/files", or empty for all.
  bool replaces = false;     ///< The URL has a path: that takes the place of the prefix.
  std::string base{};        ///< That path, without a '/' at its end.

  std::shared_ptr<const net::TlsContext> tls_context{};
};

/// Reads "NAME=URL", "NAME@HOST=URL", "NAME/PREFIX=URL" or "NAME@HOST/PREFIX=URL".
///
/// As with nginx's proxy_pass: a URL without a path leaves paths as they are; one with a path,
/// be it "/", has it take the place of the prefix.
Result<Upstream> parse_upstream(std::string_view text);

/// The path that the upstream is asked for, if `path` (origin-form, with its query) is one of
/// its; a view of `path`, or of `storage` if something was replaced.
/// REQUIRES: the upstream matches.
std::string_view upstream_path(const Upstream& upstream, std::string_view path,
                               std::string& storage);

/// Whether a request for `host` (the value of Host) and `path` is for it.
bool matches(const Upstream& upstream, std::string_view host, std::string_view path) noexcept;

}  // namespace sonde::proxy
