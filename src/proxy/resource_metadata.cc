#include "proxy/resource_metadata.h"

#include "base/json_reader.h"

namespace sonde::proxy {
namespace {

/// Where the path of an absolute http(s) URL begins; npos if it is none.
std::size_t path_of(std::string_view url) noexcept {
  const std::size_t scheme = url.starts_with("https://") ? 8 : url.starts_with("http://") ? 7 : 0;
  if (scheme == 0) return std::string_view::npos;
  return std::min(url.find_first_of("/?#", scheme), url.size());
}

}  // namespace

bool is_resource_metadata(std::string_view path) noexcept {
  constexpr std::string_view kWellKnown = "/.well-known/oauth-protected-resource";
  if (!path.starts_with(kWellKnown)) return false;
  path.remove_prefix(kWellKnown.size());
  return path.empty() || path.front() == '/' || path.front() == '?';
}

std::optional<std::string> with_origin(std::string_view metadata, std::string_view origin) {
  const auto resource = find_member(metadata, "resource");
  if (!resource || resource->size() < 2 || resource->contains('\\')) return std::nullopt;
  const std::string_view url = resource->substr(1, resource->size() - 2);
  const std::size_t path = path_of(url);
  if (path == std::string_view::npos) return std::nullopt;
  const auto at = static_cast<std::size_t>(url.data() - metadata.data());
  return std::string(metadata.substr(0, at)).append(origin).append(metadata.substr(at + path));
}

std::optional<std::string> challenge_with_origin(std::string_view challenge,
                                                 std::string_view origin) {
  constexpr std::string_view kParameter = "resource_metadata=\"";
  const std::size_t parameter = challenge.find(kParameter);
  if (parameter == std::string_view::npos) return std::nullopt;
  const std::size_t at = parameter + kParameter.size();
  const std::string_view url = challenge.substr(at, challenge.find('"', at) - at);
  const std::size_t path = path_of(url);
  if (path == std::string_view::npos) return std::nullopt;
  return std::string(challenge.substr(0, at)).append(origin).append(challenge.substr(at + path));
}

}  // namespace sonde::proxy
