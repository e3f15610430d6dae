#pragma once

#include <chrono>
#include <string>
#include <string_view>

#include "base/result.h"

namespace sonde::recorder {

struct AskOptions {
  std::chrono::milliseconds timeout{2'000};
  std::size_t answer_bytes_max = std::size_t{256} * 1024;
};

/// Sends one request line to the control socket of a running tap, and returns the answer
/// without its newline.
///
/// Limits.  answer_bytes_max.  Blocking.  Until `timeout`.
/// Failure.  kUnavailable if nobody listens or the answer did not come in time.
Result<std::string> ask_tap(const std::string& socket_path, std::string_view request,
                            AskOptions options = {});

}  // namespace sonde::recorder
