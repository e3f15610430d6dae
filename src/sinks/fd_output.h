#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <string_view>

#include "sinks/line_output.h"

namespace sonde::sinks {

/// Lines to a descriptor that was there before us: stderr, or stdout of a proxy.
///
/// Purpose.  The reader may be slow or asleep, and the descriptor is shared, so its flags
/// are not ours to change: where the system allows it, a description of our own is opened
/// for the same pipe or terminal, and that one never blocks.
/// Limits.  Pieces of at most 4096 bytes, which a pipe takes whole, so that lines do not
/// mix with those of other writers; a longer line is written in several.
/// Blocking.  At most `wait_max` a call, and not at all while the reader is known to sleep.
/// Ownership.  `fd` stays the caller's and must stay open.
/// REQUIRES: SIGPIPE is ignored.
class FdOutput final : public LineOutput {
 public:
  struct Options {
    std::string name = "stderr";
    std::chrono::milliseconds wait_max{100};
  };

  FdOutput(int fd, Options options);
  ~FdOutput() override;
  FdOutput(const FdOutput&) = delete;
  FdOutput& operator=(const FdOutput&) = delete;

  std::string_view name() const override { return options_.name; }
  Result<std::size_t> write(std::string_view lines, Moment now) override;
  Status close(Moment now) override;

 private:
  Result<std::size_t> write_some(std::string_view bytes);
  bool wait(std::chrono::nanoseconds until) const;
  std::chrono::nanoseconds deadline() const;
  Result<bool> finish_line(std::chrono::nanoseconds until);

  const Options options_;
  int fd_ = -1;
  std::string rest_;      // Of a line that was written in part.
  bool stalled_ = false;  // The last wait was in vain.
};

}  // namespace sonde::sinks
