#include "proxy/recorder_link.h"

#include <new>
#include <utility>

namespace sonde::proxy {
namespace {

/// Numbers of streams are unique in the process: the worker's index stands in front.
constexpr unsigned kIndexShift = 48;

class ReportParcel final : public recorder::Parcel {
 public:
  explicit ReportParcel(mcp::Report&& told) noexcept
      : report(std::move(told)), bytes_(mcp::bytes_held(report)) {}
  std::uint64_t bytes_held() const noexcept override { return bytes_; }

  mcp::Report report;

 private:
  const std::uint64_t bytes_;
};

/// Passes on what the sessions conclude to whoever listens at the moment.
class Relay final : public mcp::CallListener {
 public:
  void to(mcp::CallListener* out) noexcept { out_ = out; }
  void on_call(ObservedCall&& call) override { out_->on_call(std::move(call)); }
  void on_event(Event&& event) override { out_->on_event(std::move(event)); }

 private:
  mcp::CallListener* out_ = nullptr;
};

class SessionsAnalyst final : public recorder::Analyst {
 public:
  SessionsAnalyst(const mcp::HttpSessionsOptions& options, std::vector<mcp::HttpUpstream> upstreams,
                  privacy::HashKey key, Stats& stats)
      : sessions_(options, std::move(upstreams), std::move(key), random_, stats, relay_) {}

  void open(std::unique_ptr<recorder::Parcel> parcel, mcp::CallListener& out) override {
    relay_.to(&out);
    sessions_.take(std::move(static_cast<ReportParcel&>(*parcel).report));
  }
  std::chrono::nanoseconds next_due() const override { return sessions_.next_due(); }
  void tick(Moment now, mcp::CallListener& out) override {
    relay_.to(&out);
    sessions_.tick(now);
  }
  void end(Moment now, std::string_view reason, mcp::CallListener& out) override {
    relay_.to(&out);
    sessions_.end(now, reason);
  }
  std::optional<Gauges> gauges(Moment now) const override { return sessions_.gauges(now); }

 private:
  Random random_;
  Relay relay_;
  mcp::HttpSessions sessions_;
};

}  // namespace

RecorderLink::RecorderLink(recorder::Producer producer, std::uint32_t index)
    : producer_(producer), streams_(std::uint64_t{index} << kIndexShift) {}

void RecorderLink::take(mcp::Report&& report) noexcept {
  std::unique_ptr<recorder::Parcel> parcel(new (std::nothrow) ReportParcel(std::move(report)));
  if (parcel) producer_.record(std::move(parcel));
}

bool RecorderLink::hash(std::uint64_t stream, std::string_view bytes) noexcept {
  return producer_.hash_budget(bytes.size()) &&
         producer_.record(recorder::HashPiece::copy_of(stream, bytes));
}

std::unique_ptr<recorder::Analyst> make_analyst(const mcp::HttpSessionsOptions& options,
                                                std::vector<mcp::HttpUpstream> upstreams,
                                                privacy::HashKey key, Stats& stats) {
  return std::make_unique<SessionsAnalyst>(options, std::move(upstreams), std::move(key), stats);
}

}  // namespace sonde::proxy
