// From the client to the upstream.
#include <algorithm>
#include <array>
#include <utility>

#include "http/head_writer.h"
#include "proxy/client.h"
#include "proxy/exchange.h"
#include "proxy/worker.h"
#include "trace_context/trace_parent.h"

namespace sonde::proxy {
namespace {

using State = RequestBody::State;

/// What a head usually needs, so that writing it does not allocate several times.
constexpr std::size_t kHeadBytes = 1024;

/// Our place in the trace as two fields say it.
struct TraceFields {
  static constexpr std::string_view kMember = "sonde=";

  explicit TraceFields(const SpanContext& span)
      : parent(trace_context::traceparent_text(
            {.trace_id = span.trace_id,
             .span_id = span.span_id,
             .flags = static_cast<std::uint8_t>(span.sampled ? 1 : 0)})) {
    std::ranges::copy(kMember, state.begin());
    write_hex(state.data() + kMember.size(), span.span_id.bytes.data(), span.span_id.bytes.size());
  }

  std::array<char, trace_context::kTraceparentBytes> parent;
  std::array<char, kMember.size() + 2 * sizeof(SpanId::bytes)> state;
};

}  // namespace

/// Each returns whether something moved, so that the other lane may now do more.
bool Exchange::advance_request() {
  switch (sending_) {
    case Sending::kCollecting:
      return collect();
    case Sending::kConnecting:
      return on_dialled();
    case Sending::kSending:
      return send();
    case Sending::kSent:
      return watch_client();
  }
  return false;
}

bool Exchange::collect() {
  while (body().state() == State::kCollecting) {
    std::string_view bytes;
    if (!read_client(bytes)) {
      if (!over_) send_continue();
      return false;
    }
    take_body(bytes);
  }
  if (over_) return false;
  if (body().state() == State::kRefused) {
    const http::Refusal refusal = body().refusal();
    if (refusal != http::Refusal::kNone) {
      answer(refuse(refusal), How::kRefused);
    } else {
      answer(plain_answer(413, "the body is too large to be checked by the tool policy"),
             How::kRefused);
    }
    return false;
  }
  depart();
  return !over_;
}

/// The next bytes of the client: those read ahead, else what the socket has.
bool Exchange::read_client(std::string_view& bytes) {
  if (!client_.input().empty()) {
    bytes = client_.input();
    return true;
  }
  net::Connection& connection = client_.connection();
  if (!connection.readable()) return false;
  const net::IoResult result = connection.read(worker_.scratch());
  using enum net::IoResult::State;
  if (result.state == kEnd || result.state == kBroken) {
    worker_.stats().add(Stat::kConnectionsReset);
    break_off(How::kClientGone);
  }
  if (result.state != kMoved) return false;
  bytes = {worker_.scratch().data(), result.bytes};
  return true;
}

void Exchange::take_body(std::string_view wire) {
  const bool ahead = wire.data() == client_.input().data();
  const std::size_t taken = body().take(wire, worker_.clock().now());
  body_bytes_ += taken;
  if (ahead) {
    client_.input().erase(0, taken);
  } else {
    client_.input().append(wire.substr(taken));
  }
  move_body_deadline();
}

// A client that is slow all the time is not let to hold a connection for ever.
void Exchange::move_body_deadline() {
  const ProxyConfig& config = settings_->config;
  client_.deadline = std::chrono::nanoseconds::max();
  if (config.body_rate_min == 0) return;
  const auto seconds = std::chrono::seconds(body_bytes_ / config.body_rate_min);
  client_.deadline = body_began_ + config.head_timeout + seconds;
}

void Exchange::send_continue() {
  if (!std::exchange(expects_continue_, false)) return;
  constexpr std::string_view kContinue = "HTTP/1.1 100 Continue\r\n\r\n";
  const iovec piece{.iov_base = const_cast<char*>(kContinue.data()),  // NOLINT
                    .iov_len = kContinue.size()};
  const net::IoResult result = client_.connection().write(std::span(&piece, 1));
  // The first bytes of a connection always fit; where they do not, nobody reads.
  if (result.bytes != kContinue.size()) break_off(How::kClientGone);
}

/// The head may go, and what of the body is ready with it.
void Exchange::depart() {
  if (object()) return;
  compose_request();
  if (over_) return;
  send_continue();
  if (!over_) connect();
}

void Exchange::compose_request() {
  const http::Head& head = head_->head();
  const Moment now = worker_.clock().now();
  std::string path;
  std::optional<TraceFields> trace;
  std::array<http::Rewrite::NewField, 5> set;
  std::size_t count = 0;
  const auto add = [&](std::string_view name, std::string_view value) {
    set[count++] = {.name = name, .value = value};
  };
  if (settings_->inject) {
    if (head.find("x-request-id") == nullptr) add("X-Request-Id", tap().request_id(now));
    if (head.find("x-correlation-id") == nullptr) {
      add("X-Correlation-Id", tap().correlation_id(now));
    }
    if (const auto span = tap().span(); span && head.find("traceparent") == nullptr) {
      trace.emplace(*span);
      add("traceparent", {trace->parent.data(), trace->parent.size()});
      if (head.find("tracestate") == nullptr) {
        add("tracestate", {trace->state.data(), trace->state.size()});
      }
    }
  }
  if (settings_->config.rewrite_host || head.find(http::FieldId::kHost) == nullptr) {
    add("Host", upstream_->authority);
  }
  constexpr std::array<std::string_view, 1> kOurs = {kTokenField};
  http::Rewrite rewrite{.path = upstream_path(*upstream_, head.path, path),
                        .set = std::span(set).first(count),
                        .drop = kOurs,
                        .drop_proxy_authorization = !settings_->access.token.empty(),
                        .drop_expect = true};
  if (body().framing() == http::Framing::kLength) {
    rewrite.framing = http::Framing::kLength;
    rewrite.content_length = body().length();
  }
  request_.reserve(kHeadBytes);
  request_.clear();
  if (const Status written = http::append_head(request_, head, rewrite); !written) {
    return answer(plain_answer(400, written.error().message()), How::kRefused);
  }
  worker_.request_heads().give_back(std::move(head_));
  head_ = nullptr;
}

void Exchange::connect() {
  sending_ = Sending::kConnecting;
  if (auto connection = worker_.pool().take(*upstream_)) return use(std::move(connection), true);
  const auto now = worker_.clock().last();
  client_.deadline = now + settings_->config.connect_timeout;
  dial_ = std::make_shared<Dial>(worker_.io(), worker_.addresses(), *upstream_, client_.wakeup());
  dial_->start(now);
}

bool Exchange::on_dialled() {
  if (!dial_ || !dial_->over()) return watch_client();
  auto connection = dial_->take();
  const std::string fault = dial_->fault();
  dial_ = nullptr;
  if (connection) {
    worker_.stats().add(Stat::kUpstreamConnects);
    use(std::move(connection), false);
    return true;
  }
  worker_.stats().add(Stat::kUpstreamUnreached);
  answer(plain_answer(502, upstream_->name + " cannot be reached: " + fault),
         How::kUpstreamUnreached);
  return false;
}

void Exchange::use(std::shared_ptr<net::Connection> connection, bool used_before) {
  connection_ = std::move(connection);
  connection_->wakes(&client_.wakeup());
  used_before_ = used_before;
  sending_ = Sending::kSending;
  receiving_ = Receiving::kHead;
  answer_head_ = worker_.response_heads().lend(settings_->config);
  answer_head_->reset(head_only_);
  client_.deadline = worker_.clock().last() + settings_->config.answer_timeout;
}

bool Exchange::send() {
  const std::span<const iovec> ready = body().ready();
  if (request_sent_ == request_.size() && ready.empty()) {
    if (body().state() == State::kComplete) {
      sending_ = Sending::kSent;
      tap().on_forwarded(worker_.clock().now().monotonic);
      client_.deadline = worker_.clock().last() + settings_->config.answer_timeout;
      return true;
    }
    std::string_view bytes;
    if (!read_client(bytes)) return false;
    take_body(bytes);
    if (body().state() == State::kRefused) break_off(How::kRefused);
    return !over_;
  }
  if (!connection_->writable()) return wait_for_upstream();
  pieces_.clear();
  if (request_sent_ < request_.size()) {
    pieces_.push_back(
        {.iov_base = request_.data() + request_sent_, .iov_len = request_.size() - request_sent_});
  }
  pieces_.insert(pieces_.end(), ready.begin(), ready.end());
  const net::IoResult result = connection_->write(pieces_);
  if (result.state == net::IoResult::State::kBroken) {
    // There may be an answer all the same: it says why.
    send_failed_ = true;
    sending_ = Sending::kSent;
    return true;
  }
  if (result.state != net::IoResult::State::kMoved) return wait_for_upstream();
  anything_sent_ = true;
  if (blocked_at_ != std::chrono::nanoseconds{}) go_on_sending();
  const std::size_t of_head = std::min(result.bytes, request_.size() - request_sent_);
  request_sent_ += of_head;
  body().written(result.bytes - of_head);
  return true;
}

/// The upstream takes no bytes at present.
bool Exchange::wait_for_upstream() {
  if (blocked_at_ == std::chrono::nanoseconds{}) {
    blocked_at_ = worker_.clock().now().monotonic;
    client_.deadline = blocked_at_ + settings_->config.write_timeout;
  }
  return watch_client();
}

/// The time in which the client could not send is not held against it.
void Exchange::go_on_sending() {
  body_began_ += worker_.clock().now().monotonic - std::exchange(blocked_at_, {});
  move_body_deadline();
}

/// Nothing is expected of the client now; what it sends is for later, and its end is the end.
bool Exchange::watch_client() {
  net::Connection& connection = client_.connection();
  const bool full = client_.input().size() >= Client::kAheadBytesMax;
  if (full ? !connection.hung_up() : !connection.readable() || client_.read_ahead()) return false;
  worker_.stats().add(Stat::kConnectionsReset);
  break_off(How::kClientGone);
  return false;
}

}  // namespace sonde::proxy
