#pragma once

#include <cstddef>
#include <optional>

#include "base/fd.h"

namespace sonde::net {

/// Both ends of a pipe, close-on-exec.
struct Pipe {
  Fd reader;
  Fd writer;
};

enum class Nonblocking : bool { kNo, kYes };

/// Nothing if the process has no descriptors left; errno says why.
std::optional<Pipe> make_pipe(Nonblocking nonblocking);

/// Asks for a capacity; the kernel may refuse (pipe-user-pages-soft), and nothing is
/// lost if it does.
void grow_pipe(int fd, std::size_t bytes) noexcept;

}  // namespace sonde::net
