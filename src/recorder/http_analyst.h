#pragma once

#include <atomic>
#include <cstdint>
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

class HttpParcel;

/// Parcels on their way back to the thread of the data path that sends them.
///
/// Purpose.  What one thread allocates and another frees is slow for both; so emptied parcels
/// return with their memory.
/// Limits.  kParcelsMax wait.  Ownership.  Shared with the parcels under way, for the
/// recorder's thread may be the last one.
/// Threads.  put() the recorder's, take() the data path's.  Blocking.  Never.
class SpareParcels : public std::enable_shared_from_this<SpareParcels> {
 public:
  static constexpr std::uint32_t kParcelsMax = 128;

  SpareParcels() = default;
  ~SpareParcels();
  SpareParcels(const SpareParcels&) = delete;
  SpareParcels& operator=(const SpareParcels&) = delete;

  /// REQUIRES: emptied.
  void put(std::unique_ptr<HttpParcel> parcel) noexcept;
  /// An empty one; null if there is no memory.
  std::unique_ptr<HttpParcel> take() noexcept;

 private:
  std::atomic<HttpParcel*> returned_ = nullptr;
  std::atomic<std::uint32_t> count_ = 0;  ///< Of both lists, nearly.
  HttpParcel* ready_ = nullptr;           ///< Of take().
};

/// News of one HTTP exchange, on the way to HttpAnalyst.
class HttpParcel final : public Parcel {
 public:
  explicit HttpParcel(mcp::Report&& report = {}) { fill(std::move(report)); }

  std::uint64_t bytes_held() const noexcept override { return bytes_; }
  void fill(mcp::Report&& report) noexcept {
    report_ = std::move(report);
    bytes_ = mcp::bytes_held(report_);
  }
  mcp::Report& report() noexcept { return report_; }

  /// Empties it, and sends it back to where it came from, if from SpareParcels.
  static void reuse(std::unique_ptr<HttpParcel> parcel) noexcept;

 private:
  friend class SpareParcels;
  mcp::Report report_;
  std::uint64_t bytes_ = 0;
  std::shared_ptr<SpareParcels> home_;  ///< While it is away from there.
  HttpParcel* next_ = nullptr;          ///< While it is there.
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
