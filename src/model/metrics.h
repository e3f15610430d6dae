#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>

namespace sonde {

/// Every metric that a tap emits.
enum class Metric : std::uint8_t {
  kToolDuration,
  kCallCount,
  kErrorCount,
  kToolDenied,
  kResultSize,
  kResultTokens,
  kEmptyResults,
  kActiveSseSessions,
  kActiveUsers,
  kMcpSessions,
  kIdleMcpSessions,
  kServerUp,
  kServerRestarts,
  kConnectionFailures,
  kPulseDuration,
  kAgentThrash,
  kIterationsPerTurn,
  kSessionResultTokens,
};

/// Of which dimensions the series of a metric are.
enum class MetricScope : std::uint8_t {
  kCall,    ///< EmfConfig::dimensions.
  kGauge,   ///< ServerName and Environment: samples of several servers do not add up.
  kServer,  ///< ServerName and Environment, and Environment alone.
};

struct MetricInfo {
  Metric metric;
  std::string_view name;
  std::string_view unit;  ///< As CloudWatch spells it.
  MetricScope scope;
};

/// The one list of names and units, for whoever emits, graphs or watches them; dashboards
/// and alarms elsewhere know these names.  In the order of the enumeration.
inline constexpr std::array kMetrics = std::to_array<MetricInfo>({
    {Metric::kToolDuration, "ToolDuration", "Milliseconds", MetricScope::kCall},
    {Metric::kCallCount, "tool_call_count", "Count", MetricScope::kCall},
    {Metric::kErrorCount, "tool_error_count", "Count", MetricScope::kCall},
    {Metric::kToolDenied, "ToolDenied", "Count", MetricScope::kCall},
    {Metric::kResultSize, "ResultSize", "Bytes", MetricScope::kCall},
    {Metric::kResultTokens, "ResultTokens", "Count", MetricScope::kCall},
    {Metric::kEmptyResults, "EmptyResults", "Count", MetricScope::kCall},
    {Metric::kActiveSseSessions, "ActiveSseSessions", "Count", MetricScope::kGauge},
    {Metric::kActiveUsers, "ActiveUsers", "Count", MetricScope::kGauge},
    {Metric::kMcpSessions, "McpSessions", "Count", MetricScope::kGauge},
    {Metric::kIdleMcpSessions, "IdleMcpSessions", "Count", MetricScope::kGauge},
    {Metric::kServerUp, "ServerUp", "Count", MetricScope::kServer},
    {Metric::kServerRestarts, "ServerRestarts", "Count", MetricScope::kServer},
    {Metric::kConnectionFailures, "ConnectionFailures", "Count", MetricScope::kServer},
    {Metric::kPulseDuration, "PulseDuration", "Milliseconds", MetricScope::kServer},
    {Metric::kAgentThrash, "AgentThrash", "Count", MetricScope::kServer},
    {Metric::kIterationsPerTurn, "IterationsPerTurn", "Count", MetricScope::kServer},
    {Metric::kSessionResultTokens, "SessionResultTokens", "Count", MetricScope::kServer},
});

constexpr const MetricInfo& info(Metric metric) noexcept {
  return kMetrics[static_cast<std::size_t>(metric)];
}

static_assert(std::ranges::all_of(kMetrics,
                                  [](const MetricInfo& one) { return &info(one.metric) == &one; }));

/// One value of a metric of scope kServer.
struct Measured {
  Metric metric{};
  double value = 0;
  bool operator==(const Measured&) const = default;
};

}  // namespace sonde
