#include "mcp/http_sessions.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "base/json_reader.h"
#include "mcp/http_outcome.h"
#include "mcp/http_sessions_internal.h"
#include "mcp/wire_values.h"

namespace sonde::mcp {
namespace {

using jsonrpc::Field;
using jsonrpc::Kind;

constexpr std::string_view kFirstModernVersion = "2026-07-28";
constexpr std::size_t kVersionBytesMax = 64;
constexpr std::size_t kConversationBytesMax = 256;
constexpr std::size_t kMethodBytesMax = 256;
// What may wait for the head of a response: of one exchange, and of all.
constexpr std::size_t kHeldMessagesMax = 16;
constexpr std::uint64_t kHeldBytesMax = std::uint64_t{16} * 1024 * 1024;
constexpr int kNotFound = 404;

bool success(int status) noexcept { return status >= 200 && status < 300; }

/// Versions are dates, so that they compare as texts.
bool is_modern_version(std::string_view version) noexcept {
  return version.size() == kFirstModernVersion.size() && version >= kFirstModernVersion &&
         version.front() <= '9';
}

bool is_request(const ExchangeMessage& message) {
  return message.direction == Direction::kToServer &&
         message.message.message().kind == Kind::kRequest;
}

bool says_modern(const jsonrpc::Message& message) {
  const jsonrpc::Value& meta = message[Field::kMeta];
  return meta.present &&
         find_member(meta.text, "io.modelcontextprotocol/protocolVersion").has_value();
}

bool is_initialize(const jsonrpc::Message& message) {
  return read_text(message[Field::kMethod], kMethodBytesMax) == "initialize";
}

}  // namespace

HttpSessions::HttpSessions(HttpSessionsOptions options, std::vector<HttpUpstream> upstreams,
                           privacy::HashKey key, Random& random, Stats& stats,
                           CallListener& listener)
    : state_(std::make_unique<State>(options, std::move(upstreams), key, random, stats, listener)) {
}

HttpSessions::~HttpSessions() = default;

void HttpSessions::take(Report&& report) {
  for (ExchangeNews& news : report.news) {
    std::visit([&](auto& one) { state_->on(report.exchange, report.upstream, std::move(one)); },
               news);
  }
}

std::chrono::nanoseconds HttpSessions::next_due() const { return state_->next_due(); }

void HttpSessions::tick(Moment now) {
  state_->tick_busy(now);
  state_->end_idle_sessions(now);
  state_->tell_gauges(now);
  state_->tell_unreached(now);
}

void HttpSessions::end(Moment now, std::string_view reason) {
  State& state = *state_;
  state.unreached_due = std::min(state.unreached_due, now.monotonic);
  state.tell_unreached(now);
  while (!state.exchanges.empty()) {
    HttpExchange& exchange = state.exchanges.begin()->second;
    state.decide(exchange);
    state.forget(exchange);
  }
  while (!state.sessions.empty()) {
    state.end_session(*state.sessions.begin()->second, now, reason);
  }
  for (State::Upstream& upstream : state.upstreams) upstream.shared->tracker.end(now, reason);
}

std::size_t HttpSessions::open_exchanges() const noexcept { return state_->exchanges.size(); }

std::size_t HttpSessions::open_calls() const noexcept {
  std::size_t sum = state_->open_calls;
  for (const State::Upstream& upstream : state_->upstreams) {
    sum += upstream.shared->tracker.open_calls();
  }
  return sum;
}

void HttpSessions::State::saw(Moment at) {
  if (at.monotonic > latest.monotonic) latest = at;
}

HttpExchange* HttpSessions::State::find_exchange(std::uint64_t id) {
  const auto found = exchanges.find(id);
  return found == exchanges.end() ? nullptr : &found->second;
}

HttpExchange& HttpSessions::State::add_exchange(std::uint64_t id, std::uint32_t upstream) {
  while (exchanges.size() >= std::max(options.exchanges_max, 1U)) evict_exchange();
  HttpExchange& exchange = exchanges[id];
  exchange.id = id;
  exchange.upstream = upstream;
  exchange.by_age = exchanges_by_age.insert(exchanges_by_age.end(), id);
  return exchange;
}

void HttpSessions::State::forget(HttpExchange& exchange) {
  if (exchange.active_stream) --upstreams[exchange.upstream].active_streams;
  detach(exchange);
  exchanges_by_age.erase(exchange.by_age);
  exchanges.erase(exchange.id);
}

void HttpSessions::State::evict_exchange() {
  HttpExchange& oldest = exchanges.at(exchanges_by_age.front());
  stats.add(Stat::kExchangesEvicted);
  decide(oldest);
  HttpSession& session = tracker_of(oldest);
  session.tracker.end_exchange(oldest.id, latest, CallStatus::kAborted, "evicted");
  settle(session);
  forget(oldest);
}

void HttpSessions::State::on(std::uint64_t id, std::uint32_t upstream, ExchangeBegan&& began) {
  if (find_exchange(id) != nullptr) return;
  saw(began.at);
  HttpExchange& exchange = add_exchange(id, upstream);
  exchange.method = began.method;
  Requester& requester = exchange.requester;
  requester.user_id = shown('u', began.subject, options.raw_user_id);
  requester.version = began.version.substr(0, kVersionBytesMax);
  requester.connection = began.connection;
  requester.relayed = began.relayed;
  requester.conversation = began.conversation.substr(0, kConversationBytesMax);
  // Bridges send Mcp-Method in legacy sessions, too: what the version says goes first.
  requester.modern = began.version.empty() ? began.names_method && began.session_id.empty()
                                           : is_modern_version(began.version);
  if (requester.modern) return;

  const std::string key = began.session_id.empty() ? endpoint_key(upstream, began.path)
                                                   : session_key(upstream, began.session_id);
  if (HttpSession* const session = find_session(key)) {
    attach(exchange, *session, began.at);
  } else if (!began.session_id.empty()) {
    requester.mcp_session_id = shown('s', began.session_id, options.raw_session_id);
    exchange.undecided = true;
  }
  exchange.session_id = std::move(began.session_id);
}

void HttpSessions::State::on(std::uint64_t id, std::uint32_t upstream, ExchangeMessage&& message) {
  saw(message.sighting.read_at);
  HttpExchange* const known = find_exchange(id);
  HttpExchange& exchange = known != nullptr ? *known : add_exchange(id, upstream);
  const jsonrpc::Message& text = message.message.message();
  if (is_request(message)) {
    const bool says = says_modern(text);
    const bool handshake = is_initialize(text);
    if (!exchange.requester.modern && says) make_modern(exchange);
    // The handshake is of the legacy era, whatever headers a bridge gives it.
    if (handshake && !says) exchange.requester.modern = false;
    const bool opens = exchange.session == 0 && exchange.status == 0 && handshake;
    if (opens && !exchange.requester.modern) exchange.undecided = true;
  }
  if (exchange.undecided) return hold(exchange, std::move(message));
  deliver(exchange, message);
}

/// The protocol knows no sessions any more, so a session id that comes along says nothing.
void HttpSessions::State::make_modern(HttpExchange& exchange) {
  decide(exchange);
  detach(exchange);
  exchange.requester.modern = true;
  exchange.requester.mcp_session_id.clear();
  exchange.session_id.clear();
}

void HttpSessions::State::hold(HttpExchange& exchange, ExchangeMessage&& message) {
  const std::uint64_t bytes = message.message.bytes_held();
  held_messages_bytes += bytes;
  exchange.held.push_back(std::move(message));
  if (exchange.held.size() >= kHeldMessagesMax || held_messages_bytes > kHeldBytesMax) {
    decide(exchange);
  }
}

/// What was held goes to the session that the exchange has now, if any.
void HttpSessions::State::decide(HttpExchange& exchange) {
  exchange.undecided = false;
  const std::vector<ExchangeMessage> held = std::exchange(exchange.held, {});
  for (const ExchangeMessage& message : held) {
    held_messages_bytes -= message.message.bytes_held();
    deliver(exchange, message);
  }
}

void HttpSessions::State::deliver(HttpExchange& exchange, const ExchangeMessage& message) {
  HttpSession& session = tracker_of(exchange);
  const Moment now = message.sighting.read_at;
  Sighting sighting = message.sighting;
  sighting.stamp = message.stamp.get();
  sighting.requester = &exchange.requester;
  sighting.scope = session.shared ? exchange.id : 0;
  // Within a session what the server asks may be answered after its stream has ended.
  const bool to_server = message.direction == Direction::kToServer;
  sighting.exchange = to_server || session.shared ? exchange.id : 0;
  if (to_server) saw_user(exchange, now.monotonic);
  use(session, now);

  status_now = exchange.status;
  session.tracker.observe(message.direction, message.message.message(), sighting);
  status_now = 0;
  settle(session);
  if (open_calls > options.calls_max) make_room(latest);
}

void HttpSessions::State::saw_user(const HttpExchange& exchange, std::chrono::nanoseconds now) {
  const Requester& who = exchange.requester;
  const std::string& name = who.user_id.empty() ? who.mcp_session_id : who.user_id;
  if (name.empty()) return;
  if (upstreams[exchange.upstream].users.saw(name, now)) stats.add(Stat::kUsersForgotten);
  users.saw(name, now);
  gauges_due = std::min(gauges_due, now + options.gauges_every);
}

void HttpSessions::State::on(std::uint64_t id, std::uint32_t upstream,
                             const ExchangeResponded& responded) {
  HttpExchange* const exchange = find_exchange(id);
  if (exchange == nullptr) return;
  saw(responded.at);
  exchange->status = responded.status;
  exchange->body = responded.body;
  const bool outlives_answer = exchange->method == HttpMethod::kGet || exchange->requester.modern;
  if (responded.body == ExchangeResponded::Body::kEvents && outlives_answer &&
      !exchange->active_stream) {
    exchange->active_stream = true;
    ++upstreams[upstream].active_streams;
    gauges_due = std::min(gauges_due, responded.at.monotonic + options.gauges_every);
  }
  if (!exchange->undecided) return;
  const std::string& named =
      responded.session_id.empty() ? exchange->session_id : responded.session_id;
  if (success(responded.status) && !named.empty()) {
    HttpSession* session = find_session(session_key(upstream, named));
    if (session == nullptr) {
      session = &open_session(upstream, session_key(upstream, named),
                              shown('s', named, options.raw_session_id),
                              upstreams[upstream].identity.http, latest);
    }
    attach(*exchange, *session, responded.at);
    exchange->session_id = named;
  }
  decide(*exchange);
}

void HttpSessions::State::on(std::uint64_t id, std::uint32_t upstream,
                             const ExchangeEndpoint& endpoint) {
  HttpExchange* const exchange = find_exchange(id);
  if (exchange == nullptr || exchange->announced || exchange->session != 0) return;
  if (exchange->method != HttpMethod::kGet) return;
  const std::string key = endpoint_key(upstream, endpoint.path);
  HttpSession* session = find_session(key);
  if (session == nullptr) {
    session = &open_session(upstream, key, shown('s', endpoint.path, false),
                            upstreams[upstream].identity.sse, latest);
  }
  decide(*exchange);
  attach(*exchange, *session, latest);
  exchange->announced = true;
  ++session->streams;
}

void HttpSessions::State::on(std::uint64_t id, std::uint32_t upstream, const ExchangeEnded& ended) {
  if (ended.how == ExchangeEnded::How::kUpstreamUnreached) {
    ++upstreams[upstream].unreached;
    unreached_due = std::min(unreached_due, ended.at.monotonic + options.gauges_every);
  }
  HttpExchange* const exchange = find_exchange(id);
  if (exchange == nullptr) return;
  saw(ended.at);
  decide(*exchange);
  end_in_order(*exchange, ended);
  forget(*exchange);
}

void HttpSessions::State::end_in_order(HttpExchange& exchange, const ExchangeEnded& ended) {
  HttpSession& session = tracker_of(exchange);
  const HttpEnd facts{.how = ended.how,
                      .status = exchange.status,
                      .body = exchange.body,
                      .modern = exchange.requester.modern,
                      .in_session = !session.shared};
  const std::optional<HttpOutcome> outcome = outcome_of(facts);
  if (outcome) {
    session.tracker.end_exchange(exchange.id, ended.at, outcome->status, outcome->error_type);
    settle(session);
  }
  if (session.shared) return;
  if (exchange.announced) {
    if (--session.streams > 0) return;
    const bool ours = outcome.has_value() && outcome->error_type != "no_response";
    const bool server_closed = ended.how == ExchangeEnded::How::kComplete;
    if (ours) return end_session(session, ended.at, outcome->error_type, outcome->status);
    return end_session(session, ended.at, server_closed ? "server_closed" : "client_closed");
  }
  const bool deleted = exchange.method == HttpMethod::kDelete && success(exchange.status);
  const bool unknown = exchange.status == kNotFound && !exchange.session_id.empty();
  if (deleted || unknown) end_session(session, ended.at, "session_ended");
}

}  // namespace sonde::mcp
