#pragma once

#include <functional>
#include <string>

#include "cli/command.h"
#include "install/install.h"

namespace sonde::app {

/// `sonde install` and `sonde uninstall` for cli::Io.  `program` is the word that this
/// program was started by.
std::function<int(const cli::Arguments&, cli::Io&)> install_command(install::Action action,
                                                                    std::string program);

}  // namespace sonde::app
