#pragma once

#include "config/schema_parts_internal.h"

namespace sonde::config {

inline constexpr std::array<std::string_view, 2> kRestartPolicies = {"never", "on-crash"};

inline std::string_view check_pulse_path(std::string_view text) {
  return text.starts_with('/') ? "" : "must begin with /";
}

// What becomes of servers that do not answer: of `wrap`, and of both taps.
inline constexpr Field kPulseFields[] = {
    {.key = "wrap.heartbeat",
     .type = Type::kDuration,
     .target = &at<&Config::wrap, &WrapConfig::heartbeat>,
     .max = kHour,
     .help = "How often the metric ServerUp is written while the server lives; 0 is never."},
    {.key = "wrap.pulse",
     .type = Type::kDuration,
     .never_in_file = true,
     .target = &at<&Config::wrap, &WrapConfig::pulse>,
     .max = kHour,
     .short_flag = "pulse",
     .help = "How often the server is asked whether it is well while nobody else asks anything, "
             "as 30s; 0 is never."},
    {.key = "wrap.restart",
     .type = Type::kChoice,
     .never_in_file = true,
     .target = &at<&Config::wrap, &WrapConfig::restart>,
     .choices = kRestartPolicies,
     .short_flag = "restart",
     .help = "Start the server anew when it has crashed; what was asked of it is answered with an "
             "error, never asked again."},
    {.key = "wrap.restarts_max",
     .type = Type::kInteger,
     .target = &at<&Config::wrap, &WrapConfig::restarts_max>,
     .min = 1,
     .max = 1000,
     .help = "After so many restarts within ten minutes the session ends."},

    {.key = "pulse.interval",
     .type = Type::kDuration,
     .target = &at<&Config::pulse, &PulseConfig::interval>,
     .max = kHour,
     .help = "How often every upstream is asked whether it is well, on a connection of its own; 0 "
             "is never."},
    {.key = "pulse.timeout",
     .type = Type::kDuration,
     .target = &at<&Config::pulse, &PulseConfig::timeout>,
     .min = 50,
     .max = 10 * kMinute,
     .help = "How long a server may take to answer a pulse."},
    {.key = "pulse.failures_max",
     .type = Type::kInteger,
     .target = &at<&Config::pulse, &PulseConfig::failures_max>,
     .min = 1,
     .max = 100,
     .help = "After so many pulses in a row without an answer the server is down."},
    {.key = "pulse.path",
     .type = Type::kString,
     .target = &at<&Config::pulse, &PulseConfig::path>,
     .min = 1,
     .max = 1024,
     .help = "Where upstreams are asked whose URL has no path.",
     .check = check_pulse_path},
    {.key = "pulse.expected_tools",
     .type = Type::kList,
     .target = &at<&Config::pulse, &PulseConfig::expected_tools>,
     .max = 10000,
     .short_flag = "expect-tool",
     .help = "Tools that an upstream must list, else it is degraded: [UPSTREAM/]NAME."},
};

}  // namespace sonde::config
