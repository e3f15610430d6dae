#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/config.h"
#include "net/tls.h"
#include "proxy/access.h"
#include "proxy/tool_policy.h"
#include "proxy/upstream.h"

namespace sonde::proxy {

/// All that the configuration says of the proxy, ready to be used.
///
/// Threads.  Any number; it never changes.  A reload makes another one.
struct Settings {
  ProxyConfig config;
  bool inject = true;  ///< Only if observe.
  AccessRules access;
  ToolPolicy tools;
  std::vector<Upstream> upstreams;
  std::shared_ptr<const net::TlsContext> tls;  ///< Null: clients come in the clear.

  /// The index of the upstream for a request; the longest prefix of a matching host counts.
  std::optional<std::uint32_t> route(std::string_view host, std::string_view path) const noexcept;
};

/// Reads what files the configuration names.
///
/// Blocking.  As those files.  Failure.  kInvalidInput with the key that is wrong and what to do:
/// no upstream, two for the same requests, a listener open to others without token or client
/// certificates (design section 3.7).
Result<std::shared_ptr<const Settings>> make_settings(const Config& config);

}  // namespace sonde::proxy
