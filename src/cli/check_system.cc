// The checks that ask the system: folders, disk, network.
#include <array>
#include <cerrno>
#include <memory>
#include <string>
#include <string_view>
#include <system_error>

#include <fcntl.h>
#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/printable.h"
#include "cli/checks.h"
#include "config/value.h"

namespace sonde::cli {
namespace {

constexpr std::uint64_t kFreeBytesMin = std::uint64_t{64} * 1024 * 1024;
constexpr int kConnectMs = 1000;

std::string reason(int error) { return std::generic_category().message(error); }

std::string parent_of(const std::string& path) {
  const std::size_t slash = path.rfind('/');
  if (slash == std::string::npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

Finding red(std::string what, const std::string& where, std::string advice) {
  return {.level = Level::kRed,
          .what = std::move(what),
          .where = printable(where),
          .advice = std::move(advice)};
}

/// Whether a file can be made in `folder`, or the folder itself where it will be made.
Finding check_folder(const std::string& folder, std::string_view what) {
  std::string existing = folder;
  struct stat info{};
  while (stat(existing.c_str(), &info) != 0) {
    const bool absent = errno == ENOENT || errno == ENOTDIR;
    if (!absent || existing == "/" || existing == ".") {
      return red(std::string(what) + " cannot be reached: " + reason(errno), existing,
                 "make it a folder that you may write");
    }
    existing = parent_of(existing);
  }
  if (!S_ISDIR(info.st_mode)) {
    return red(std::string(what) + " cannot be made: this is a file, not a folder", existing,
               "move the file away, or set state_dir to another folder");
  }
  if (access(existing.c_str(), W_OK | X_OK) != 0) {
    return red(std::string(what) + " cannot be written: " + reason(errno), existing,
               "give yourself the right to write there, or set state_dir to another folder");
  }
  const bool there = existing == folder;
  return {.level = Level::kOk,
          .what = std::string(what) + (there ? "" : ", made at first use"),
          .where = printable(folder),
          .advice = {}};
}

void check_secrecy(const std::string& folder, Findings& out) {
  struct stat info{};
  if (stat(folder.c_str(), &info) != 0 || (info.st_mode & 077U) == 0) return;
  out.push_back({.level = Level::kWarn,
                 .what = "other users may look into this folder",
                 .where = printable(folder),
                 .advice = "chmod 700 it"});
}

void check_room(const std::string& folder, Findings& out) {
  std::string existing = folder;
  struct statvfs info{};
  while (statvfs(existing.c_str(), &info) != 0 && existing.size() > 1) {
    existing = parent_of(existing);
  }
  const std::uint64_t room = std::uint64_t{info.f_bavail} * info.f_frsize;
  if (info.f_frsize == 0 || room >= kFreeBytesMin) return;
  out.push_back(
      {.level = Level::kWarn,
       .what = "only " + std::to_string(room / 1024 / 1024) + " MiB are left on this disk",
       .where = printable(existing),
       .advice = "free some, or lower log.file_bytes_max and log.files_max"});
}

void check_log_file(const std::string& file, Findings& out) {
  const int opened = open(file.c_str(), O_WRONLY | O_APPEND | O_CLOEXEC | O_NONBLOCK);
  const int error = errno;
  const Fd closer(opened);
  if (opened >= 0 || error == ENOENT || error == ENOTDIR) return;
  out.push_back(red("the log cannot be written: " + reason(error), file,
                    "give yourself the right to write it, or set log.file to another"));
}

struct Endpoint {
  bool udp = false;
  std::string host;
  std::string port;
};

Endpoint split_endpoint(std::string_view text) {
  Endpoint out;
  out.udp = text.starts_with("udp://");
  text.remove_prefix(6);
  const std::size_t colon = text.rfind(':');
  std::string_view host = text.substr(0, colon);
  if (host.starts_with('[') && host.ends_with(']')) host = host.substr(1, host.size() - 2);
  out.host = host;
  out.port = text.substr(colon + 1);
  return out;
}

/// Empty if the connection came about.
std::string connect_failure(const addrinfo& address) {
  const Fd fd(socket(address.ai_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0));
  if (!fd) return reason(errno);
  if (connect(fd.get(), address.ai_addr, address.ai_addrlen) == 0) return {};
  if (errno != EINPROGRESS) return reason(errno);
  pollfd polled{.fd = fd.get(), .events = POLLOUT, .revents = 0};
  if (poll(&polled, 1, kConnectMs) <= 0) return "no answer within a second";
  int error = 0;
  socklen_t size = sizeof error;
  getsockopt(fd.get(), SOL_SOCKET, SO_ERROR, &error, &size);
  return error == 0 ? std::string() : reason(error);
}

std::string reach_failure(const Endpoint& endpoint) {
  addrinfo hints{};
  hints.ai_socktype = endpoint.udp ? SOCK_DGRAM : SOCK_STREAM;
  addrinfo* list = nullptr;
  const int failed = getaddrinfo(endpoint.host.c_str(), endpoint.port.c_str(), &hints, &list);
  if (failed != 0) return gai_strerror(failed);
  const std::unique_ptr<addrinfo, void (*)(addrinfo*)> owner(list, freeaddrinfo);
  if (endpoint.udp) return {};
  std::string failure = "the name has no address";
  for (const addrinfo* one = list; one != nullptr && !failure.empty(); one = one->ai_next) {
    failure = connect_failure(*one);
  }
  return failure;
}

}  // namespace

Findings check_folders(const config::Loaded& loaded) {
  const Config& config = loaded.config;
  Findings out;
  if (config.state_dir.empty()) {
    out.push_back(red("there is no place for logs: HOME is not set and no user is known", "",
                      "set HOME, or state_dir"));
    return out;
  }
  out.push_back(check_folder(config.state_dir, "state folder"));
  check_secrecy(config.state_dir, out);
  if (config.log.to_file) {
    const std::string folder = parent_of(config.log.file);
    if (!folder.starts_with(config.state_dir) || out.front().level == Level::kOk) {
      out.push_back(check_folder(folder, "log folder"));
    }
    if (!loaded.config.server_name.empty()) check_log_file(config.log.file, out);
    check_room(folder, out);
  }
  return out;
}

Findings check_agent(const config::Loaded& loaded) {
  const EmfConfig& emf = loaded.config.emf;
  if (emf.agent_endpoint.empty() || emf.mode == EmfConfig::Mode::kOff) return {};
  const Endpoint endpoint = split_endpoint(emf.agent_endpoint);
  const std::string failure = reach_failure(endpoint);
  if (!failure.empty()) {
    return {red("the CloudWatch agent cannot be reached: " + failure, emf.agent_endpoint,
                "start the agent with its emf section, or correct emf.agent_endpoint")};
  }
  return {
      {.level = Level::kOk,
       .what = endpoint.udp ? "agent address known; over UDP nobody confirms" : "agent reachable",
       .where = printable(emf.agent_endpoint),
       .advice = {}}};
}

}  // namespace sonde::cli
