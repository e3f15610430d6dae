#include "privacy/scrubber.h"

#include <algorithm>
#include <array>
#include <span>
#include <utility>

#include "privacy/command_line.h"
#include "privacy/error_template.h"
#include "privacy/hash_streams.h"
#include "privacy/redactor.h"
#include "privacy/value_hash.h"
#include "privacy/wire_text.h"

namespace sonde::privacy {

struct Scrubber::State {
  State(const PrivacyConfig& privacy, const CaptureConfig& capture, const HashKey& key,
        std::unique_ptr<Redactor> redacts, Stats& counters)
      : result_summary(privacy.result_summary),
        captured_bytes_max(capture.bytes_max),
        key_id(key.id()),
        hasher(key),
        streams(hasher),
        redactor(std::move(redacts)),
        stats(counters) {}

  void scrub(CallRecord& record, bool captured);
  void scrub_name(std::string& text, std::size_t bytes_max = kNameBytesMax);
  void scrub_uri(std::string& uri, bool captured);
  void scrub_arguments(CallRecord& record, const Body& body);
  void scrub_result(CallRecord& record, const Body& body);
  std::string hash_of(const Body& body, std::size_t canonical_max);
  std::string captured(const Body& body);
  std::string error_message(std::string_view text, bool captured);
  std::shared_ptr<const Peer> scrubbed(const std::shared_ptr<const Peer>& peer);
  void count_replaced();

  bool result_summary;
  std::size_t captured_bytes_max;
  std::string key_id;
  ValueHasher hasher;
  HashStreams streams;
  std::unique_ptr<Redactor> redactor;
  Stats& stats;
  std::size_t counted = 0;  ///< Of redactor->replaced().

  /// A peer is the same for all calls of a session: what it was, and what it may be shown as.
  struct KnownPeer {
    std::shared_ptr<const Peer> raw;
    std::shared_ptr<const Peer> shown;
  };
  std::array<KnownPeer, 2> peers;
};

/// Texts from the wire that identify something: shown, but for secrets.
void Scrubber::State::scrub_name(std::string& text, std::size_t bytes_max) {
  if (text.empty()) return;
  redactor->redact_name(text);
  if (cut(text, bytes_max)) stats.add(Stat::kFieldsTruncated);
}

void Scrubber::State::scrub(CallRecord& record, bool captured) {
  record.client = scrubbed(record.client);
  record.server = scrubbed(record.server);
  for (std::string* const text :
       {&record.request_id, &record.wire_id.text, &record.tool_call_id, &record.correlation_id,
        &record.session_id, &record.mcp_session_id, &record.turn_id, &record.user_id,
        &record.method, &record.tool_name, &record.protocol_version, &record.error_type}) {
    scrub_name(*text);
  }
  // A client may ask for any tool; one that a server has shown is no content.
  if (!captured && !record.tool_known && !written_like_a_name(record.tool_name)) {
    record.tool_name = error_template(record.tool_name, kNameBytesMax);
  }
  scrub_uri(record.resource_uri, captured);
}

/// A resource's path names files, customers, cases: content like an argument.  Its scheme
/// and hash still say which calls were about the same thing.
void Scrubber::State::scrub_uri(std::string& uri, bool captured) {
  if (uri.empty()) return;
  if (captured) {
    uri = redactor->redact_uri(uri);
    if (cut(uri, kUriBytesMax)) stats.add(Stat::kFieldsTruncated);
    return;
  }
  const std::string_view scheme = scheme_of(uri);
  KeyedHash hash = hasher.begin();
  hash.update(uri);
  uri = std::string(scheme) + ":" + ValueHasher::raw(hash).substr(0, kUriHashBytes);
}

std::shared_ptr<const Peer> Scrubber::State::scrubbed(const std::shared_ptr<const Peer>& peer) {
  if (!peer) return peer;
  const auto known = std::ranges::find(peers, peer, &KnownPeer::raw);
  if (known != peers.end()) return known->shown;
  Peer shown = *peer;
  scrub_name(shown.name);
  scrub_name(shown.version);
  std::rotate(peers.begin(), peers.begin() + 1, peers.end());
  const bool same = shown == *peer;
  peers.back() = {peer, same ? peer : std::make_shared<const Peer>(std::move(shown))};
  return peers.back().shown;
}

std::string Scrubber::State::hash_of(const Body& body, std::size_t canonical_max) {
  if (!body.hashed) return "";  // Who decided so has counted it.
  if (!body.truncated && body.bytes.size() == body.size) {
    streams.forget(body.hash_stream);
    return body.size == 0 ? "" : hasher.whole(body.bytes, canonical_max);
  }
  auto hash = streams.take(body.hash_stream, body.size, canonical_max);
  if (!hash) {
    stats.add(Stat::kHashesSkipped);
    return "";
  }
  if (hash->starts_with('t')) stats.add(Stat::kHashesTruncated);
  return *std::move(hash);
}

std::string Scrubber::State::captured(const Body& body) {
  if (body.bytes.empty()) return "";
  const std::string_view whole = body.bytes;
  std::string shown = redactor->redact_json(body.truncated ? without_cut_word(whole) : whole);
  if (cut(shown, captured_bytes_max)) stats.add(Stat::kFieldsTruncated);
  return shown;
}

void Scrubber::State::scrub_arguments(CallRecord& record, const Body& body) {
  if (body.size > 0) record.args_size_bytes = body.size;
  record.args_hash = hash_of(body, kArgumentsCanonicalMax);
  // Who has put them in order has seen the keys.
  const bool hashed_whole = !body.truncated && body.size > 0 && body.bytes.size() == body.size;
  const auto keys = hashed_whole ? hasher.top_level_keys() : std::span<const std::string_view>();
  record.args_keys =
      keys.empty() ? top_level_keys(body.bytes, *redactor) : shown_keys(keys, *redactor);
}

void Scrubber::State::scrub_result(CallRecord& record, const Body& body) {
  if (body.size > 0) record.result_size_bytes = body.size;
  record.result_tokens_est = (record.result_size_bytes + 3) / 4;
  record.result_hash = hash_of(body, kResultCanonicalMax);
  if (result_summary && !body.bytes.empty())
    record.result_summary = summary_of(body.bytes, *redactor);
}

std::string Scrubber::State::error_message(std::string_view text, bool captured) {
  if (text.empty()) return "";
  if (!captured) return error_template(text, kTextBytesMax);
  // The data path has cut it there; a part of a secret does not show what it is.
  if (text.size() >= kErrorTextBytesMax) text = without_cut_word(text);
  std::string message = redactor->redact_text(text);
  cut(message, kTextBytesMax);
  return message;
}

void Scrubber::State::count_replaced() {
  stats.add(Stat::kSecretsRedacted,
            redactor->replaced() - std::exchange(counted, redactor->replaced()));
}

Result<std::unique_ptr<Scrubber>> Scrubber::make(const PrivacyConfig& config,
                                                 const CaptureConfig& capture, HashKey key,
                                                 Stats& stats) {
  auto redactor = Redactor::make(config);
  if (!redactor) return fail(std::move(redactor).error());
  auto state = std::make_unique<State>(config, capture, key, *std::move(redactor), stats);
  return std::unique_ptr<Scrubber>(new Scrubber(std::move(state)));
}

Scrubber::Scrubber(std::unique_ptr<State> state) : state_(std::move(state)) {}
Scrubber::~Scrubber() = default;

CallRecord Scrubber::scrub(ObservedCall&& call, Capture capture) {
  CallRecord record = std::move(call.record);
  const bool captured = capture.on && (!capture.errors_only || record.status != CallStatus::kOk);
  state_->scrub(record, captured);
  record.hash_key_id = state_->key_id;
  state_->scrub_arguments(record, call.arguments);
  state_->scrub_result(record, call.result);
  // The caller's own words, such as a reason for cancelling, go the same way.
  record.error_message = state_->error_message(
      call.error_text.empty() ? record.error_message : call.error_text, captured);
  record.captured_arguments = captured ? state_->captured(call.arguments) : "";
  record.captured_result = captured ? state_->captured(call.result) : "";
  call.arguments = {};
  call.result = {};
  call.error_text.clear();
  state_->count_replaced();
  return record;
}

void Scrubber::scrub(Event& event) {
  for (std::string* const text : {&event.session_id, &event.mcp_session_id, &event.correlation_id,
                                  &event.request_id, &event.method, &event.tool_name}) {
    state_->scrub_name(*text);
  }
  event.command = shown_command(std::move(event.command), *state_->redactor);
  for (std::string& variable : event.environment) state_->redactor->redact_variable(variable);
  state_->redactor->redact_lines(event.last_stderr);
  for (std::string& line : event.last_stderr) line = error_template(line);
  state_->scrub_name(event.message, kErrorTextBytesMax);
  state_->count_replaced();
}

void Scrubber::hash_piece(std::uint64_t stream, std::string_view bytes) {
  state_->streams.feed(stream, bytes);
}

std::string Scrubber::redact(std::string_view text) {
  std::string shown = state_->redactor->redact_text(text);
  state_->count_replaced();
  return shown;
}

}  // namespace sonde::privacy
