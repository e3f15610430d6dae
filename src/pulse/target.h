#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include "mcp/http_pulse.h"
#include "mcp/server_health.h"
#include "model/call_record.h"
#include "net/tls.h"

namespace sonde::pulse {

/// A server that is asked whether it is well.
struct Target {
  std::string host;  ///< Name or address to connect to, without brackets.
  std::uint16_t port = 0;
  std::string authority;                       ///< What its Host says.
  std::shared_ptr<const net::TlsContext> tls;  ///< Null: in the clear.
  mcp::HttpPulse::Options asks;
  std::shared_ptr<const TapIdentity> tap;  ///< Whose events these are.
};

}  // namespace sonde::pulse
