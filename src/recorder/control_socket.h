#pragma once

#include <poll.h>
#include <sys/types.h>

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "base/fd.h"
#include "base/result.h"

namespace sonde::recorder {

/// Who asks, as the kernel says (SO_PEERCRED).
struct ControlPeer {
  uid_t uid = 0;
  pid_t pid = 0;
};

/// Only the user whose tap it is may ask; root too, who may do as that user anyway.
bool may_ask(uid_t peer, uid_t own) noexcept;

/// The unix socket on which a running tap takes requests: a line in, a line out.
///
/// Purpose.  Lives inside the poll loop of its owner, so that it needs no thread.
/// Limits.  request_bytes_max per request, clients_max at once (more wait in the backlog),
/// client_timeout from connection to answer; a client that breaks one is dropped.
/// Threads.  One owner.  Blocking.  Never.  Failure.  None after open().
class ControlSocket {
 public:
  struct Options {
    std::uint32_t request_bytes_max = 4096;
    std::uint32_t clients_max = 8;
    std::chrono::milliseconds client_timeout{1'000};
  };
  /// Makes the answer, without its newline, to a request line.
  using Answer = std::function<std::string(std::string_view line, ControlPeer peer)>;

  /// Listens at `path`.  A file left there by a dead process is replaced; fails if a
  /// living one answers.
  static Result<std::unique_ptr<ControlSocket>> open(std::string path, Options options);
  /// Removes the file.
  ~ControlSocket();
  ControlSocket(const ControlSocket&) = delete;
  ControlSocket& operator=(const ControlSocket&) = delete;

  /// Appends what has to be polled.
  void add_to(std::vector<pollfd>& polled) const;
  /// Serves who is ready.  REQUIRES: `polled` is what the last add_to() appended.
  void serve(std::span<const pollfd> polled, Moment now, const Answer& answer);
  /// When serve() has to be called at the latest, by the monotonic clock.
  std::chrono::nanoseconds deadline() const noexcept;

  std::size_t clients() const noexcept { return clients_.size(); }

 private:
  struct Client {
    Fd fd;
    ControlPeer peer;
    std::chrono::nanoseconds deadline{};
    std::string request;
  };

  ControlSocket(std::string path, Fd listener, Options options);
  bool listening() const noexcept;
  void accept_one(Moment now);
  bool read_request(Client& client, const Answer& answer);

  const std::string path_;
  const Options options_;
  Fd listener_;
  std::vector<Client> clients_;
  std::chrono::nanoseconds resume_at_{};  ///< Until then no descriptors were left to accept.
};

}  // namespace sonde::recorder
