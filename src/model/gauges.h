#pragma once

#include <cstdint>

namespace sonde {

/// What is there at a moment, of all that one proxy serves.
struct Gauges {
  std::uint64_t active_sse_streams = 0;  ///< Responses that are open event streams.
  std::uint64_t active_users = 0;        ///< Distinct within the last 5 minutes.
  std::uint64_t sessions = 0;            ///< MCP sessions.
  std::uint64_t idle_sessions = 0;       ///< Of these, without a message for 30 minutes.

  bool operator==(const Gauges&) const = default;
};

}  // namespace sonde
