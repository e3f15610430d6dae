#include "thrash/detector.h"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>

namespace sonde::thrash {
namespace {

constexpr std::string_view kNoSession = "none";
/// What of a model's context the results of a session may fill.

bool is_tool_call(const CallRecord& record) noexcept {
  return record.direction == Direction::kToServer && record.method == "tools/call";
}

Event event_of(Event::Type type, const CallRecord& record) {
  Event event;
  event.type = type;
  event.tap = record.tap;
  event.at = record.ended_at;
  event.session_id = record.session_id;
  event.mcp_session_id = record.mcp_session_id;
  event.correlation_id = record.correlation_id;
  event.span = record.span;
  event.request_id = record.request_id;
  event.method = record.method;
  event.tool_name = record.tool_name;
  return event;
}

std::string times(std::uint64_t count) { return std::to_string(count) + " times"; }

std::string sentence_of(const Finding& finding) {
  const ThrashEvidence& evidence = finding.evidence;
  std::string tools;
  for (const std::string& tool : evidence.tools) tools += (tools.empty() ? "" : ", ") + tool;
  switch (evidence.pattern) {
    case ThrashEvidence::Pattern::kRepeat:
      return tools + " was called " + times(finding.calls) +
             " with the same arguments and the same result";
    case ThrashEvidence::Pattern::kCycle:
      return tools + " were called in turn " + times(finding.calls / evidence.tools.size()) +
             " with the same results";
    case ThrashEvidence::Pattern::kFailure:
      return tools + " failed " + times(finding.calls) + " without success in between";
    case ThrashEvidence::Pattern::kPoll:
      return tools + " was polled " + times(finding.calls) + " and its result never changed";
  }
  return tools;
}

}  // namespace

Detector::Detector(const ThrashConfig& config, const Context& context, const Limits& limits,
                   Stats& stats, DenyTable* denials)
    : config_(config),
      context_(context),
      limits_(limits),
      stats_(stats),
      denials_(config.action == ThrashConfig::Action::kDeny ? denials : nullptr) {}

void Detector::take(const CallRecord& record, Moment now, std::vector<Event>& out) {
  if (!is_tool_call(record)) return;
  const std::uint64_t server = server_hash(record);
  const std::uint64_t key = own_key(record, server);
  if (key == 0) return;
  Session& session = session_of(record, key, now, out);
  if (session.turns.ends_before(record, config_.turn_gap)) tell_turn(session, now, out);
  session.turns.add(record);
  if (session.tap != record.tap) session.tap = record.tap;
  session.last_at = now.monotonic;
  Place& place = by_key_.find(key)->second;
  const Rest rest = session.turns.named() ? kNamedTurn : kUnnamedTurn;
  by_rest_[rest].splice(by_rest_[rest].end(), by_rest_[place.rest], place.at);
  place.rest = rest;
  judge(session, record, server, now, out);
}

/// 0: it belongs to nobody in particular.
std::uint64_t Detector::own_key(const CallRecord& record, std::uint64_t server) noexcept {
  if (!record.session_id.empty() && record.session_id != kNoSession) {
    return hash_of(record.session_id) | 1U;
  }
  if (record.mcp_session_id.empty()) return 0;
  return mix(server, hash_of(record.mcp_session_id)) | 1U;
}

std::uint64_t Detector::server_hash(const CallRecord& record) {
  if (record.tap != tap_) {
    tap_ = record.tap;
    tap_hash_ = tap_ ? hash_of(tap_->server_name) : 0;
  }
  return tap_hash_;
}

Session& Detector::session_of(const CallRecord& record, std::uint64_t key, Moment now,
                              std::vector<Event>& out) {
  if (const auto known = by_key_.find(key); known != by_key_.end()) return *known->second.at;
  if (by_key_.size() >= limits_.sessions_max) make_room(now, out);
  Sessions& idle = by_rest_[kNoTurn];
  Session& session = idle.emplace_back();
  session.hash = key;
  session.session_id = record.session_id;
  session.mcp_session_id = record.mcp_session_id;
  by_key_.emplace(key, Place{.rest = kNoTurn, .at = std::prev(idle.end())});
  return session;
}

void Detector::make_room(Moment now, std::vector<Event>& out) {
  Sessions* oldest = nullptr;
  for (Sessions& sessions : by_rest_) {
    if (sessions.empty()) continue;
    if (oldest == nullptr || sessions.front().last_at < oldest->front().last_at) oldest = &sessions;
  }
  if (oldest == nullptr) return;
  // Whoever has been silent for longer than any pattern lasts is not missed.
  Session& session = oldest->front();
  if (now.monotonic - session.last_at <= config_.window) {
    stats_.add(Stat::kThrashSessionsForgotten);
  }
  if (session.turns.open()) tell_turn(session, now, out);
  by_key_.erase(session.hash);
  oldest->pop_front();
}

void Detector::judge(Session& session, const CallRecord& record, std::uint64_t server, Moment now,
                     std::vector<Event>& out) {
  const auto limit =
      static_cast<std::uint64_t>(static_cast<double>(context_.limit_tokens) * context_.share / 100);
  if (session.exceeds(record.result_tokens_est, limit)) tell_context(session, record, out);
  Session::Verdict verdict = session.judge(record, server, config_, limits_.calls_max, stats_);
  if (verdict.circling_count > 0) deny(verdict, record, now);
  if (verdict.tell) tell(*std::move(verdict.tell), record, out);
}

void Detector::deny(const Session::Verdict& verdict, const CallRecord& record, Moment now) {
  // Without a session the data path could not tell whose call it is.
  if (denials_ == nullptr || record.session_id == kNoSession) return;
  const DenyTable::Denial denial{.calls = verdict.calls, .until = now.monotonic + config_.deny_for};
  const std::uint64_t session =
      record.connection != 0 ? session_key(record.connection) : session_key(record.session_id);
  for (std::size_t i = 0; i < verdict.circling_count; ++i) {
    const bool room = denials_->deny(session, verdict.circling[i], denial, now.monotonic);
    if (!room) stats_.add(Stat::kThrashDenialsDropped);
  }
}

void Detector::tell(Finding&& finding, const CallRecord& record, std::vector<Event>& out) {
  stats_.add(Stat::kThrashFound);
  Event event = event_of(Event::Type::kThrash, record);
  event.count = finding.calls;
  event.message = sentence_of(finding);
  event.measured = {{.metric = Metric::kAgentThrash, .value = 1}};
  event.thrash = std::move(finding.evidence);
  out.push_back(std::move(event));
}

void Detector::tell_context(const Session& session, const CallRecord& record,
                            std::vector<Event>& out) const {
  Event event = event_of(Event::Type::kContextHigh, record);
  event.result_tokens = session.tokens();
  event.message = "the results of this session are about " + std::to_string(session.tokens()) +
                  " tokens, more than " + std::to_string(std::lround(context_.share)) + " % of " +
                  std::to_string(context_.limit_tokens);
  event.measured = {
      {.metric = Metric::kSessionResultTokens, .value = static_cast<double>(session.tokens())}};
  out.push_back(std::move(event));
}

void Detector::tell_turn(Session& session, Moment now, std::vector<Event>& out) const {
  Event event;
  event.type = Event::Type::kTurnEnd;
  event.tap = session.tap;
  event.at = now.wall;
  event.session_id = session.session_id;
  event.mcp_session_id = session.mcp_session_id;
  event.count = session.turns.calls();
  event.turn = session.turns.take();
  event.measured = {
      {.metric = Metric::kIterationsPerTurn, .value = static_cast<double>(event.turn->iterations)}};
  out.push_back(std::move(event));
}

/// A turn that the client has named may go on after a pause.
std::chrono::nanoseconds Detector::gap_of(Rest rest) const noexcept {
  return rest == kNamedTurn ? std::max(config_.window, config_.turn_gap) : config_.turn_gap;
}

std::chrono::nanoseconds Detector::next_due() const {
  auto due = std::chrono::nanoseconds::max();
  for (const Rest rest : {kUnnamedTurn, kNamedTurn}) {
    if (by_rest_[rest].empty()) continue;
    due = std::min(due, by_rest_[rest].front().last_at + gap_of(rest));
  }
  return due;
}

void Detector::tick(Moment now, std::vector<Event>& out) {
  for (const Rest rest : {kUnnamedTurn, kNamedTurn}) {
    Sessions& open = by_rest_[rest];
    while (!open.empty() && open.front().last_at + gap_of(rest) <= now.monotonic) {
      Session& session = open.front();
      tell_turn(session, now, out);
      by_key_.find(session.hash)->second.rest = kNoTurn;
      by_rest_[kNoTurn].splice(by_rest_[kNoTurn].end(), open, open.begin());
    }
  }
}

void Detector::end(Moment now, std::vector<Event>& out) {
  for (const Rest rest : {kUnnamedTurn, kNamedTurn}) {
    Sessions& open = by_rest_[rest];
    for (Session& session : open) {
      tell_turn(session, now, out);
      by_key_.find(session.hash)->second.rest = kNoTurn;
    }
    by_rest_[kNoTurn].splice(by_rest_[kNoTurn].end(), open);
  }
}

std::size_t Detector::bytes_held() const noexcept {
  // A node of the list and one of the map beside what they hold.
  constexpr std::size_t kNodes = sizeof(Session) + 2 * sizeof(void*) + sizeof(Place) +
                                 sizeof(std::uint64_t) + 2 * sizeof(void*);
  std::size_t bytes = by_key_.bucket_count() * sizeof(void*);
  for (const Sessions& sessions : by_rest_) {
    for (const Session& session : sessions) bytes += kNodes + session.heap_bytes();
  }
  return bytes;
}

}  // namespace sonde::thrash
