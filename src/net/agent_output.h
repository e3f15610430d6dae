#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/backoff.h"
#include "base/fd.h"
#include "base/random.h"
#include "base/stats.h"
#include "net/host_lookup.h"
#include "sinks/agent_endpoint.h"
#include "sinks/line_output.h"

namespace sonde::net {

/// Lines to the CloudWatch agent, or whatever else listens on its port.
///
/// Purpose.  Over TCP lines follow each other on one connection, which is made again when
/// it breaks; over UDP each line is a datagram.
/// Limits.  buffer_bytes_max bytes wait for a peer that is away or slow; lines that come
/// then are dropped and counted (Stat::kLinesDropped), and so are those too long for a
/// datagram.  What the system had taken when a connection broke may be lost: nobody
/// acknowledges.
/// Blocking.  Only close(), for close_wait_max.
/// Failure.  write() takes everything; tick() reports each failed try, once.
class AgentOutput final : public sinks::LineOutput {
 public:
  struct Options {
    sinks::AgentEndpoint endpoint;
    std::size_t buffer_bytes_max = std::size_t{1024} * 1024;
    std::chrono::milliseconds connect_timeout{5'000};
    std::chrono::milliseconds close_wait_max{100};
    std::chrono::milliseconds poll_every{20};  ///< While something is under way.
    Backoff::Options backoff;
  };

  /// `stats` must outlive it.
  AgentOutput(Options options, Stats& stats, Random random = Random());

  std::string_view name() const override { return "agent"; }
  std::string_view fault() const override { return fault_; }
  Result<std::size_t> write(std::string_view lines, Moment now) override;
  std::chrono::nanoseconds next_tick() const override;
  Status tick(Moment now) override;
  Status close(Moment now) override;

 private:
  enum class State : std::uint8_t { kIdle, kLookingUp, kConnecting, kConnected };

  bool udp() const;
  void keep(std::string_view lines);
  std::string_view unsent() const { return std::string_view(buffer_).substr(sent_); }

  void advance(Moment now);
  void begin_lookup(Moment now);
  void end_lookup(Moment now);
  void begin_connect(Moment now);
  void end_connect(Moment now);
  void connected();
  void next_address(const std::string& why, Moment now);
  void give_up(const std::string& why, Moment now);
  bool peer_is_there(Moment now);
  void send_stream(Moment now);
  void send_datagrams(Moment now);
  void forget_sent();

  const Options options_;
  Stats& stats_;
  Random random_;
  Backoff backoff_;
  State state_ = State::kIdle;
  std::optional<HostLookup> lookup_;
  std::vector<SocketAddress> addresses_;
  std::size_t address_ = 0;  // Of addresses_, the one tried or used.
  Fd fd_;
  std::string buffer_;
  std::size_t sent_ = 0;            // Of buffer_, from the front.
  std::chrono::nanoseconds due_{};  // When to act next, while there is something to do.
  std::chrono::nanoseconds connect_until_{};
  std::string fault_;
  bool report_ = false;  // tick() has not yet told of fault_.
};

}  // namespace sonde::net
