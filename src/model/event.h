#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "model/call_record.h"
#include "model/gauges.h"
#include "model/health.h"
#include "model/metrics.h"

namespace sonde {

/// Of kThrash: what an agent does over and over, so that a person can judge for himself.
struct ThrashEvidence {
  enum class Pattern : std::uint8_t {
    kRepeat,   ///< "repeat": the same call, the same result.
    kCycle,    ///< "cycle": two to four calls in turn, with the same results.
    kFailure,  ///< "failure": a tool that fails, and is called again.
    kPoll,     ///< "poll": the same call after a wait each time, and the result never changes.
  };
  Pattern pattern{};
  std::vector<std::string> tools;  ///< Of a cycle in its order; else one.
  std::chrono::nanoseconds
      span{};                    ///< From the beginning of the first call to the end of the last.
  std::string args_hash;         ///< Of the last call.
  std::string first_request_id;  ///< The last one is Event::request_id.
  std::string error_message;     ///< Of the last call, a template; empty if it went well.
};

/// Of kTurnEnd.
struct TurnSummary {
  std::string turn_id;           ///< As the client named it; empty: inferred.
  bool inferred = false;         ///< From traces and pauses.
  std::uint64_t iterations = 0;  ///< Bursts of calls; those at the same time count once.
  std::chrono::nanoseconds
      span{};  ///< From the beginning of the first call to the end of the last.
};

/// Something that happened and is no finished call: a line of the same stream.
struct Event {
  enum class Type : std::uint8_t {
    kServerStart,      ///< "server.start"
    kServerExit,       ///< "server.exit", with code or signal and the last stderr lines.
    kServerNoise,      ///< "server.noise": lines on stdout that are no JSON-RPC.
    kToolPending,      ///< "tool.pending": a call has been open for longer than 30 s.
    kToolStart,        ///< "tool.start", optional.
    kTapDegraded,      ///< "tap.degraded": something of ours does not work; says what.
    kCaptureOn,        ///< "capture.on"
    kCaptureOff,       ///< "capture.off"
    kGauges,           ///< "tap.gauges": what is there at the moment, of one upstream.
    kServerUnhealthy,  ///< "server.unhealthy": down, or degraded; `message` says why.
    kServerHealthy,    ///< "server.healthy": up again.
    kServerRestarted,  ///< "server.restarted": by us; whether state was lost is not known.
    kServerUnreached,  ///< "server.unreached": connections to it that failed, in `count`.
    kServerPulse,      ///< "server.pulse": what a pulse measured.
    kThrash,           ///< "agent.thrash": an agent goes in circles; with the evidence.
    kTurnEnd,          ///< "agent.turn": a turn has ended; how many iterations it took.
    kContextHigh,      ///< "agent.context": results of a session fill much of the context.
  };
  Type type{};
  std::shared_ptr<const TapIdentity> tap;
  std::chrono::nanoseconds at{};  ///< Since the Unix epoch.

  std::string session_id;
  std::string mcp_session_id;
  std::string correlation_id;
  SpanContext span;

  // Of the server's life.
  std::optional<int> pid;
  std::vector<std::string> command;      ///< argv, redacted by privacy before any sink.
  std::vector<std::string> environment;  ///< Names and redacted values of what was added.
  std::optional<int> exit_code;
  std::optional<int> signal;
  std::vector<std::string> last_stderr;  ///< At most 10 lines, redacted.
  std::chrono::nanoseconds uptime{};

  // Of a call.
  std::string request_id;
  std::string method;
  std::string tool_name;
  std::chrono::nanoseconds open_for{};

  std::optional<HealthFacts> health;  ///< Of kServerUnhealthy and the like.

  std::optional<Gauges> gauges;    ///< Of kGauges.
  std::vector<Measured> measured;  ///< Metrics that the line carries, of MetricScope::kServer.

  std::optional<ThrashEvidence> thrash;  ///< Of kThrash.
  std::optional<TurnSummary> turn;       ///< Of kTurnEnd.
  std::uint64_t result_tokens = 0;       ///< Of kContextHigh: of the session so far, estimated.

  std::string message;      ///< One sentence for a person.
  std::uint64_t count = 0;  ///< How many lines, how many calls.
};

/// "server.start", …
std::string_view to_string(Event::Type type) noexcept;
/// "repeat", …
std::string_view to_string(ThrashEvidence::Pattern pattern) noexcept;

}  // namespace sonde
