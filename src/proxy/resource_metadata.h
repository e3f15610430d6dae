#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sonde::proxy {

// OAuth behind another origin: a client compares the `resource` of a server's metadata
// (RFC 9728 3.3) with the URL it uses itself.  Where that is the proxy's, the metadata must say so.

/// Whether the answer to a GET of `path` is such metadata.
bool is_resource_metadata(std::string_view path) noexcept;

/// Under which names a server may know itself, and the one that clients know.
struct Origins {
  std::string_view upstream;  ///< Host and port of its URL.
  std::string_view asked;     ///< What the client put into Host.
  std::string_view known_as;  ///< "https://mcp.example.com"
};

/// The JSON with the origin that clients know in `resource`.  Nothing if there is no `resource`
/// with an origin, or with another's: that a client must see, and refuse.
std::optional<std::string> with_origin(std::string_view metadata, const Origins& origins);

/// The same for each `resource_metadata="…"` in the value of WWW-Authenticate (RFC 9728 5.1).
std::optional<std::string> challenge_with_origin(std::string_view challenge,
                                                 const Origins& origins);

}  // namespace sonde::proxy
