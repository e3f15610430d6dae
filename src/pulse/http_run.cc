#include "pulse/http_run.h"

#include <algorithm>

namespace sonde::pulse {

using mcp::HttpPulse;
using mcp::PulseResult;
using net::Task;
using Kind = PulseResult::Kind;

namespace {

constexpr int kFirstFinal = 200;

/// A server that closes what it keeps open is in order, once.
constexpr std::chrono::nanoseconds kTidyUpMax = std::chrono::seconds(1);

std::string_view value_of(const http::Head& head, std::string_view name) {
  const http::Field* const field = head.find(name);
  return field == nullptr ? std::string_view() : field->value;
}

}  // namespace

HttpRun::HttpRun(net::asio::io_context& io, const Target& target, HttpPulse& pulse,
                 const Clock& clock)
    : target_(target),
      pulse_(pulse),
      clock_(clock),
      connection_(io, target),
      head_(http::Side::kResponse) {}

Task<PulseResult> HttpRun::run(std::chrono::nanoseconds timeout) {
  const std::chrono::nanoseconds began = clock_.now().monotonic;
  std::optional<std::chrono::nanoseconds> took;
  connection_.expires_after(timeout);
  pulse_.begin();
  while (pulse_.request() != nullptr) {
    co_await exchange();
    if (!pulse_.decided() || took) continue;
    took = clock_.now().monotonic - began;
    // What is left is to end a session.
    connection_.expires_after(std::min(timeout, kTidyUpMax));
  }
  connection_.close();
  PulseResult result = pulse_.result();
  result.took = took.value_or(clock_.now().monotonic - began);
  co_return result;
}

Task<void> HttpRun::exchange() {
  const bool kept = connection_.connected();
  if (co_await try_exchange(kept)) co_return;
  connection_.close();
  co_await try_exchange(false);
}

Task<bool> HttpRun::try_exchange(bool may_try_again) {
  if (!connection_.connected() && !co_await connection_.connect()) {
    fail(Kind::kRefused, connection_.fault());
    co_return true;
  }
  const std::string text = request_text();
  // Who refuses may answer before it has read all.
  co_await connection_.write(text);
  head_.reset();
  if (!co_await read_head()) {
    if (pulse_.request() == nullptr) co_return true;  // It was no HTTP.
    if (may_try_again && head_.bytes() == 0 && !connection_.expired()) co_return false;
    fail(Kind::kClosed);
    co_return true;
  }
  co_await read_body();
  co_return true;
}

Task<bool> HttpRun::read_head() {
  rest_ = {};
  for (;;) {
    const std::size_t size = co_await connection_.read(buffer_);
    if (size == 0) co_return false;
    rest_ = {buffer_.data(), size};
    while (head_.state() == http::State::kReading && !rest_.empty()) {
      rest_.remove_prefix(head_.feed(rest_));
      const bool interim = head_.state() == http::State::kDone && head_.head().status < kFirstFinal;
      if (interim) head_.reset();
    }
    if (head_.state() == http::State::kDone) co_return true;
    if (head_.state() == http::State::kRefused) {
      fail(Kind::kBadAnswer, "it is no HTTP, or too long");
      co_return false;
    }
  }
}

Task<void> HttpRun::read_body() {
  const http::Head& head = head_.head();
  pulse_.on_head({.status = head.status,
                  .content_type = value_of(head, "Content-Type"),
                  .session_id = value_of(head, "Mcp-Session-Id")});
  const bool persistent = head.persistent;
  const bool until_close = head.framing == http::Framing::kUntilClose;
  body_ = http::BodyReader();
  body_.begin(head);
  bool enough = feed_body(rest_);
  while (!enough && body_.state() == http::State::kReading) {
    const std::size_t size = co_await connection_.read(buffer_);
    if (size == 0) {
      if (until_close && !connection_.expired()) break;
      co_return fail(Kind::kClosed);
    }
    enough = feed_body({buffer_.data(), size});
  }
  if (body_.state() == http::State::kRefused) {
    co_return fail(Kind::kBadAnswer, "its body is no HTTP");
  }
  if (!persistent || body_.state() != http::State::kDone) connection_.close();
  pulse_.on_end();
}

/// Whether the pulse has enough.
bool HttpRun::feed_body(std::string_view bytes) {
  while (body_.state() == http::State::kReading && !bytes.empty()) {
    const http::BodyReader::Piece piece = body_.next(bytes);
    bytes.remove_prefix(piece.consumed);
    if (pulse_.on_body(piece.payload)) return body_.state() == http::State::kReading;
  }
  return false;
}

std::string HttpRun::request_text() const {
  const HttpPulse::Request& request = *pulse_.request();
  std::string text(request.method);
  text.append(" ").append(request.path).append(" HTTP/1.1\r\nHost: ").append(target_.authority);
  for (const auto& [name, value] : request.headers) {
    text.append("\r\n").append(name).append(": ").append(value);
  }
  if (!request.body.empty()) {
    text.append("\r\nContent-Length: ").append(std::to_string(request.body.size()));
  }
  return text.append("\r\n\r\n").append(request.body);
}

void HttpRun::fail(Kind kind, std::string detail) {
  const bool late = connection_.expired();
  connection_.close();
  pulse_.fail(late ? Kind::kTimeout : kind, late ? std::string() : std::move(detail));
}

}  // namespace sonde::pulse
