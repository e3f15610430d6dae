#pragma once

#include <string>

#include "cli/finding.h"
#include "cli/io.h"
#include "cli/taps.h"
#include "config/load.h"

namespace sonde::cli {

// What `sonde doctor` looks at.  None of it changes anything, but that files of dead taps
// are removed by running_taps().

/// The file, its faults, those of the environment, and SONDE_ variables nobody reads.
Findings check_configuration(const config::Loaded& loaded, const Io& io);

/// State folder and log: whether they can be written, by whom they can be read, and
/// whether there is room.
Findings check_folders(const config::Loaded& loaded);

/// The hash key and what redaction was told.
Findings check_privacy(const config::Loaded& loaded);

/// Whether the CloudWatch agent can be reached.  Blocking.  Up to a second, and as long as
/// a name takes to be resolved.
Findings check_agent(const config::Loaded& loaded);

/// What running taps complain of, and what they have lost.
Findings check_taps(const RunningTaps& running);

}  // namespace sonde::cli
