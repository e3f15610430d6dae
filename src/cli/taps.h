#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/result.h"
#include "model/gauges.h"

namespace sonde::cli {

/// A running tap, as it describes itself (recorder/tap_status.h).
struct Tap {
  pid_t pid = 0;
  std::string server;
  std::string version;
  std::string started_at;
  std::string updated_at;
  bool capture_on = false;
  std::string capture_until;
  std::vector<std::pair<std::string, std::uint64_t>> counters;   ///< Those that are not 0.
  std::vector<std::pair<std::string, std::string>> sink_errors;  ///< Name and error.
  std::optional<Gauges> gauges;                                  ///< Of a proxy.
  struct Server {
    std::string name;
    std::string state;
    std::string reason;
  };
  std::vector<Server> servers;  ///< Those with a pulse.
  std::vector<std::string> config_faults;
  std::string document;  ///< The JSON text of all this.
  std::string silence;   ///< Why its socket gave no answer; empty: it did.
};

/// Reads the stats document of a tap.  Fails if it is none.
Result<Tap> parse_tap(std::string_view document);

struct RunningTaps {
  std::vector<Tap> taps;            ///< By server name, then pid.
  std::uint32_t removed = 0;        ///< Files of taps that are gone.
  std::vector<std::string> faults;  ///< "PATH: why"
};

/// Finds the running taps in the control folder, each asked how it is doing; removes what
/// dead ones have left behind.
///
/// Limits.  kTapsMax.  Blocking.  Up to one second for each tap that does not answer.
RunningTaps running_taps(const std::string& control_dir);
inline constexpr std::size_t kTapsMax = 1000;

}  // namespace sonde::cli
