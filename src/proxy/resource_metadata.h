#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sonde::proxy {

// OAuth behind another origin: a client compares the `resource` of a server's metadata
// (RFC 9728 3.3) with the URL it uses itself.  Where that is the proxy's, the metadata must say so.

/// Whether the answer to a GET of `path` is such metadata.
bool is_resource_metadata(std::string_view path) noexcept;

/// The JSON with another origin in `resource`: "https://mcp.example.com", as it is written in
/// front of a path.  Nothing if there is no `resource` with an origin.
std::optional<std::string> with_origin(std::string_view metadata, std::string_view origin);

/// The same for `resource_metadata="…"` in the value of WWW-Authenticate (RFC 9728 5.1).
std::optional<std::string> challenge_with_origin(std::string_view challenge,
                                                 std::string_view origin);

}  // namespace sonde::proxy
