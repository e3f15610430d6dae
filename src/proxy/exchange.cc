#include "proxy/exchange.h"

#include <algorithm>
#include <utility>

#include "proxy/client.h"
#include "proxy/worker.h"
#include "thrash/denial.h"

namespace sonde::proxy {
namespace {

constexpr int kDeniedByPolicy = -32010;  // Of the range that MCP leaves to implementations.
constexpr int kInvalidRequest = -32600;
constexpr int kHeaderMismatch = -32020;  // MCP 2026-07-28, error codes.

bool is_idempotent(std::string_view method) noexcept {
  return method == "GET" || method == "HEAD" || method == "OPTIONS" || method == "DELETE" ||
         method == "PUT";
}

}  // namespace

Exchange::Exchange(Worker& worker, Client& client, std::unique_ptr<http::HeadReader> head)
    : worker_(worker),
      client_(client),
      settings_(worker.settings()),
      head_(std::move(head)),
      buffers_(worker.buffers().lend()),
      request_(buffers_->request),
      answer_(buffers_->answer),
      response_(buffers_->response),
      pieces_(buffers_->pieces) {
  request_.clear();
  response_.clear();
}

Exchange::~Exchange() {
  drop_upstream();
  body_.reset();  // It works in the buffers.
  worker_.buffers().give_back(std::move(buffers_));
}

bool Exchange::advance() {
  if (!std::exchange(begun_, true)) {
    over_ = !begin();
  } else {
    if (client_.stopped()) break_off(How::kStopped);
    if (client_.take_timeout() && !over_) on_timeout();
  }
  if (!over_) move();
  if (!over_) {
    ask();
    tap().pause();
    return false;
  }
  if (tap_) tap().end(how_, worker_.clock().now());
  if (head_) worker_.request_heads().give_back(std::move(head_));
  if (answer_head_) worker_.response_heads().give_back(std::move(answer_head_));
  return true;
}

bool Exchange::begin() {
  const http::Head& head = head_->head();
  old_version_ = head.version == http::Version::k10;
  persistent_ = head.persistent && !old_version_;
  head_only_ = head.method == "HEAD";
  idempotent_ = is_idempotent(head.method);
  expects_continue_ = head.expects_continue;

  if (refuse_access()) return false;
  const auto route = settings_->route(head.host, head.path);
  if (!route) {
    answer(plain_answer(404, "no upstream is for this host and path"), How::kComplete);
    return false;
  }
  upstream_ = &settings_->upstreams[*route];
  RequestFacts facts = read_facts(head, settings_->config.subject_header);
  facts.connection = client_.number();
  const TapRules rules{.upstream = upstream_,
                       .upstream_index = *route,
                       .policy = &settings_->tools,
                       .inject = settings_->inject,
                       .strict = settings_->config.strict,
                       .observe = settings_->config.observe};
  tap_.emplace(worker_.tap_tools(), rules, worker_.next_exchange());
  const Moment now = worker_.clock().now();
  const bool guarded = settings_->tools.any();
  const bool reads = rules.observe || rules.strict || guarded;
  const bool json = reads && (facts.json || (guarded && !facts.encoded));
  if (guarded && facts.encoded && head.framing != http::Framing::kNone) {
    answer(plain_answer(415, "the body is encoded, and the tool policy must read it"),
           How::kDenied);
    return false;
  }
  const bool inserts = settings_->inject && !facts.is_signed;
  const bool must_know = json && (guarded || settings_->config.strict);
  tap().begin(std::move(facts), head.path, now);
  if (!settings_->config.public_origin.empty()) {
    host_ = head.host;
    metadata_ = is_resource_metadata(head.path);
  }
  const bool would_know = json && worker_.tap_tools().gate.shut(now.monotonic);
  body_.emplace(
      tap(),
      RequestBodyLimits{.body_bytes_max = settings_->config.body_bytes_max, .hold = would_know},
      must_know, buffers_->body);
  body().begin(head, json, inserts);
  body_began_ = now.monotonic;
  move_body_deadline();
  return true;
}

/// Answers what does not go to an upstream: who may not come, and who asks how we are.
bool Exchange::refuse_access() {
  const http::Head& head = head_->head();
  const Access access = check_access(settings_->access, head);
  const bool may_ask =
      !settings_->access.loopback || access == Access::kGranted || access == Access::kNoToken;
  if (may_ask && answer_own_path(head.path)) return true;
  switch (access) {
    case Access::kGranted:
      return false;
    case Access::kBadHost:
      answer(plain_answer(403, "this host is not served here; see --allow-host"), How::kDenied);
      return true;
    case Access::kBadOrigin:
      answer(plain_answer(403, "this origin is not served here; see --allow-origin"), How::kDenied);
      return true;
    case Access::kNoToken: {
      Answer refused = plain_answer(407, "a token is needed in X-Sonde-Token");
      refused.fields = "Proxy-Authenticate: Bearer realm=\"sonde\"\r\n";
      answer(std::move(refused), How::kDenied);
      return true;
    }
  }
  return false;
}

bool Exchange::answer_own_path(std::string_view path) {
  using Serves = Client::Serves;
  const bool here = client_.serves() == Serves::kHealth || settings_->config.health_listen.empty();
  const bool health = here && path == "/healthz";
  const bool readiness = here && path == "/readyz";
  if (client_.serves() == Serves::kExcess) persistent_ = false;
  if (health || readiness) {
    const bool good = health || !worker_.draining();
    answer(plain_answer(good ? 200 : 503, good ? "ok" : "draining"), How::kComplete);
    return true;
  }
  if (client_.serves() == Serves::kAll) return false;
  const bool excess = client_.serves() == Serves::kExcess;
  answer(excess ? plain_answer(503, "too many connections; see --connections-max")
                : plain_answer(404, "here are /healthz and /readyz"),
         How::kComplete);
  return true;
}

void Exchange::move() {
  bool moved = true;
  while (moved && !over_) {
    moved = advance_request();
    if (!over_ && connection_) moved = advance_response() || moved;
  }
}

// Only what is waited for is asked for: each question costs a system call.
void Exchange::ask() {
  net::Connection& client = client_.connection();
  const bool wants_body =
      sending_ == Sending::kCollecting || (sending_ == Sending::kSending && body().ready().empty());
  const bool reads = wants_body || client_.input().size() < Client::kAheadBytesMax;
  if (reads) client.ask_readable();
  if (!reads) client.ask_hung_up();
  if (!unwritten_.empty()) client.ask_writable();
  if (!connection_) return;
  if (sending_ == Sending::kSending && !wants_body) connection_->ask_writable();
  if (unwritten_.empty()) connection_->ask_readable();
}

void Exchange::on_timeout() {
  worker_.stats().add(Stat::kConnectionsTimedOut);
  if (!unwritten_.empty()) return break_off(How::kClientGone);
  switch (sending_) {
    case Sending::kCollecting:
      return answer(plain_answer(408, "the body came too slowly"), How::kRefused);
    case Sending::kConnecting:
      worker_.stats().add(Stat::kUpstreamUnreached);
      return answer(plain_answer(504, upstream_->name + " took too long to connect to"),
                    How::kUpstreamUnreached);
    default:
      break;
  }
  worker_.stats().add(Stat::kUpstreamTimeouts);
  if (receiving_ == Receiving::kBody) return break_off(How::kUpstreamTimeout);
  answer(plain_answer(504, upstream_->name + " took too long to answer"), How::kUpstreamTimeout);
}

// Nothing of the response has been sent: it can still be ours.
void Exchange::answer(Answer answer, How how) {
  if (how == How::kDenied || how == How::kCircling) worker_.stats().add(Stat::kExchangesDenied);
  if (how == How::kRefused) worker_.stats().add(Stat::kRequestsRefused);
  const bool body_left = body_ ? body_->state() != RequestBody::State::kComplete
                               : head_ && head_->head().framing != http::Framing::kNone &&
                                     !(head_->head().framing == http::Framing::kLength &&
                                       head_->head().content_length == 0);
  const bool close = body_left || !persistent_ || worker_.draining();
  if (tap_ && settings_->inject) {
    const Moment now = worker_.clock().now();
    answer.fields += "X-Request-Id: " + tap().request_id(now) +
                     "\r\nX-Correlation-Id: " + tap().correlation_id(now) + "\r\n";
  }
  own_answer_ = to_bytes(answer, close, head_only_);
  how_ = how;
  after_ = body_left ? After::kLinger : close ? After::kClose : After::kKeep;
  drop_upstream();
  over_ = true;
}

void Exchange::break_off(How how) {
  how_ = how;
  after_ = After::kBreak;
  drop_upstream();
  over_ = true;
}

void Exchange::finish() {
  const bool request_done = sending_ == Sending::kSent && !send_failed_;
  if (connection_ && request_done && answer_persistent_ && !extra_bytes_) {
    connection_->wakes(nullptr);
    const ProxyConfig& config = settings_->config;
    const UpstreamPool::Limits limits{.per_upstream_max = config.upstream_idle_max,
                                      .idle_max = config.upstream_idle_timeout};
    worker_.pool().give_back(*upstream_, std::move(connection_), limits, worker_.clock().last());
    connection_ = nullptr;
  }
  drop_upstream();
  how_ = How::kComplete;
  after_ = !request_done ? After::kLinger : persistent_ ? After::kKeep : After::kClose;
  over_ = true;
}

void Exchange::drop_upstream() noexcept {
  if (dial_) dial_->cancel();
  dial_ = nullptr;
  if (connection_) connection_->close();
  connection_ = nullptr;
}

void Exchange::answer_circling() {
  const auto now = worker_.clock().now().monotonic;
  const std::string text = thrash::denial_text(tap().refused_name(), tap().denial(), now);
  answer({.status = 200,
          .content_type = "application/json",
          .body = thrash::denial_response(tap().refused_id(), text, tap().refused_modern())},
         How::kCircling);
}

bool Exchange::object() {
  switch (tap().objection()) {
    case ExchangeTap::Objection::kNone:
      return false;
    case ExchangeTap::Objection::kTool:
      answer(rpc_error(200, tap().refused_id(), kDeniedByPolicy,
                       "sonde proxy: the policy here does not let the tool `" +
                           tap().refused_name() + "` of " + upstream_->name + " be called"),
             How::kDenied);
      return true;
    case ExchangeTap::Objection::kCircling:
      worker_.stats().add(Stat::kThrashDenied);
      answer_circling();
      return true;
    case ExchangeTap::Objection::kAmbiguous:
      answer(rpc_error(400, tap().refused_id(), kInvalidRequest,
                       "sonde proxy: the tool policy here cannot be kept for a message that is no "
                       "JSON-RPC, or has a key twice"),
             How::kDenied);
      return true;
    case ExchangeTap::Objection::kMismatch:
      answer(rpc_error(400, tap().refused_id(), kHeaderMismatch,
                       "sonde proxy: Mcp-Method or Mcp-Name is not what the body says"),
             How::kDenied);
      return true;
  }
  return false;
}

}  // namespace sonde::proxy
