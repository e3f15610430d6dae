// What a tap sees of the response.
#include <utility>

#include "proxy/blank_newlines.h"
#include "proxy/exchange_tap.h"

namespace sonde::proxy {
namespace {

using mcp::ExchangeResponded;

ExchangeResponded::Body body_of(const http::Head& head) {
  if (head.framing == http::Framing::kNone ||
      (head.framing == http::Framing::kLength && head.content_length == 0)) {
    return ExchangeResponded::Body::kNone;
  }
  const http::Field* const type = head.find(http::FieldId::kContentType);
  if (type == nullptr) return ExchangeResponded::Body::kOther;
  if (is_event_stream(type->value)) return ExchangeResponded::Body::kEvents;
  return is_json(type->value) ? ExchangeResponded::Body::kJson : ExchangeResponded::Body::kOther;
}

/// The path of a URI as an endpoint event has it: absolute, or relative to the stream's own.
std::string path_of_endpoint(std::string_view uri, std::string_view own_path) {
  const std::size_t scheme = uri.find("://");
  if (scheme != std::string_view::npos && scheme < uri.find_first_of("/?#")) {
    const std::size_t path = uri.find_first_of("/?", scheme + 3);
    if (path == std::string_view::npos) return "/";
    return uri[path] == '?' ? '/' + std::string(uri.substr(path)) : std::string(uri.substr(path));
  }
  if (uri.starts_with('/')) return std::string(uri);
  const std::string_view folder = own_path.substr(0, own_path.find('?'));
  return std::string(folder.substr(0, folder.rfind('/') + 1)).append(uri);
}

}  // namespace

void ExchangeTap::on_response(const http::Head& head, Moment now) {
  if (!rules_.observe) return;
  ExchangeResponded news{.at = now, .status = head.status, .body = body_of(head), .session_id = {}};
  if (const http::Field* const session = head.find(http::FieldId::kMcpSessionId)) {
    news.session_id = session->value;
  }
  answer_ = news.body;
  messages_ = 0;
  unread_ = false;
  const http::Field* const encoding = head.find("content-encoding");
  if (encoding != nullptr && encoding->value != "identity") {
    const bool readable = can_inflate(encoding->value);
    if (readable && answer_ != ExchangeResponded::Body::kNone) {
      inflater_ = std::make_unique<Inflater>();
    } else if (!readable) {
      answer_ = ExchangeResponded::Body::kOther;
    }
  }
  if (answer_ == ExchangeResponded::Body::kEvents) {
    events_ = std::make_unique<jsonrpc::SseScanner>(jsonrpc::Limits{}, jsonrpc::SseLimits{}, this);
  }
  report_.news.emplace_back(std::move(news));
}

void ExchangeTap::on_payload(std::string_view payload, bool whole, Moment read_at,
                             std::chrono::nanoseconds written_at) {
  if (answer_ != ExchangeResponded::Body::kJson && answer_ != ExchangeResponded::Body::kEvents) {
    return;
  }
  if (!inflater_) return scan(payload, whole, read_at, written_at);
  inflater_->feed(payload,
                  [&](std::string_view inflated) { scan(inflated, false, read_at, written_at); });
  if (whole) on_payload_end(read_at);
}

void ExchangeTap::scan(std::string_view payload, bool whole, Moment read_at,
                       std::chrono::nanoseconds written_at) {
  if (answer_ == ExchangeResponded::Body::kJson) {
    scan_json(payload, whole, read_at, written_at);
  } else {
    scan_events(payload, read_at, written_at);
  }
}

void ExchangeTap::scan_json(std::string_view payload, bool whole, Moment read_at,
                            std::chrono::nanoseconds written_at) {
  // What is hashed in passing needs a scanner that tells this tap of it.
  constexpr std::size_t kLargeResult = jsonrpc::Limits{}.result;
  const bool shared = whole && json_ == nullptr && payload.size() <= kLargeResult;
  if (!shared && json_ == nullptr) {
    json_ = std::make_unique<jsonrpc::Scanner>(jsonrpc::Limits{}, this);
  }
  jsonrpc::Scanner& scanner = shared ? tools_.scanner : *json_;
  const std::string_view line = blank_newlines(payload, tools_.scan_copy);
  if (whole) {
    scanner.feed_last(line);
  } else {
    scanner.feed(line);
  }
  while (const jsonrpc::Message* message = scanner.next()) {
    tell_answer(*message, read_at, written_at);
    ++messages_;
    if (!too_many()) continue;
    leave_unread();
    answer_ = ExchangeResponded::Body::kOther;  // Nothing more is read of it.
    scanner = jsonrpc::Scanner();
    return;
  }
  if (whole && scanner.disabled()) scanner = jsonrpc::Scanner();
}

void ExchangeTap::scan_events(std::string_view payload, Moment read_at,
                              std::chrono::nanoseconds written_at) {
  events_->feed(payload);
  for (;;) {
    switch (events_->next()) {
      case jsonrpc::SseScanner::Step::kNothing:
        return;
      case jsonrpc::SseScanner::Step::kMessage:
        tell_answer(events_->message(), read_at, written_at);
        if (report_.news.size() >= kMessagesMax) flush();
        break;
      case jsonrpc::SseScanner::Step::kEndpoint:
        if (!events_->endpoint_cut()) {
          report_.news.emplace_back(
              mcp::ExchangeEndpoint{.path = path_of_endpoint(events_->endpoint(), path_)});
        }
        break;
    }
  }
}

void ExchangeTap::before_events() {
  if (std::exchange(asks_client_, false)) flush();
}

void ExchangeTap::on_payload_end(Moment now) {
  if (json_ == nullptr || answer_ != ExchangeResponded::Body::kJson) return;
  if (const jsonrpc::Message* last = json_->finish()) tell_answer(*last, now, now.monotonic);
  json_.reset();
}

void ExchangeTap::tell_answer(const jsonrpc::Message& message, Moment read_at,
                              std::chrono::nanoseconds written_at) {
  if (message.kind == jsonrpc::Kind::kNotJson || message.kind == jsonrpc::Kind::kNotJsonRpc) {
    tools_.stats.add(Stat::kNotJsonRpc);
    return;
  }
  mcp::Sighting sighting{.read_at = read_at, .written_at = written_at};
  if (message[jsonrpc::Field::kResult].truncated) sighting.result_stream = take_stream();
  asks_client_ = asks_client_ || message.kind == jsonrpc::Kind::kRequest;
  tell_message(Direction::kToClient, message, sighting, nullptr);
}

void ExchangeTap::on_result_bytes(std::string_view bytes, bool first) noexcept {
  if (first) stream_ = tools_.reports.new_stream();
  if (stream_ != 0 && !tools_.reports.hash(stream_, bytes)) stream_ = 0;
}

std::uint64_t ExchangeTap::take_stream() noexcept { return std::exchange(stream_, 0); }

}  // namespace sonde::proxy
