#pragma once

#include "cli/command.h"

namespace sonde::cli {

extern const Command kCaptureCommand;

}  // namespace sonde::cli
