#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "model/health.h"

namespace sonde::mcp {

/// What one pulse has found out.
struct PulseResult {
  enum class Kind : std::uint8_t {
    kAnswer,     ///< MCP was answered, be it with an error of the protocol.
    kStatus,     ///< HTTP was, with `http_status` and nothing that is MCP.
    kRefused,    ///< There was no connection to be had.
    kClosed,     ///< The connection ended before the answer did.
    kTimeout,    ///< Nothing came in time.
    kBadAnswer,  ///< What came is neither MCP nor HTTP.
  };
  Kind kind = Kind::kTimeout;
  int http_status = 0;
  std::chrono::nanoseconds took{};
  std::vector<std::string> missing_tools{};  ///< Of those expected.
  std::string detail{};                      ///< For a person; may be empty.
};

/// Whether a server that answers HTTP with this status is alive: it said something of its own
/// about the request, as 401 and 405 do, and not that it is broken or that nobody stands behind
/// the gateway.
bool alive_at(int http_status) noexcept;

/// "no connection: Connection refused"
std::string describe(const PulseResult& result);

/// Whether a server is up, degraded or down, from its pulses.
///
/// Purpose.  Pure.  One failure says nothing yet; the second in a row degrades a server that was
/// up, Options::failures_max in a row take it down.  An answer that lacks tools, or comes after
/// trouble, must come twice before it counts, and after each relapse twice as often, so that who
/// hears of changes hears of few.  The first answer of all counts at once.
/// Limits.  Constant memory, but for the names of one answer.
/// Threads.  One owner.  Failure.  None.
class ServerHealth {
 public:
  struct Options {
    std::uint32_t failures_max = 3;
    std::uint32_t relapses_damped_max = 3;  ///< 2, 4, 8, 16 answers are needed, and no more.
    std::uint32_t calm_after = 20;          ///< Answers in a row, and relapses are forgotten.
  };

  ServerHealth() = default;
  explicit ServerHealth(Options options) : options_(options) {}

  /// A pulse is over.  True if state() or what degrades it is another one than before, which is
  /// to be told once.
  bool take(const PulseResult& result);

  ServerState state() const noexcept { return state_; }
  /// Why, in a sentence for a person.
  const std::string& reason() const noexcept { return reason_; }
  /// Pulses in a row without an answer.
  std::uint32_t failures() const noexcept { return failures_; }
  /// Whether the last pulse failed.
  bool failing() const noexcept { return failures_ > 0; }
  /// Of the metric ServerUp: nothing as long as nobody knows.
  std::optional<bool> up() const noexcept;

  /// It has answered somebody else: where nothing was known, it is up.
  void seen_up() noexcept;
  /// The server was replaced by another one, of which nothing is known yet but that it runs.
  void restarted() noexcept;

 private:
  bool on_failure(const PulseResult& result);
  bool on_answer(const PulseResult& result);
  bool become(ServerState state, std::string reason);
  std::uint32_t answers_needed() const noexcept;

  Options options_{};
  ServerState state_ = ServerState::kUnknown;
  std::string reason_;
  std::vector<std::string> missing_;  ///< Told last.
  std::uint32_t failures_ = 0;
  std::uint32_t answers_ = 0;  ///< In a row.
  std::uint32_t alike_ = 0;    ///< Of these, the last that said the same.
  bool last_lacked_ = false;   ///< The last answer lacked tools.
  std::uint32_t relapses_ = 0;
};

}  // namespace sonde::mcp
