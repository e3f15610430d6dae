#pragma once

#include <sys/types.h>

#include <cstdint>
#include <optional>
#include <string>

#include "base/result.h"

namespace sonde::recorder {

/// The folder where running taps are found: `<pid>.json` says how a tap is doing,
/// `<pid>.sock` takes requests.  Only its owner may enter (0700).
///
/// Makes the folder and what is missing above it.  Fails if it belongs to somebody else;
/// takes away what others may do in it.
Status open_control_dir(const std::string& path);

std::string stats_path(const std::string& dir, pid_t pid);
std::string socket_path(const std::string& dir, pid_t pid);

/// When a process started, in clock ticks since boot (field 22 of /proc/<pid>/stat): with
/// the pid, a name that is never given twice.  Nothing if there is no such process.
std::optional<std::uint64_t> process_start_ticks(pid_t pid);

struct SweepLimits {
  std::uint32_t looked_at_max = 1000;  ///< Names in the folder.
  std::uint32_t removed_max = 100;     ///< Files.
};

/// Removes the files of taps that are gone: no such process, or one that started at
/// another time than `<pid>.json` says.  A tap whose socket answers is alive wherever its
/// process is: containers may share a folder, and each counts its pids from 1.
/// Returns how many files were removed.
std::uint32_t sweep_control_dir(const std::string& dir, SweepLimits limits = {});

}  // namespace sonde::recorder
