#include "sinks/agent_endpoint.h"

#include <algorithm>
#include <charconv>

namespace sonde::sinks {
namespace {

constexpr std::size_t kHostBytesMax = 253;  // RFC 1035 2.3.4, without the root's dot.

std::unexpected<Error> refuse(std::string_view text, std::string_view why) {
  return fail(Errc::kInvalidInput,
              "endpoint \"" + std::string(text.substr(0, 300)) + "\": " + std::string(why));
}

struct Authority {
  std::string_view host;
  std::string_view port;  ///< With its colon; empty if there is none.
};

Authority split(std::string_view authority) {
  if (authority.starts_with('[')) {
    const std::size_t end = std::min(authority.find(']'), authority.size() - 1);
    return {.host = authority.substr(1, end - 1), .port = authority.substr(end + 1)};
  }
  const std::size_t colon = std::min(authority.find(':'), authority.size());
  return {.host = authority.substr(0, colon), .port = authority.substr(colon)};
}

bool names_a_host(std::string_view host, bool bracketed) {
  const auto allowed = [bracketed](char c) {
    const bool letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    const bool digit = c >= '0' && c <= '9';
    return letter || digit || c == '.' || c == '-' || c == '_' ||
           (bracketed && (c == ':' || c == '%'));
  };
  return !host.empty() && host.size() <= kHostBytesMax && std::ranges::all_of(host, allowed);
}

}  // namespace

Result<AgentEndpoint> parse_agent_endpoint(std::string_view text) {
  AgentEndpoint endpoint;
  std::string_view rest = text;
  if (rest.starts_with("tcp://")) {
    endpoint.protocol = AgentEndpoint::Protocol::kTcp;
  } else if (rest.starts_with("udp://")) {
    endpoint.protocol = AgentEndpoint::Protocol::kUdp;
  } else {
    return refuse(text, "must begin with tcp:// or udp://");
  }
  rest.remove_prefix(6);
  if (rest.ends_with('/')) rest.remove_suffix(1);

  const bool bracketed = rest.starts_with('[');
  if (bracketed && rest.find(']') == std::string_view::npos) return refuse(text, "no closing ]");
  const Authority authority = split(rest);
  if (!names_a_host(authority.host, bracketed)) return refuse(text, "no host name or address");
  endpoint.host = authority.host;
  if (authority.port.empty()) return endpoint;

  const char* end = authority.port.data() + authority.port.size();
  const auto [stop, error] = std::from_chars(authority.port.data() + 1, end, endpoint.port);
  const bool number = authority.port.front() == ':' && error == std::errc() && stop == end;
  if (!number || endpoint.port == 0) return refuse(text, "the port must be 1 to 65535");
  return endpoint;
}

}  // namespace sonde::sinks
