#pragma once

#include <string_view>

namespace sonde::net {

/// Tells the service manager that started us, if it asked to be told (sd_notify(3)):
/// "READY=1", "RELOADING=1", "STOPPING=1", "MAINPID=42".  Does nothing without NOTIFY_SOCKET.
/// Blocking.  Never.  Failure.  None.
void tell_service_manager(std::string_view state) noexcept;

}  // namespace sonde::net
