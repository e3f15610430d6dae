#pragma once

#include <string>

#include "base/fd.h"
#include "base/result.h"

namespace sonde::recorder {

/// A stream socket at `path`, connected without waiting; kUnavailable if nobody listens.
///
/// Limits.  A path of any length: where it does not fit into an address (107 bytes), its
/// folder is opened and the address goes through /proc/self/fd.
Result<Fd> connect_unix(const std::string& path);

/// A stream socket that listens at `path`, which must not exist, for its owner only (0600).
Result<Fd> listen_unix(const std::string& path, int backlog);

}  // namespace sonde::recorder
