#pragma once

#include <string>

#include "install/servers.h"
#include "privacy/redactor.h"

namespace sonde::install {

/// The text of a document as it may be shown: same lines, same keys, but values and
/// comments are `…`, except what says which program a server is.
///
/// Purpose.  These files hold tokens, in `env`, in arguments and in comments, and a diff
/// shows lines around what it changes.  Of commands the same is shown as of observed ones
/// (privacy::shown_command).
std::string masked(const JsoncDocument& document, const std::vector<Server>& servers,
                   privacy::Redactor& redactor);

/// The words of a server's original command as they may be shown, with one blank between.
std::string shown_server(const JsoncDocument& document, const Server& server,
                         privacy::Redactor& redactor);

}  // namespace sonde::install
