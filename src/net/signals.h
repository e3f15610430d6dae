#pragma once

#include <optional>
#include <utility>

#include "base/fd.h"

namespace sonde::net {

/// Gives a child the signals of a fresh start: every disposition the default, none blocked.
///
/// Whatever we or the one who started us have ignored or blocked is not passed on, with one
/// exception: an ignored SIGHUP stays ignored.  That is how nohup(1) reaches its command.
/// Safe between fork() and exec(), where it is meant to be called.
void reset_signals_of_child() noexcept;

/// The signals of this process as something that poll() can wait for.
///
/// Purpose.  Blocks the signals that end, stop or inform a process, and yields them one
/// by one.  One that the parent has set to be ignored (nohup, a shell's `&`) stays
/// ignored.  SIGPIPE is ignored: a broken pipe is a result, not a surprise.
/// Threads.  Made before any other thread, so that all threads block them.
class SignalReader {
 public:
  /// Nothing if the process has no descriptors left.
  static std::optional<SignalReader> make();

  int fd() const noexcept { return fd_.get(); }
  std::optional<int> next() noexcept;

 private:
  explicit SignalReader(Fd fd) noexcept : fd_(std::move(fd)) {}

  Fd fd_;
};

/// Ends this process by `signal`, without a core file.  Returns only if that did not do
/// it: the signal does not kill, or we are the first process of a container.
void die_by(int signal) noexcept;

}  // namespace sonde::net
