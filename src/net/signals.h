#pragma once

#include <csignal>
#include <optional>

#include "net/unique_fd.h"

namespace sonde::net {

/// What this process was given by its parent, and its children are given by it.
struct InheritedSignals {
  sigset_t mask{};
  bool ignores_pipe = false;
  bool ignores_child = false;

  /// Puts it back.  Safe between fork() and exec().
  void restore() const noexcept;
};

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
  const InheritedSignals& inherited() const noexcept { return inherited_; }

 private:
  SignalReader(UniqueFd fd, const InheritedSignals& inherited) noexcept
      : fd_(std::move(fd)), inherited_(inherited) {}

  UniqueFd fd_;
  InheritedSignals inherited_;
};

/// Ends this process by `signal`, without a core file.  Returns only if that did not do
/// it: the signal does not kill, or we are the first process of a container.
void die_by(int signal) noexcept;

}  // namespace sonde::net
