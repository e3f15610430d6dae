#pragma once

#include <chrono>
#include <utility>

#include "base/clock.h"
#include "mcp/splicer.h"
#include "net/stream_end.h"
#include "wrap/lane.h"

namespace sonde::wrap {

/// Says whether the configuration is known, without which we may not splice.
class Gate {
 public:
  virtual ~Gate() = default;
  virtual bool open() = 0;
};

/// The lane from client to server that puts trace context into requests: scans first,
/// then forwards.
///
/// Purpose.  As mcp::Splicer.  The first bytes of a session wait for the configuration, once
/// and no longer than `gate_wait_max`.
/// Limits.  mcp::SpliceOptions.  Lifetime.  All references outlive the lane.
class SpliceLane final : public Lane {
 public:
  struct Options {
    mcp::SpliceOptions splice;
    std::chrono::nanoseconds gate_wait_max = std::chrono::milliseconds(50);
  };

  SpliceLane(net::StreamEnd in, net::StreamEnd out, mcp::MessageObserver& messages, Gate& gate,
             const Clock& clock, const Options& options);

  Waits waits() const noexcept override;
  int fd() const noexcept override;
  void advance() override;
  void end_input() override;
  bool input_ended() const noexcept override { return input_ended_; }
  std::uint64_t take_bytes() noexcept override { return std::exchange(bytes_, 0); }
  bool broken() const noexcept override { return broken_; }

 private:
  void read();
  bool gate_passed(Moment now);
  void take(Moment read_at);
  void flush();
  void finish_if_ended();
  void on_broken();

  net::StreamEnd in_;
  net::StreamEnd out_;
  mcp::MessageObserver& messages_;
  Gate& gate_;
  const Clock& clock_;
  const Options options_;
  mcp::Splicer splicer_;
  Moment read_at_;
  std::size_t unscanned_ = 0;  ///< Bytes in the splicer's space that wait at the gate.
  std::uint64_t bytes_ = 0;    ///< Read, and not asked for by take_bytes().
  bool passed_ = false;        ///< The gate does not matter any more.
  bool input_ended_ = false;
  bool finished_ = false;  ///< The splicer has released what it held.
  bool broken_ = false;
};

}  // namespace sonde::wrap
