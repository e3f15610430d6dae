#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sonde {

/// How a server is, as far as its pulse tells.
enum class ServerState : std::uint8_t {
  kUnknown,   ///< Nobody has heard of it yet.
  kUp,        ///< It answers.
  kDegraded,  ///< It answers, but not as it should.
  kDown,      ///< It does not.
};

/// "unknown", "up", "degraded", "down"
constexpr std::string_view to_string(ServerState state) noexcept {
  switch (state) {
    case ServerState::kUnknown:
      break;
    case ServerState::kUp:
      return "up";
    case ServerState::kDegraded:
      return "degraded";
    case ServerState::kDown:
      return "down";
  }
  return "unknown";
}

/// What an event says of a server's health, beside its message.
struct HealthFacts {
  ServerState state = ServerState::kUnknown;
  std::optional<std::chrono::nanoseconds> answered_in{};  ///< Of the pulse.
  int http_status = 0;                                    ///< What it answered with; 0: none.
  std::uint32_t failures = 0;                             ///< Pulses in a row without an answer.
  std::vector<std::string> missing_tools{};               ///< Expected, and not listed.
  std::string state_lost{};  ///< Of a restart: "unknown", because nobody can know.
};

}  // namespace sonde
