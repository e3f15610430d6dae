#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "alarm/definition.h"
#include "aws/inputs.h"
#include "base/result.h"
#include "model/metrics.h"

namespace sonde::aws {

/// Every default alarm (design section 9).
enum class Kind : std::uint8_t {
  kElevatedErrorRate,
  kHighErrorRate,
  kMostCallsFail,
  kHighP50,
  kHighP95,
  kHighP99,
  kNearCapacity,
  kSessionsNearLimit,
  kSessionLeak,
  kLargeResult,
  kSessionContext,
  kServerDown,
  kServerRestarts,
  kThrash,
  kEmfParsing,
  kEmfValidation,
  kEmfDisabled,
  kPage,
};

/// One row of the table that code, run-books and tests share.
struct KindInfo {
  Kind kind;
  /// The page of the run-book, docs/runbooks/<slug>.md.  Never changes.
  std::string_view slug;
  /// Of an environment "MCP-<name><Suffix>", of a server "MCP-<name><Suffix>/<server>", of a
  /// tool "…/<server>/<tool>", of a second log group "…/<group>".
  std::string_view name;
  std::string_view says;  ///< One sentence for whoever is woken, without its full stop.
};

inline constexpr std::array kKinds = std::to_array<KindInfo>({
    {Kind::kElevatedErrorRate, "elevated-tool-error-rate", "ElevatedToolErrorRate",
     "More calls fail than should"},
    {Kind::kHighErrorRate, "high-tool-error-rate", "HighToolErrorRate", "Many calls fail"},
    {Kind::kMostCallsFail, "most-calls-fail", "MostCallsFail", "Most calls fail"},
    {Kind::kHighP50, "high-p50-latency", "HighP50Latency",
     "Half of the calls take longer than agreed"},
    {Kind::kHighP95, "high-p95-latency", "HighP95Latency", "One call in twenty is slow"},
    {Kind::kHighP99, "high-p99-latency", "HighP99Latency", "One call in a hundred is very slow"},
    {Kind::kNearCapacity, "call-rate-near-capacity", "CallRateNearCapacity",
     "Calls come almost as fast as can be served"},
    {Kind::kSessionsNearLimit, "sessions-near-limit", "SessionsNearLimit",
     "Almost as many event streams are open as can be"},
    {Kind::kSessionLeak, "session-leak", "SessionLeak",
     "Event streams become more and more while users do not"},
    {Kind::kLargeResult, "large-result", "LargeResult",
     "A single result fills much of the model's context"},
    {Kind::kSessionContext, "session-context-high", "SessionContextHigh",
     "The results of one session fill most of the model's context"},
    {Kind::kServerDown, "server-down", "ServerDown", "A server is down"},
    {Kind::kServerRestarts, "server-restarts", "ServerRestarts",
     "A server restarts again and again"},
    {Kind::kThrash, "agent-thrash", "AgentThrash", "An agent goes in circles"},
    {Kind::kEmfParsing, "emf-parsing-errors", "EmfParsingErrors",
     "CloudWatch cannot read metric lines, so other alarms may be blind"},
    {Kind::kEmfValidation, "emf-validation-errors", "EmfValidationErrors",
     "CloudWatch refuses metrics, so other alarms may be blind"},
    {Kind::kEmfDisabled, "emf-disabled-errors", "EmfDisabledErrors",
     "CloudWatch takes no metrics from log lines, so other alarms are blind"},
    {Kind::kPage, "page", "Page", "MCP is out of order for its users"},
});

constexpr const KindInfo& info(Kind kind) noexcept {
  return kKinds[static_cast<std::size_t>(kind)];
}

/// Whom an alarm is about; all three empty: the environment.
struct Subject {
  std::string server;
  std::string tool;       ///< With `server`.
  std::string log_group;  ///< Of the three on metric lines.
  bool operator==(const Subject&) const = default;
};

struct DefaultAlarm {
  Kind kind{};
  Subject subject;
  /// Complete, with the configured environment and suffix; actions are the Refs "AlertTopic"
  /// and ARNs.
  alarm::MetricAlarm alarm;
  std::vector<Metric> metrics;  ///< What it watches; empty: CloudWatch's own, AWS/Logs.
};

/// An alarm that there is not.
struct AlarmOff {
  Kind kind{};
  std::string server;  ///< Empty: of the environment.
  std::string reason;  ///< "alarms.p50_max is not set"
};

struct DefaultAlarms {
  std::vector<DefaultAlarm> alarms;
  alarm::CompositeAlarm page;
  std::vector<AlarmOff> off;
};

/// The alarms of this configuration: of the environment always, of servers and tools where
/// alarms.servers and alarms.tools name them.
///
/// Failure.  kInvalidInput with the reason, if CloudWatch would refuse one of them, two have
/// the same name, or one would watch a metric with dimensions that the taps do not emit with
/// this configuration (emf.dimensions) and so never fire.
Result<DefaultAlarms> default_alarms(const Inputs& inputs);

}  // namespace sonde::aws
