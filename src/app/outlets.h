#pragma once

#include <string>
#include <string_view>

#include "model/config.h"
#include "privacy/hash_key.h"
#include "recorder/recorder.h"

namespace sonde::app {

std::string host_name();

/// "sonde: <text>" on stderr, in one write, so that it cannot mix with what a server says.
void say(std::string_view text);

/// What is the same for all records of a tap of this configuration.
TapIdentity identity_of(const Config& config);

/// All of the outlets that cannot fail.
recorder::Outlets outlets_without_sinks(const Config& config);

/// Adds scrubber and sinks; returns the key that the former hashes with.
/// Blocking.  Reads, and may make, the key's file.
Result<privacy::HashKey> fill(recorder::Outlets& outlets, const Config& config, Stats& stats);

}  // namespace sonde::app
