#include "recorder/control_desk.h"

#include <algorithm>
#include <utility>

#include "base/json_writer.h"
#include "base/timestamp.h"
#include "recorder/control_dir.h"

namespace sonde::recorder {
namespace {

std::string refusal(const Error& error) {
  std::string text;
  JsonWriter json(text);
  json.begin_object().key("ok").boolean(false).member("error", error.message()).end_object();
  return text;
}

std::string by(ControlPeer peer) {
  return "by uid " + std::to_string(peer.uid) + ", pid " + std::to_string(peer.pid);
}

}  // namespace

ControlDesk::ControlDesk(Stats& stats, Complaints& complaints, Hooks hooks)
    : stats_(stats), complaints_(complaints), hooks_(std::move(hooks)) {}

void ControlDesk::open(const std::string& dir, TapStatus status, Moment now) {
  status.servers = std::move(status_.servers);  // Of first events.
  status_ = std::move(status);
  status_.capture = &capture_;
  if (const Status opened = open_control_dir(dir); !opened) {
    complaints_.about("control folder", opened.error().message(), now);
    return;
  }
  sweep_control_dir(dir);
  auto socket = ControlSocket::open(socket_path(dir, status_.pid), {});
  if (!socket) {
    // Without the name the file could be somebody else's too.
    complaints_.about("control socket", socket.error().message(), now);
    return;
  }
  socket_ = std::move(*socket);
  file_ = std::make_unique<StatsFile>(dir, status_.pid);
}

void ControlDesk::touch() noexcept {
  if (file_) file_->touch();
}

void ControlDesk::add_to(std::vector<pollfd>& polled) const {
  if (socket_) socket_->add_to(polled);
}

void ControlDesk::serve(std::span<const pollfd> polled, Moment now) {
  if (!socket_) return;
  socket_->serve(polled, now, [this, now](std::string_view line, ControlPeer peer) {
    return answer(line, peer, now);
  });
}

std::string ControlDesk::answer(std::string_view line, ControlPeer peer, Moment now) {
  const Result<ControlRequest> request = parse_control_request(line);
  if (!request) return refusal(request.error());
  hooks_.settle();
  if (const auto* capture = std::get_if<CaptureRequest>(&*request)) {
    return apply(*capture, peer, now);
  }
  return document(now);
}

std::string ControlDesk::apply(const CaptureRequest& request, ControlPeer peer, Moment now) {
  stats_.add(Stat::kCaptureSwitched);
  if (request.on) {
    capture_.turn_on(request.duration, request.errors_only, now);
    note(Event::Type::kCaptureOn,
         std::string("content capture on") +
             (request.errors_only ? " (errors only) for " : " for ") +
             std::to_string(request.duration.count()) + " s, " + by(peer),
         now);
  } else {
    capture_.turn_off();
    note(Event::Type::kCaptureOff, "content capture off, " + by(peer), now);
  }
  touch();

  std::string text;
  JsonWriter json(text);
  json.begin_object().key("ok").boolean(true);
  write_capture(json, capture_);
  json.end_object();
  return text;
}

void ControlDesk::note(Event::Type type, std::string message, Moment now) {
  Event event;
  event.type = type;
  event.at = now.wall;
  event.message = std::move(message);
  events_.push_back(std::move(event));
}

void ControlDesk::tick(Moment now) {
  if (capture_.expired(now)) {
    capture_.turn_off();
    stats_.add(Stat::kCaptureSwitched);
    note(Event::Type::kCaptureOff, "content capture off, its time is over", now);
    touch();
  }
  if (!file_ || now.monotonic < file_->deadline()) return;
  if (const Status written = file_->write(document(now), now.monotonic); !written) {
    complaints_.about("stats file", written.error().message(), now);
  }
}

std::string ControlDesk::document(Moment now) {
  status_.sinks = hooks_.sinks();
  status_.gauges = hooks_.gauges();
  return stats_document(status_, now.wall);
}

std::chrono::nanoseconds ControlDesk::deadline() const noexcept {
  std::chrono::nanoseconds next = capture_.deadline();
  if (socket_) next = std::min(next, socket_->deadline());
  if (file_) next = std::min(next, file_->deadline());
  return next;
}

std::vector<Event> ControlDesk::take_events() { return std::exchange(events_, {}); }

}  // namespace sonde::recorder
