#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace sonde::sinks {

/// Where the CloudWatch agent listens.
struct AgentEndpoint {
  enum class Protocol : std::uint8_t { kTcp, kUdp };
  Protocol protocol = Protocol::kTcp;
  std::string host = "127.0.0.1";  ///< A name or an address; IPv6 without brackets.
  std::uint16_t port = 25888;
  bool operator==(const AgentEndpoint&) const = default;
};

/// Reads "tcp://127.0.0.1:25888", "udp://[::1]:25888", "tcp://cwagent".  Without a port it
/// is 25888, as AWS's own libraries have it.  Fails on anything else and says what is wrong.
Result<AgentEndpoint> parse_agent_endpoint(std::string_view text);

/// The longest line that fits a datagram, with its newline.
inline constexpr std::size_t kDatagramBytesMax = 65'507;

}  // namespace sonde::sinks
