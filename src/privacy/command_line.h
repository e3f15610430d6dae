#pragma once

#include <string>
#include <vector>

#include "privacy/redactor.h"

namespace sonde::privacy {

/// What may be shown of the command that starts a server.
///
/// Purpose.  Arguments are content: folders, names, queries.  What says which program runs
/// stays: its name, names of flags, packages (`@scope/name`, or the word behind a launcher
/// such as npx), names of script files, words of the vocabulary such as `stdio`.  All else
/// is `<arg>`, so not even its length is told; secrets are redacted before.
std::vector<std::string> shown_command(std::vector<std::string> command, Redactor& redactor);

}  // namespace sonde::privacy
