#pragma once

#include "cli/command.h"

namespace sonde::cli {

extern const Command kDoctorCommand;

}  // namespace sonde::cli
