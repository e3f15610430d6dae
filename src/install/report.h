#pragma once

#include <string>

#include "install/install.h"

namespace sonde::install {

/// What was done, for a person.  Nothing that a file holds is shown but names, and of
/// commands what says which program they are.
std::string as_text(const Outcome& outcome, const Request& request);

/// The same as JSON, one object for each file and line.
std::string as_json(const Outcome& outcome, const Request& request);

/// Whether all went well: no file was refused, and the server asked for was found.
bool succeeded(const Outcome& outcome, const Request& request);

}  // namespace sonde::install
