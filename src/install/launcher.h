#pragma once

#include <string>
#include <string_view>

#include "base/result.h"

namespace sonde::install {

/// The launcher's program, which starts the sonde at `sonde_path`.
///
/// Fails with kLimitExceeded for a path of 4 KiB or more.
Result<std::string> launcher_program(std::string_view sonde_path);

}  // namespace sonde::install
