#include "wrap/session.h"

#include <algorithm>
#include <utility>

namespace sonde::wrap {
namespace {

// Until the configuration is known nothing may be injected.
mcp::TrackerOptions options_before_configuration() { return {.inject = false}; }

mcp::TrackerOptions options_of(const recorder::DataPathSettings& settings, bool inject) {
  return {.outstanding_max = settings.wrap.outstanding_max,
          .pending_after = settings.log.pending_after,
          .inject = inject && settings.trace.inject,
          .start_lines = settings.log.start_lines};
}

std::chrono::nanoseconds due_after(std::chrono::nanoseconds from, std::chrono::nanoseconds wait) {
  return wait > std::chrono::nanoseconds(0) ? from + wait : std::chrono::nanoseconds::max();
}

}  // namespace

Session::Session(recorder::Recorder& recorder, Random& random, mcp::ConnectionContext context,
                 const Options& options)
    : recorder_(recorder),
      stats_(recorder.stats()),
      inject_(options.inject),
      hasher_(recorder),
      tracker_(options_before_configuration(), std::move(context), random, stats_, *this),
      started_at_(options.now),
      beat_due_(due_after(options.now, options.heartbeat)) {}

bool Session::open() {
  if (settings_) return true;
  settings_ = recorder_.settings();
  if (!settings_) return false;
  tracker_.set_options(options_of(*settings_, inject_));
  beat_due_ = settings_->metrics ? due_after(started_at_, settings_->wrap.heartbeat)
                                 : std::chrono::nanoseconds::max();
  return true;
}

std::optional<std::string_view> Session::on_message(Direction direction,
                                                    const jsonrpc::Message& message,
                                                    const mcp::Sighting& sighting,
                                                    std::uint64_t line) {
  if (message.kind == jsonrpc::Kind::kNotJson) {
    count_line(direction, line, sighting.read_at);
    return std::nullopt;
  }
  if (direction == Direction::kToClient &&
      (message.kind == jsonrpc::Kind::kResponse || message.kind == jsonrpc::Kind::kError)) {
    server_heard_ = true;
  }
  if (!open() && inject_ && direction == Direction::kToServer && message.splice &&
      message.kind == jsonrpc::Kind::kRequest) {
    stats_.add(Stat::kSpliceSkippedNotReady);
  }
  mcp::Sighting seen = sighting;
  if (message[jsonrpc::Field::kResult].truncated) seen.result_stream = hasher_.take_stream();
  if (direction == Direction::kToServer && sighting.whole && deny(message, seen)) {
    return std::nullopt;
  }
  return tracker_.observe(direction, message, seen);
}

const recorder::Denials* Session::denials() const noexcept {
  return settings_ != nullptr && client_ != nullptr ? settings_->denials.get() : nullptr;
}

bool Session::may_keep_back(Moment now) const noexcept {
  const recorder::Denials* const known = denials();
  return known != nullptr && known->table.any(now.monotonic);
}

// The record is that of a call like others, which has ended at once.
bool Session::deny(const jsonrpc::Message& message, const mcp::Sighting& sighting) {
  const Moment now = sighting.read_at;
  if (!may_keep_back(now)) return false;
  const auto denied = denier_.judge(*denials(), message, last_session_, now.monotonic);
  if (!denied) return false;
  mcp::Sighting seen = sighting;
  seen.spliceable = false;
  seen.exchange = ++denied_;
  tracker_.observe(Direction::kToServer, message, seen);
  tracker_.end_exchange(denied_, now, CallStatus::kDenied, thrash::kDeniedType);
  stats_.add(Stat::kThrashDenied);
  client_->say(denied->answer);
  kept_back_ = true;
  return true;
}

void Session::count_line(Direction direction, std::uint64_t line, Moment now) {
  stats_.add(Stat::kLinesNotJson);
  if (direction == Direction::kToClient) noise_.take(line, now);
}

std::optional<std::string_view> Session::on_splice_early(Moment now) {
  return tracker_.splice_early(now);
}

void Session::on_forwarded(std::chrono::nanoseconds at) { tracker_.forwarded(at); }

void Session::on_disabled(Direction) { stats_.add(Stat::kStreamsDisabled); }

// The recorder counts what it cannot take.
void Session::on_call(ObservedCall&& call) {
  if (denials() != nullptr && call.record.method == "tools/call") {
    last_session_ = call.record.session_id;
  }
  recorder_.record(std::move(call));
}

void Session::on_event(Event&& event) { recorder_.record(std::move(event)); }

std::chrono::nanoseconds Session::next_due() const {
  return std::min({tracker_.next_due(), noise_.next_due(), beat_due_});
}

// That nothing is heard of a server that is up must not look like one that is away.
void Session::beat(Moment now) {
  if (!open()) {  // Nobody has said anything yet, so nobody has asked.
    beat_due_ = std::chrono::nanoseconds::max();
    return;
  }
  if (now.monotonic < beat_due_) return;
  beat_due_ = due_after(now.monotonic, settings_->wrap.heartbeat);
  if (!server_up_) return;
  Event event;
  event.type = Event::Type::kServerPulse;
  event.at = now.wall;
  event.health = HealthFacts{.state = ServerState::kUp};
  event.measured.push_back({.metric = Metric::kServerUp, .value = 1});
  on_event(std::move(event));
}

void Session::tick(Moment now) {
  if (now.monotonic >= beat_due_) beat(now);
  if (now.monotonic >= tracker_.next_due()) tracker_.tick(now);
  if (now.monotonic >= noise_.next_due()) {
    if (auto report = noise_.report(now)) on_event(std::move(*report));
  }
}

void Session::end(Moment now, std::string_view reason) {
  tracker_.end(now, reason);
  if (auto report = noise_.report(now)) on_event(std::move(*report));
}

}  // namespace sonde::wrap
