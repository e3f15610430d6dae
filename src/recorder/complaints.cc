#include "recorder/complaints.h"

#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <utility>

#include "base/printable.h"

namespace sonde::recorder {
namespace {

constexpr std::size_t kLineCharactersMax = 400;

/// Below PIPE_BUF, so a pipe that polls as writable takes the whole line without waiting.
void write_line(int fd, std::string_view text) {
  const std::string line = "sonde: " + printable(text, kLineCharactersMax) + "\n";
  pollfd out{.fd = fd, .events = POLLOUT, .revents = 0};
  if (::poll(&out, 1, 0) != 1 || (out.revents & POLLOUT) == 0) return;
  // Nobody is left to be told that stderr does not work.
  [[maybe_unused]] const auto written = ::write(fd, line.data(), line.size());
}

}  // namespace

void Complaints::about(std::string_view kind, std::string_view what, Moment now) {
  if (told_.size() >= kKindsMax || std::ranges::find(told_, kind) != told_.end()) return;
  told_.emplace_back(kind);

  Event event;
  event.type = Event::Type::kTapDegraded;
  event.at = now.wall;
  event.message = std::string(kind) + ": " + std::string(what);
  // One line in all: stderr is the server's, and doctor tells the rest.
  if (told_.size() == 1) write_line(stderr_fd_, event.message + " (see sonde doctor)");
  events_.push_back(std::move(event));
}

std::vector<Event> Complaints::take() { return std::exchange(events_, {}); }

}  // namespace sonde::recorder
