#include "recorder/control_client.h"

#include <poll.h>
#include <sys/socket.h>

#include <array>
#include <cerrno>
#include <system_error>

#include "recorder/unix_address.h"

namespace sonde::recorder {
namespace {

using SteadyClock = std::chrono::steady_clock;

std::unexpected<Error> gone(const std::string& what) {
  return fail(Errc::kUnavailable, "ask the tap: " + what);
}

bool readable_until(int fd, SteadyClock::time_point deadline) {
  for (;;) {
    const auto left =
        std::chrono::ceil<std::chrono::milliseconds>(deadline - SteadyClock::now()).count();
    if (left <= 0) return false;
    pollfd in{.fd = fd, .events = POLLIN, .revents = 0};
    const int ready = ::poll(&in, 1, static_cast<int>(left));
    if (ready > 0) return true;
    if (ready < 0 && errno != EINTR) return false;
  }
}

}  // namespace

Result<std::string> ask_tap(const std::string& socket_path, std::string_view request,
                            AskOptions options) {
  const Result<Fd> fd = connect_unix(socket_path);
  if (!fd) return fail(fd.error());
  const std::string line = std::string(request) + "\n";
  const ssize_t sent = ::send(fd->get(), line.data(), line.size(), MSG_NOSIGNAL);
  if (sent != static_cast<ssize_t>(line.size())) return gone("the request was not taken");

  const SteadyClock::time_point deadline = SteadyClock::now() + options.timeout;
  std::string answer;
  while (!answer.ends_with('\n')) {
    if (!readable_until(fd->get(), deadline)) return gone("no answer in time");
    std::array<char, 16 * 1024> chunk;
    const ssize_t size = ::recv(fd->get(), chunk.data(), chunk.size(), 0);
    if (size == 0) return gone("it hung up");
    if (size < 0) return gone(std::generic_category().message(errno));
    answer.append(chunk.data(), static_cast<std::size_t>(size));
    if (answer.size() > options.answer_bytes_max) return gone("the answer is too long");
  }
  answer.pop_back();
  return answer;
}

}  // namespace sonde::recorder
