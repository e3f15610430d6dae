#pragma once

#include "config/schema_parts_internal.h"

namespace sonde::config {

inline constexpr std::array<std::string_view, 2> kThrashActions = {"observe", "deny"};

// The fields of `thrash`; docs/thrash.md says how they work together.
inline constexpr Field kThrashFields[] = {
    {.key = "thrash.enabled",
     .type = Type::kBoolean,
     .target = &at<&Config::thrash, &ThrashConfig::enabled>,
     .short_flag = "thrash",
     .help = "Look for agents that go in circles, and count iterations per turn and the tokens of "
             "results per session."},
    {.key = "thrash.window",
     .type = Type::kDuration,
     .target = &at<&Config::thrash, &ThrashConfig::window>,
     .min = kSecond,
     .max = 24 * kHour,
     .help = "A call that was not made again for so long is forgotten."},
    {.key = "thrash.repeats",
     .type = Type::kInteger,
     .target = &at<&Config::thrash, &ThrashConfig::repeats>,
     .min = 2,
     .max = 10'000,
     .help = "The same call may be made so often while its result stays the same; four times as "
             "often where the agent waits, eight times where it does new work in between."},
    {.key = "thrash.cycles",
     .type = Type::kInteger,
     .target = &at<&Config::thrash, &ThrashConfig::cycles>,
     .min = 2,
     .max = 10'000,
     .help = "The same two to four calls may be made in turn so often, likewise."},
    {.key = "thrash.failures",
     .type = Type::kInteger,
     .target = &at<&Config::thrash, &ThrashConfig::failures>,
     .min = 2,
     .max = 10'000,
     .help = "A tool may fail so often without success in between, whatever its arguments."},
    {.key = "thrash.poll_interval",
     .type = Type::kDuration,
     .target = &at<&Config::thrash, &ThrashConfig::poll_interval>,
     .max = 24 * kHour,
     .help = "Who waits so long before the same call is polling, and may do so four times as "
             "often."},
    {.key = "thrash.action",
     .type = Type::kChoice,
     .target = &at<&Config::thrash, &ThrashConfig::action>,
     .choices = kThrashActions,
     .help = "Only tell of it, or also answer the repeated call with an error that says why."},
    {.key = "thrash.deny_for",
     .type = Type::kDuration,
     .target = &at<&Config::thrash, &ThrashConfig::deny_for>,
     .min = kSecond,
     .max = 24 * kHour,
     .help = "How long such a call is denied after it was made last."},
    {.key = "thrash.turn_gap",
     .type = Type::kDuration,
     .target = &at<&Config::thrash, &ThrashConfig::turn_gap>,
     .min = kSecond,
     .max = 24 * kHour,
     .help = "A pause between calls that ends a turn, where the client does not name turns."},
};

}  // namespace sonde::config
