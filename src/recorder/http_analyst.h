#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include "base/random.h"
#include "base/stats.h"
#include "mcp/http_sessions.h"
#include "recorder/analyst.h"

namespace sonde::recorder {

/// News of one HTTP exchange, on the way to HttpAnalyst.
class HttpParcel final : public Parcel {
 public:
  explicit HttpParcel(mcp::Report&& report)
      : report_(std::move(report)), bytes_(mcp::bytes_held(report_)) {}

  std::uint64_t bytes_held() const noexcept override { return bytes_; }
  mcp::Report take() { return std::move(report_); }

 private:
  mcp::Report report_;
  const std::uint64_t bytes_;
};

/// Brings the news of a proxy's threads to its sessions.
///
/// Purpose.  Where mcp::HttpSessions meets the recorder: what it concludes goes to whoever
/// has opened the parcel or called tick().
/// Lifetime.  `random` and `stats` must outlive it.
/// Threads.  As Analyst.
class HttpAnalyst final : public Analyst {
 public:
  HttpAnalyst(mcp::HttpSessionsOptions options, std::vector<mcp::HttpUpstream> upstreams,
              privacy::HashKey key, Random& random, Stats& stats)
      : sessions_(options, std::move(upstreams), std::move(key), random, stats, relay_) {}

  /// REQUIRES: `parcel` is an HttpParcel, its upstream an index into `upstreams`.
  void open(std::unique_ptr<Parcel> parcel, mcp::CallListener& out) override;
  std::chrono::nanoseconds next_due() const override { return sessions_.next_due(); }
  void tick(Moment now, mcp::CallListener& out) override;
  void end(Moment now, std::string_view reason, mcp::CallListener& out) override;
  std::optional<Gauges> gauges(Moment now) const override { return sessions_.gauges(now); }

 private:
  /// Passes on to the listener of the moment.
  struct Relay final : mcp::CallListener {
    void on_call(ObservedCall&& call) override { out->on_call(std::move(call)); }
    void on_event(Event&& event) override { out->on_event(std::move(event)); }
    mcp::CallListener* out = nullptr;
  };

  Relay relay_;
  mcp::HttpSessions sessions_;
};

}  // namespace sonde::recorder
