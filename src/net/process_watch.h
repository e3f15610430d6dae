#pragma once

#include "base/fd.h"

namespace sonde::net {

/// A descriptor that becomes readable when the process that started us ends.  Empty if
/// it has gone already, or the kernel cannot tell (before Linux 5.3).
Fd watch_parent();

}  // namespace sonde::net
