#pragma once

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "base/clock.h"
#include "base/random.h"
#include "mcp/call_tracker.h"
#include "mcp/message_observer.h"
#include "recorder/recorder.h"
#include "wrap/denier.h"
#include "wrap/lane.h"
#include "wrap/noise.h"
#include "wrap/result_hasher.h"
#include "wrap/splice_lane.h"

namespace sonde::wrap {

/// Joins what the lanes see to the call tracker, and what the tracker concludes to the
/// recorder.
///
/// Lifetime.  What the constructor takes by reference outlives it.
/// Threads.  The owner of the lanes.  Blocking.  Never.
class Session final : public mcp::MessageObserver, public Gate, public mcp::CallListener {
 public:
  struct Options {
    bool inject = true;
    std::chrono::nanoseconds now{};        ///< When the server was started.
    std::chrono::nanoseconds heartbeat{};  ///< Until the configuration says another.
  };

  Session(recorder::Recorder& recorder, Random& random, mcp::ConnectionContext context,
          const Options& options);

  /// Whether the configuration is known; the first time it is, it is put into force.
  bool open() override;
  /// Null until then.
  const recorder::DataPathSettings* settings() const noexcept { return settings_; }

  std::optional<std::string_view> on_message(Direction direction, const jsonrpc::Message& message,
                                             const mcp::Sighting& sighting,
                                             std::uint64_t line) override;
  std::optional<std::string_view> on_splice_early(Moment now) override;
  void on_forwarded(std::chrono::nanoseconds at) override;
  void on_disabled(Direction direction) override;

  bool may_keep_back(Moment now) const noexcept override;
  bool keeps_back() noexcept override { return std::exchange(kept_back_, false); }

  /// Where requests are answered that do not go on to the server; without it they do.
  void answers_through(Speaker& client) noexcept { client_ = &client; }

  void on_call(ObservedCall&& call) override;
  void on_event(Event&& event) override;

  /// Whether the server has answered anything.
  bool server_heard() const noexcept { return server_heard_; }
  /// Whether the server is up, for the heartbeat; a pulse may know better than we do.
  void server_up(bool up) noexcept { server_up_ = up; }

  ResultHasher& result_hasher() noexcept { return hasher_; }
  Stats& stats() noexcept { return stats_; }

  std::chrono::nanoseconds next_due() const;
  void tick(Moment now);
  /// Nothing more will be seen: open calls end with `reason`.
  void end(Moment now, std::string_view reason);

 private:
  void beat(Moment now);
  const recorder::Denials* denials() const noexcept;
  bool deny(const jsonrpc::Message& message, const mcp::Sighting& sighting);
  void count_line(Direction direction, std::uint64_t line, Moment now);

  recorder::Recorder& recorder_;
  Stats& stats_;
  const bool inject_;
  ResultHasher hasher_;
  Noise noise_;
  mcp::CallTracker tracker_;
  const recorder::DataPathSettings* settings_ = nullptr;
  const std::chrono::nanoseconds started_at_;
  std::chrono::nanoseconds beat_due_;
  bool server_heard_ = false;
  bool server_up_ = true;
  Denier denier_;
  Speaker* client_ = nullptr;
  std::string last_session_;  ///< Of the last call; only where calls may be denied.
  std::uint64_t denied_ = 0;
  bool kept_back_ = false;  ///< The message that was shown last.
};

}  // namespace sonde::wrap
