#include "proxy/resource_metadata.h"

#include <algorithm>

#include "base/json_reader.h"
#include "proxy/hosts.h"

namespace sonde::proxy {
namespace {

/// The same host and port; all names of this machine are one.
bool same_authority(std::string_view a, std::string_view b) noexcept {
  if (same_host(a, b)) return true;
  const HostPort one = split_host(a);
  const HostPort other = split_host(b);
  return one.port == other.port && is_loopback(one.host) && is_loopback(other.host);
}

/// Where the path of a URL of the server itself begins; npos if it is none.
std::size_t path_of(std::string_view url, const Origins& origins) noexcept {
  const std::size_t scheme = url.starts_with("https://") ? 8 : url.starts_with("http://") ? 7 : 0;
  if (scheme == 0) return std::string_view::npos;
  const std::size_t path = std::min(url.find_first_of("/?#", scheme), url.size());
  const std::string_view authority = url.substr(scheme, path - scheme);
  const bool own =
      same_authority(authority, origins.upstream) || same_authority(authority, origins.asked);
  return own ? path : std::string_view::npos;
}

}  // namespace

bool is_resource_metadata(std::string_view path) noexcept {
  constexpr std::string_view kWellKnown = "/.well-known/oauth-protected-resource";
  if (!path.starts_with(kWellKnown)) return false;
  path.remove_prefix(kWellKnown.size());
  return path.empty() || path.front() == '/' || path.front() == '?';
}

std::optional<std::string> with_origin(std::string_view metadata, const Origins& origins) {
  const auto resource = find_member(metadata, "resource");
  if (!resource || resource->size() < 2 || resource->contains('\\')) return std::nullopt;
  const std::string_view url = resource->substr(1, resource->size() - 2);
  const std::size_t path = path_of(url, origins);
  if (path == std::string_view::npos) return std::nullopt;
  const auto at = static_cast<std::size_t>(url.data() - metadata.data());
  return std::string(metadata.substr(0, at))
      .append(origins.known_as)
      .append(metadata.substr(at + path));
}

std::optional<std::string> challenge_with_origin(std::string_view challenge,
                                                 const Origins& origins) {
  constexpr std::string_view kParameter = "resource_metadata=\"";
  std::string changed;
  std::size_t copied = 0;
  for (std::size_t from = 0;;) {
    const std::size_t parameter = challenge.find(kParameter, from);
    if (parameter == std::string_view::npos) break;
    const std::size_t at = parameter + kParameter.size();
    const std::size_t end = std::min(challenge.find('"', at), challenge.size());
    from = end;
    const std::size_t path = path_of(challenge.substr(at, end - at), origins);
    if (path == std::string_view::npos) continue;
    changed.append(challenge.substr(copied, at - copied)).append(origins.known_as);
    copied = at + path;
  }
  if (copied == 0) return std::nullopt;
  return changed.append(challenge.substr(copied));
}

}  // namespace sonde::proxy
