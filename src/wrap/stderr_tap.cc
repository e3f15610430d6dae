#include "wrap/stderr_tap.h"

#include <poll.h>
#include <sys/eventfd.h>

#include <array>
#include <system_error>
#include <utility>

namespace sonde::wrap {
namespace {

short events_of(Lane::Waits waits) noexcept {
  return waits == Lane::Waits::kForOutput ? POLLOUT : POLLIN;
}

}  // namespace

StderrTap::StderrTap(net::StreamEnd from, net::StreamEnd to, const Clock& clock)
    : clock_(clock), lane_(std::move(from), std::move(to), *this, clock) {}

StderrTap::~StderrTap() {
  // A thread that did not end in time is held by a medium; the process is about to end.
  if (thread_.joinable()) thread_.detach();
}

bool StderrTap::start() {
  stop_.reset(eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK));
  if (!stop_) return false;
  try {
    thread_ = std::thread([this] { run(); });
  } catch (const std::system_error&) {
    return false;
  }
  return true;
}

void StderrTap::run() {
  while (lane_.waits() != Lane::Waits::kFinished) {
    std::array<pollfd, 2> entries{
        pollfd{.fd = lane_.fd(), .events = events_of(lane_.waits()), .revents = 0},
        pollfd{.fd = stop_.get(), .events = POLLIN, .revents = 0}};
    if (poll(entries.data(), entries.size(), -1) < 0) continue;
    if (entries[0].revents != 0) lane_.advance();
    if (entries[1].revents != 0) break;
  }
  ended_.release();
}

std::vector<std::string> StderrTap::finish(std::chrono::nanoseconds deadline) {
  if (thread_.joinable()) {
    const std::uint64_t one = 1;
    (void)!write(stop_.get(), &one, sizeof one);
    const auto left = deadline - clock_.now().monotonic;
    if (!ended_.try_acquire_for(left)) return {};
    thread_.join();
  }
  drain(deadline);
  return tail_.lines();
}

std::vector<std::string> StderrTap::take_recent() {
  const std::scoped_lock held(tail_mutex_);
  std::vector<std::string> lines = tail_.lines();
  tail_ = TailLines();
  return lines;
}

// What the server wrote before it ended is in the pipe; descendants may write for ever.
void StderrTap::drain(std::chrono::nanoseconds deadline) {
  while (lane_.waits() != Lane::Waits::kFinished) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - clock_.now().monotonic);
    if (left.count() <= 0) return;
    const bool input = lane_.waits() == Lane::Waits::kForInput;
    if (!wait_for_lane(input ? 0 : static_cast<int>(left.count()))) return;
    lane_.advance();
  }
}

bool StderrTap::wait_for_lane(int timeout_ms) {
  pollfd entry{.fd = lane_.fd(), .events = events_of(lane_.waits()), .revents = 0};
  return poll(&entry, 1, timeout_ms) > 0;
}

void StderrTap::on_chunk(std::string_view bytes, Moment, std::chrono::nanoseconds) {
  bytes_.fetch_add(bytes.size(), std::memory_order_relaxed);
  const std::scoped_lock held(tail_mutex_);
  tail_.take(bytes);
}

}  // namespace sonde::wrap
