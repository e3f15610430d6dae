#pragma once

#include <cstdint>
#include <functional>
#include <string_view>

namespace sonde::thrash {

/// Two hashes made into one; the order counts.  Of this process: never to be kept.
inline std::uint64_t mix(std::uint64_t a, std::uint64_t b) noexcept {
  constexpr std::uint64_t kOdd = 0x9E3779B97F4A7C15;
  a ^= b + kOdd + (a << 6U) + (a >> 2U);
  a *= kOdd;
  return a ^ (a >> 32U);
}

inline std::uint64_t hash_of(std::string_view text) noexcept {
  return std::hash<std::string_view>{}(text);
}

/// Whose call it is: a session by its name, or one that was inferred from a connection.
inline std::uint64_t session_key(std::string_view session) noexcept { return hash_of(session); }
inline std::uint64_t session_key(std::uint64_t connection) noexcept {
  constexpr std::uint64_t kOfConnections = 0xC0;
  return mix(kOfConnections, connection);
}

/// What two calls have in common that are the same call.
struct CallKey {
  std::uint64_t tool = 0;  ///< Server and tool.
  std::uint64_t call = 0;  ///< These, and the arguments.
  bool operator==(const CallKey&) const = default;
};

inline CallKey call_key(std::uint64_t server, std::string_view tool, std::string_view args_hash) {
  const std::uint64_t of_tool = mix(server, hash_of(tool));
  return {.tool = of_tool, .call = mix(of_tool, hash_of(args_hash))};
}

}  // namespace sonde::thrash
