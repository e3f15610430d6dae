#pragma once

#include "config/flags.h"
#include "recorder/recorder.h"

namespace sonde::app {

/// What the recorder's thread does first: reads the configuration of `wrap`, and makes
/// scrubber and sinks from it.
///
/// Ownership.  The function owns a copy of `command`.  Failure.  None: with a faulty
/// configuration the faults are reported (one line on stderr, the stats file, an event),
/// what is right in it holds, and what cannot be made is left out.
recorder::Recorder::Setup tap_setup(config::WrapCommand command);

}  // namespace sonde::app
