#include "recorder/unix_address.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include <cerrno>
#include <system_error>
#include <utility>

namespace sonde::recorder {
namespace {

std::unexpected<Error> failed(const std::string& doing, const std::string& path) {
  const Errc code = errno == ECONNREFUSED || errno == ENOENT ? Errc::kUnavailable : Errc::kInternal;
  return fail(code, doing + " " + path + ": " + std::generic_category().message(errno));
}

/// An address, and the folder that it may go through, open as long as it is used.
struct Address {
  sockaddr_un name{};
  Fd dir;

  const sockaddr* get() const noexcept { return reinterpret_cast<const sockaddr*>(&name); }
};

Result<Address> address_of(const std::string& path) {
  Address address;
  address.name.sun_family = AF_UNIX;
  std::string text = path;
  if (text.size() >= sizeof address.name.sun_path) {
    const std::size_t slash = path.rfind('/');
    const std::string dir = slash == std::string::npos ? "." : path.substr(0, slash);
    address.dir = Fd(::open(dir.c_str(), O_PATH | O_DIRECTORY | O_CLOEXEC));
    if (!address.dir) return failed("open", dir);
    text = "/proc/self/fd/" + std::to_string(address.dir.get()) + "/" + path.substr(slash + 1);
  }
  if (text.size() >= sizeof address.name.sun_path) {
    return fail(Errc::kInvalidInput, "socket name too long: " + path);
  }
  text.copy(address.name.sun_path, text.size());
  return address;
}

Fd stream_socket() { return Fd(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0)); }

}  // namespace

Result<Fd> connect_unix(const std::string& path) {
  const Result<Address> address = address_of(path);
  if (!address) return fail(address.error());
  Fd fd = stream_socket();
  if (!fd) return failed("socket for", path);
  if (::connect(fd.get(), address->get(), sizeof address->name) != 0) {
    return failed("connect to", path);
  }
  return fd;
}

Result<Fd> listen_unix(const std::string& path, int backlog) {
  const Result<Address> address = address_of(path);
  if (!address) return fail(address.error());
  Fd fd = stream_socket();
  if (!fd) return failed("socket for", path);
  // Linux takes the mode of the new file from the socket: no moment at which the umask
  // alone decides, and the umask belongs to the whole process.
  if (::fchmod(fd.get(), 0600) != 0) return failed("chmod", path);
  if (::bind(fd.get(), address->get(), sizeof address->name) != 0) return failed("bind", path);
  if (::listen(fd.get(), backlog) != 0) return failed("listen at", path);
  return fd;
}

}  // namespace sonde::recorder
