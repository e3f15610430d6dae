#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace sonde::aws {

/// The words of a command, the program first.
using CommandLine = std::vector<std::string>;

/// What a program that has ended left behind.
struct Finished {
  int exit_code = 0;  ///< 128 and its number for a signal.
  std::string out;
  std::string err;
};

/// Runs a program to its end; a test has one of its own.
using RunProgram = std::function<Result<Finished>(const CommandLine& command)>;

/// Runs a program of PATH with this process's environment, stdin from /dev/null.
///
/// Limits.  16 MiB of either output; what is more is thrown away.
/// Blocking.  Until it has ended.  Ctrl-C ends it too: it is of our process group.
/// Failure.  kUnavailable if there is no such program, or it cannot be started.
Result<Finished> run_program(const CommandLine& command);

/// As a shell would read it back: `aws s3 cp 'my file' s3://b/k`.
std::string shell_text(const CommandLine& command);

}  // namespace sonde::aws
