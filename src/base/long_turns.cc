#include "base/long_turns.h"

#include <sched.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <chrono>
#include <cstdint>

namespace sonde {
namespace {

constexpr std::chrono::nanoseconds kTurn = std::chrono::milliseconds(10);

/// As in linux/sched/types.h, which does not agree with sched.h of this C library.
struct SchedAttr {
  std::uint32_t size = sizeof(SchedAttr);
  std::uint32_t policy = 0;
  std::uint64_t flags = 0;
  std::int32_t nice = 0;
  std::uint32_t priority = 0;
  std::uint64_t runtime = 0;
  std::uint64_t deadline = 0;
  std::uint64_t period = 0;
};
static_assert(sizeof(SchedAttr) == 48);  // SCHED_ATTR_SIZE_VER0

}  // namespace

void ask_for_long_turns() noexcept {
  SchedAttr now;
  if (syscall(SYS_sched_getattr, 0, &now, sizeof now, 0) != 0) return;
  if (now.policy != SCHED_OTHER && now.policy != SCHED_BATCH) return;
  SchedAttr wanted;
  wanted.policy = now.policy;
  wanted.nice = now.nice;
  wanted.runtime = static_cast<std::uint64_t>(kTurn.count());
  syscall(SYS_sched_setattr, 0, &wanted, 0);
}

}  // namespace sonde
