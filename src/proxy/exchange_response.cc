// From the upstream to the client.
#include <array>
#include <utility>

#include "http/head_writer.h"
#include "proxy/client.h"
#include "proxy/exchange.h"
#include "proxy/hosts.h"
#include "proxy/worker.h"

namespace sonde::proxy {
namespace {

/// What a head usually needs, so that writing it does not allocate several times.
constexpr std::size_t kHeadBytes = 512;
constexpr std::size_t kMetadataBytesMax = std::size_t{64} * 1024;

/// All fields of that name as one list, which says the same (RFC 9110 5.3).
std::string joined_values(const http::Head& head, std::string_view name) {
  std::string joined;
  for (const http::Field& field : head.fields) {
    if (!same_host(field.name, name)) continue;
    if (!joined.empty()) joined.append(", ");
    joined.append(field.value);
  }
  return joined;
}

}  // namespace

bool Exchange::advance_response() {
  if (!unwritten_.empty() && !write_rest()) return false;
  if (over_) return false;
  if (receiving_ == Receiving::kDone) {
    finish();
    return false;
  }
  if (!connection_->readable()) return false;
  const net::IoResult result = connection_->read(worker_.scratch());
  using enum net::IoResult::State;
  if (result.state == kEnd || result.state == kBroken) {
    on_upstream_end();
    return !over_;
  }
  if (result.state != kMoved) return false;
  receive({worker_.scratch().data(), result.bytes}, worker_.clock().now());
  return !over_;
}

bool Exchange::write_rest() {
  net::Connection& client = client_.connection();
  while (!unwritten_.empty() && client.writable()) {
    const iovec rest{.iov_base = unwritten_.data(), .iov_len = unwritten_.size()};
    const net::IoResult result = client.write(std::span(&rest, 1));
    if (result.state == net::IoResult::State::kBroken) {
      break_off(How::kClientGone);
      return false;
    }
    if (result.bytes > 0) {
      unwritten_.erase(0, result.bytes);
      client_.deadline = worker_.clock().now().monotonic + settings_->config.write_timeout;
    }
  }
  if (!unwritten_.empty()) return false;
  client_.deadline = worker_.clock().last() + settings_->config.stream_timeout;
  return true;
}

void Exchange::receive(std::string_view wire, Moment read_at) {
  if (receiving_ == Receiving::kHead) wire = receive_head(wire, read_at);
  if (over_ || receiving_ != Receiving::kBody) return;
  const std::size_t taken = answer_.take(wire);
  extra_bytes_ = taken < wire.size();
  if (answer_.state() == http::State::kRefused) {
    worker_.stats().add(Stat::kResponsesRefused);
    return break_off(How::kUpstreamReset);
  }
  forward(read_at);
}

/// Returns what follows the head; receiving_ is kBody once the final one has come.
std::string_view Exchange::receive_head(std::string_view wire, Moment read_at) {
  while (!wire.empty() && receiving_ == Receiving::kHead) {
    wire.remove_prefix(answer_head_->feed(wire));
    if (answer_head_->state() == http::State::kRefused) {
      worker_.stats().add(Stat::kResponsesRefused);
      answer(plain_answer(502, upstream_->name + " sent what is no safe HTTP: " +
                                   std::string(http::sentence_of(answer_head_->refusal()))),
             How::kUpstreamReset);
      return {};
    }
    if (answer_head_->state() != http::State::kDone) break;
    if (answer_head_->head().status < 200) {
      answer_head_->reset(head_only_);  // 100 to 199: another one follows.
      continue;
    }
    begin_response(answer_head_->head(), read_at);
  }
  return wire;
}

void Exchange::begin_response(const http::Head& head, Moment read_at) {
  using http::Framing;
  Framing framing = head.framing;
  if (framing == Framing::kUntilClose && !old_version_) framing = Framing::kChunked;
  if (framing == Framing::kChunked && old_version_) framing = Framing::kUntilClose;
  if (framing == Framing::kUntilClose || worker_.draining()) persistent_ = false;
  metadata_ = metadata_ && head.status == 200 && head.framing != Framing::kNone;
  if (!metadata_) {
    compose_response(head, framing == head.framing ? std::nullopt : std::optional(framing), 0);
    if (over_) return;
  }
  tap().on_response(head, read_at);
  answer_.begin(head, metadata_ ? Framing::kLength : framing);
  answer_persistent_ = head.persistent && head.framing != Framing::kUntilClose;
  receiving_ = Receiving::kBody;
  if (metadata_) return;  // Its head waits for the body's new length.
  worker_.response_heads().give_back(std::move(answer_head_));
  answer_head_ = nullptr;
}

/// `framing`: another one than the head declares, with its length.
void Exchange::compose_response(const http::Head& head, std::optional<http::Framing> framing,
                                std::uint64_t length) {
  const Moment now = worker_.clock().now();
  std::array<http::Rewrite::NewField, 3> set;
  std::size_t count = 0;
  const auto add = [&](std::string_view name, std::string_view value) {
    if (head.find(name) == nullptr) set[count++] = {.name = name, .value = value};
  };
  if (settings_->inject) {
    add("x-request-id", tap().request_id(now));
    add("x-correlation-id", tap().correlation_id(now));
  }
  std::optional<std::string> challenge;
  if (!settings_->config.public_origin.empty()) {
    challenge = challenge_with_origin(joined_values(head, "www-authenticate"), origins());
    if (challenge) set[count++] = {.name = "WWW-Authenticate", .value = *challenge};
  }
  const http::Rewrite rewrite{.set = std::span(set).first(count),
                              .close = !persistent_,
                              .framing = framing,
                              .content_length = length};
  response_.reserve(kHeadBytes);
  response_.clear();
  if (const Status written = http::append_head(response_, head, rewrite); !written) {
    answer(plain_answer(502, written.error().message()), How::kUpstreamReset);
  }
}

Origins Exchange::origins() const noexcept {
  return {.upstream = upstream_->authority,
          .asked = host_,
          .known_as = settings_->config.public_origin};
}

/// Metadata are taken whole, and leave with the origin that clients know.
bool Exchange::hold_metadata() {
  for (const std::string_view payload : answer_.payload()) held_.append(payload);
  const bool done = answer_.state() == http::State::kDone;
  if (!done && held_.size() <= kMetadataBytesMax) return true;
  if (done) {
    if (auto rewritten = with_origin(held_, origins())) {
      held_ = *std::move(rewritten);
    }
    compose_response(answer_head_->head(), http::Framing::kLength, held_.size());
  } else {
    answer(plain_answer(502, upstream_->name + " sent metadata of more than 64 KiB"),
           How::kUpstreamReset);
  }
  if (over_) return true;
  response_ += held_;
  metadata_ = false;
  worker_.response_heads().give_back(std::move(answer_head_));
  answer_head_ = nullptr;
  return false;
}

/// Writes what the last bytes have given; what the client does not take is kept.
void Exchange::forward(Moment read_at) {
  const bool held = metadata_;
  if (held && hold_metadata()) return;
  const bool looked = tap().looks_first();
  if (looked) {
    observe(read_at, {});
    tap().before_events();
  }
  pieces_.clear();
  if (!response_.empty()) {
    pieces_.push_back({.iov_base = response_.data(), .iov_len = response_.size()});
  }
  if (!held) pieces_.insert(pieces_.end(), answer_.pieces().begin(), answer_.pieces().end());
  std::size_t written = 0;
  if (!pieces_.empty()) {
    const net::IoResult result = client_.connection().write(pieces_);
    if (result.state == net::IoResult::State::kBroken) return break_off(How::kClientGone);
    written = result.bytes;
  }
  for (const iovec& piece : pieces_) {
    const std::size_t skipped = std::min(written, piece.iov_len);
    written -= skipped;
    unwritten_.append(static_cast<const char*>(piece.iov_base) + skipped, piece.iov_len - skipped);
  }
  response_.clear();
  const std::chrono::nanoseconds written_at = worker_.clock().now().monotonic;
  if (looked) {
    tap().on_forwarded(written_at);
  } else {
    observe(read_at, written_at);
  }
  if (answer_.state() == http::State::kDone) receiving_ = Receiving::kDone;
  const ProxyConfig& config = settings_->config;
  client_.deadline =
      read_at.monotonic + (unwritten_.empty() ? config.stream_timeout : config.write_timeout);
}

/// `written_at`: zero if that is still to come.
void Exchange::observe(Moment read_at, std::chrono::nanoseconds written_at) {
  const bool done = answer_.state() == http::State::kDone;
  const bool whole = done && !payload_seen_ && answer_.payload().size() == 1;
  for (const std::string_view payload : answer_.payload()) {
    tap().on_payload(payload, whole, read_at, written_at);
    payload_seen_ = true;
  }
  if (done && !whole) tap().on_payload_end(read_at);
}

void Exchange::on_upstream_end() {
  if (receiving_ == Receiving::kBody) {
    if (!answer_.end_of_stream()) {
      if (metadata_) {
        return answer(plain_answer(502, upstream_->name + " broke off"), How::kUpstreamReset);
      }
      worker_.stats().add(Stat::kUpstreamResets);
      return break_off(How::kUpstreamReset);
    }
    answer_persistent_ = false;
    answer_.take({});
    forward(worker_.clock().now());
    if (!over_ && unwritten_.empty()) finish();
    return;
  }
  if (try_again()) return;
  worker_.stats().add(Stat::kUpstreamResets);
  answer(plain_answer(502, upstream_->name + " closed the connection without an answer"),
         How::kUpstreamReset);
}

/// A connection that was kept may have been closed by the upstream in the same moment.  Then the
/// request is sent once more, but only where nothing can have come of it: it was not sent, or may
/// be repeated (RFC 9110 9.2.2).
bool Exchange::try_again() {
  const bool untouched = !anything_sent_ || (idempotent_ && answer_head_->bytes() == 0);
  const bool whole =
      body().state() == RequestBody::State::kComplete && (!anything_sent_ || body().length() == 0);
  if (!used_before_ || tried_again_ || !untouched || !whole) return false;
  tried_again_ = true;
  send_failed_ = false;
  request_sent_ = 0;
  worker_.response_heads().give_back(std::move(answer_head_));
  drop_upstream();
  worker_.pool().clear();
  receiving_ = Receiving::kNothing;
  connect();
  return true;
}

}  // namespace sonde::proxy
