#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>

#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/check.h"
#include "base/fd.h"
#include "recorder/control_dir.h"
#include "recorder/unix_address.h"

// For the tests of this module.

namespace sonde::cli {

/// The stats document of a tap that lives in this process.
struct TapDocument {
  std::string server = "search";
  std::string counters = R"({"calls_finished":7})";
  std::string gauges = "";  ///< A proxy's: `"gauges":{…},`.
  std::string capture = R"({"on":false,"until":"","errors_only":false})";
  std::string sinks = R"([{"name":"file","ok":true,"error":""}])";
  std::string faults = "[]";
  pid_t pid = getpid();

  std::string text() const {
    const auto ticks = recorder::process_start_ticks(pid).value_or(1);
    return R"({"pid":)" + std::to_string(pid) + R"(,"start_ticks":)" + std::to_string(ticks) +
           R"(,"server":")" + server +
           R"(","started_at":"2026-11-20T11:00:00.000Z","tap_version":"0.1.0","counters":)" +
           counters + ',' + gauges + R"("capture":)" + capture + R"(,"sinks":)" + sinks +
           R"(,"config_faults":)" + faults + R"(,"updated_at":"2026-11-20T11:59:00.000Z"})";
  }
};

/// Answers on the control socket of this process: to each request line what `answer` says.
class FakeTap {
 public:
  using Answer = std::function<std::string(std::string_view request)>;

  FakeTap(const std::string& folder, Answer answer) : answer_(std::move(answer)) {
    std::filesystem::create_directories(folder);
    auto listener = recorder::listen_unix(recorder::socket_path(folder, getpid()), 8);
    SONDE_CHECK(listener.has_value());
    listener_ = *std::move(listener);
    thread_ = std::thread([this] { serve(); });
  }
  ~FakeTap() {
    eventfd_write(stop_.get(), 1);
    thread_.join();
  }
  FakeTap(const FakeTap&) = delete;
  FakeTap& operator=(const FakeTap&) = delete;

 private:
  void serve() {
    for (;;) {
      pollfd polled[2] = {{.fd = stop_.get(), .events = POLLIN, .revents = 0},
                          {.fd = listener_.get(), .events = POLLIN, .revents = 0}};
      if (poll(polled, 2, -1) < 0 || polled[0].revents != 0) return;
      const Fd client(accept4(listener_.get(), nullptr, nullptr, SOCK_CLOEXEC));
      answer_one(client.get());
    }
  }

  void answer_one(int client) {
    std::string request;
    char c = 0;
    while (read(client, &c, 1) == 1 && c != '\n') request += c;
    if (request.empty()) return;  // Somebody only looked whether we live.
    const std::string reply = answer_(request) + '\n';
    SONDE_CHECK(send(client, reply.data(), reply.size(), MSG_NOSIGNAL) >= 0);
  }

  Answer answer_;
  Fd listener_;
  Fd stop_{eventfd(0, EFD_CLOEXEC)};
  std::thread thread_;
};

}  // namespace sonde::cli
