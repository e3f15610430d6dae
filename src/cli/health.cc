#include "cli/health.h"

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <chrono>
#include <memory>
#include <string>
#include <system_error>

#include "base/fd.h"
#include "base/printable.h"

namespace sonde::cli {
namespace {

using std::chrono::steady_clock;

constexpr std::string_view kDefaultAddress = "127.0.0.1:8080";
constexpr std::chrono::seconds kPatience(5);
constexpr std::size_t kAnswerMax = 1024;

std::unexpected<Error> system_error() {
  return fail(Errc::kUnavailable, std::generic_category().message(errno));
}

/// "127.0.0.1:8080", "[::1]:8080"; no names, so nobody is asked.
struct Address {
  std::string host;
  std::string port;
};

Result<Address> parse_address(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos || colon + 1 == text.size()) {
    return fail(Errc::kInvalidInput, "is no address; write HOST:PORT, as 127.0.0.1:8080");
  }
  std::string_view host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  if (host == "localhost") host = "127.0.0.1";
  return Address{.host = std::string(host), .port = std::string(text.substr(colon + 1))};
}

/// Waits for `events`, but not beyond the deadline.
Status await(int fd, short events, steady_clock::time_point deadline) {
  for (;;) {
    const auto left = std::chrono::ceil<std::chrono::milliseconds>(deadline - steady_clock::now());
    pollfd one{.fd = fd, .events = events, .revents = 0};
    const int ready = poll(&one, 1, static_cast<int>(std::max<std::int64_t>(left.count(), 0)));
    if (ready > 0) return {};
    if (ready == 0) return fail(Errc::kUnavailable, "no answer within 5 s");
    if (errno != EINTR) return system_error();
  }
}

Result<Fd> connected(const Address& address, steady_clock::time_point deadline) {
  addrinfo hints{};
  hints.ai_flags = AI_NUMERICHOST | AI_NUMERICSERV;
  hints.ai_socktype = SOCK_STREAM;
  addrinfo* found = nullptr;
  const int wrong = getaddrinfo(address.host.c_str(), address.port.c_str(), &hints, &found);
  if (wrong != 0) return fail(Errc::kInvalidInput, gai_strerror(wrong));
  const std::unique_ptr<addrinfo, decltype(&freeaddrinfo)> owned(found, &freeaddrinfo);
  Fd fd(socket(found->ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return system_error();
  if (connect(fd.get(), found->ai_addr, found->ai_addrlen) != 0) {
    if (errno != EINPROGRESS) return system_error();
    SONDE_RETURN_IF_ERROR(await(fd.get(), POLLOUT, deadline));
    int error = 0;
    socklen_t size = sizeof error;
    if (getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &error, &size) != 0) return system_error();
    if (error != 0) return fail(Errc::kUnavailable, std::generic_category().message(error));
  }
  return fd;
}

/// The answer's first line.
Result<std::string> status_line(const Address& address, std::string_view path) {
  const steady_clock::time_point deadline = steady_clock::now() + kPatience;
  const auto fd = connected(address, deadline);
  if (!fd) return fail(fd.error());
  const std::string request =
      "GET " + std::string(path) + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n";
  // A new connection takes so little at once.
  if (send(fd->get(), request.data(), request.size(), MSG_NOSIGNAL) !=
      static_cast<ssize_t>(request.size())) {
    return system_error();
  }
  std::string answer;
  std::array<char, kAnswerMax> block{};
  while (answer.find('\n') == std::string::npos && answer.size() < kAnswerMax) {
    SONDE_RETURN_IF_ERROR(await(fd->get(), POLLIN, deadline));
    const ssize_t got = read(fd->get(), block.data(), block.size());
    if (got < 0 && errno != EAGAIN && errno != EINTR) return system_error();
    if (got == 0) break;
    if (got > 0) answer.append(block.data(), static_cast<std::size_t>(got));
  }
  return answer.substr(0, answer.find_first_of("\r\n"));
}

int run_health(const Arguments& arguments, Io& io) {
  const std::string_view text =
      arguments.words().empty() ? kDefaultAddress : arguments.words().front();
  const std::string name = "health: " + printable(text, 64) + ": ";
  const auto address = parse_address(text);
  if (!address) {
    complain(io, name + address.error().message());
    return kUsage;
  }
  const auto line = status_line(*address, arguments.has("ready") ? "/readyz" : "/healthz");
  if (!line) {
    complain(io, name + line.error().message());
    return kProblem;
  }
  // "HTTP/1.1 200 OK"
  if (line->starts_with("HTTP/1.") && line->substr(8, 5) == " 200 ") return kDone;
  complain(io, name + (line->empty() ? "an empty answer" : printable(*line, 64)));
  return kProblem;
}

constexpr std::array<Option, 1> kOptions = {{
    {.name = "ready", .help = "Ask whether it takes new work, not only whether it lives."},
}};

constexpr std::array<Example, 2> kExamples = {{
    {"sonde health", "The proxy on 127.0.0.1:8080."},
    {"sonde health --ready 127.0.0.1:9090", "One with --health-listen 127.0.0.1:9090."},
}};

constexpr std::array<Example, 3> kExitCodes = {{
    {"0", "It answered that all is well."},
    {"1", "It did not, or not within 5 s."},
    {"2", "The command line is wrong."},
}};

}  // namespace

const Command kHealthCommand = {
    .name = "health",
    .arguments = "[HOST:PORT]",
    .summary = "Ask a running proxy whether it is well.",
    .description =
        "Asks `sonde proxy` for /healthz, or /readyz, where it listens. For containers, which have "
        "no other program to ask with.",
    .options = kOptions,
    .examples = kExamples,
    .exit_codes = kExitCodes,
    .arguments_max = 1,
    .run = run_health,
};

}  // namespace sonde::cli
