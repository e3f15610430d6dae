#include "proxy/exchange_tap.h"

#include <utility>

#include "base/byte_scan.h"
#include "base/json_reader.h"
#include "jsonrpc/splice.h"
#include "proxy/blank_newlines.h"
#include "proxy/header_mismatch.h"
#include "trace_context/splice.h"

namespace sonde::proxy {
namespace {

using jsonrpc::Field;
using jsonrpc::Kind;
using mcp::ExchangeResponded;

constexpr std::size_t kNameBytesMax = 1024;

std::string text_of(const jsonrpc::Value& value) {
  if (!value.present || value.truncated) return {};
  // Nearly always as it stands.
  if (value.text.size() >= 2 && value.text.front() == '"') {
    const std::string_view inside = value.text.substr(1, value.text.size() - 2);
    if (holds_none<JsonStringMarkOrNonAscii>(inside)) {
      return std::string(inside.substr(0, kNameBytesMax));
    }
  }
  return json_string(value.text).value_or(std::string()).substr(0, kNameBytesMax);
}

}  // namespace

ExchangeTap::ExchangeTap(const TapTools& tools, const TapRules& rules, std::uint64_t exchange)
    : tools_(tools), rules_(rules) {
  report_.exchange = exchange;
  report_.upstream = rules.upstream_index;
}

ExchangeTap::~ExchangeTap() = default;

void ExchangeTap::begin(RequestFacts facts, std::string_view path, Moment now) {
  facts_ = std::move(facts);
  path_ = path;
  // Where a policy is to be kept, the type that a body is said to have does not matter.
  const bool asked = rules_.observe || rules_.strict || guarded();
  reads_ = asked && (facts_.json || (guarded() && !facts_.encoded));
  inserts_ = rules_.inject && facts_.json && !facts_.is_signed;
  if (!rules_.observe) return;
  mcp::Report empty = tools_.reports.empty_report();
  report_.news = std::move(empty.news);
  report_.spare = std::move(empty.spare);
  report_.news.reserve(5);
  report_.news.emplace_back(mcp::ExchangeBegan{.at = now,
                                               .method = facts_.method,
                                               .streamable = facts_.streamable,
                                               .resumes = facts_.resumes,
                                               .session_id = facts_.session_id,
                                               .path = std::string(path),
                                               .version = facts_.version,
                                               .names_method = facts_.names_method,
                                               .conversation = facts_.conversation,
                                               .subject = facts_.subject,
                                               .subject_verified = facts_.subject_verified,
                                               .connection = facts_.connection,
                                               .relayed = facts_.relayed});
}

ExchangeTap::Insertion ExchangeTap::on_request_body(std::string_view body, Moment now) {
  Insertion insertion;
  if (!reads_ || body.empty()) return insertion;
  jsonrpc::Scanner& scanner = tools_.scanner;
  const std::uint64_t base = scanner.offset();
  const auto show = [&](const jsonrpc::Message& message) {
    const auto members = on_message(Direction::kToServer, message, {.read_at = now}, 0);
    if (!members || !message.splice) return;
    insertion = {.at = message.splice->offset - base,
                 .text = jsonrpc::splice_text(*message.splice, *members)};
  };
  scanner.feed_last(blank_newlines(body, tools_.scan_copy));
  while (const jsonrpc::Message* message = scanner.next()) {
    show(*message);
    if (!too_many()) continue;
    leave_unread();
    scanner = jsonrpc::Scanner();
    if (guarded()) objection_ = Objection::kAmbiguous;
    return insertion;
  }
  if (scanner.disabled()) scanner = jsonrpc::Scanner();
  return insertion;
}

/// Counted once a body.
void ExchangeTap::leave_unread() {
  if (!std::exchange(unread_, true)) tools_.stats.add(Stat::kMessagesUnread);
}

std::optional<std::string_view> ExchangeTap::on_message(Direction direction,
                                                        const jsonrpc::Message& message,
                                                        const mcp::Sighting& sighting,
                                                        std::uint64_t /*line*/) {
  if (too_many()) {
    leave_unread();
    return std::nullopt;
  }
  ++messages_;
  if (message.kind == Kind::kNotJson || message.kind == Kind::kNotJsonRpc) {
    if (guarded() && facts_.json) objection_ = Objection::kAmbiguous;
    tools_.stats.add(Stat::kNotJsonRpc);
    return std::nullopt;
  }
  object(message, sighting.read_at);
  if (!rules_.observe) return std::nullopt;
  if (message.kind != Kind::kRequest) {
    only_requests_ = false;
    tell_message(direction, message, sighting, nullptr);
    return std::nullopt;
  }
  const bool early = early_.has_value();
  const jsonrpc::Value& raw_meta = message[Field::kMeta];
  const auto meta =
      raw_meta.present ? trace_context::read_meta(raw_meta.text) : trace_context::MetaContext{};
  Stamped stamped =
      early ? *std::exchange(early_, std::nullopt) : stamp_request(meta, sighting.read_at);
  if (request_id_.empty()) request_id_ = stamped.stamp.request_id;
  if (correlation_id_.empty()) correlation_id_ = stamped.stamp.correlation_id;
  if (!span_) span_ = stamped.stamp.span;
  std::optional<std::string_view> members;
  const bool readable = !message.duplicate_keys && !raw_meta.truncated;
  if (inserts_ && !early && !meta.has_traceparent) {
    if (message.in_batch) {
      tools_.stats.add(Stat::kSpliceSkippedBatch);
    } else if (!message.splice || !sighting.spliceable || !readable) {
      tools_.stats.add(Stat::kSpliceSkippedShape);
    } else {
      members = members_of(stamped, meta);
    }
  }
  tell_message(direction, message, sighting,
               std::make_unique<const mcp::Stamp>(std::move(stamped.stamp)));
  return members;
}

Stamped ExchangeTap::stamp_request(const trace_context::MetaContext& meta, Moment now) {
  Stamped stamped = tools_.stamper.stamp(facts_, meta, now);
  if (!std::exchange(told_, false)) return stamped;
  // A large body: the head had to go first, so both sides know these ids, and they hold.
  stamped.stamp.request_id = request_id_;
  if (!correlation_id_.empty()) stamped.stamp.correlation_id = correlation_id_;
  if (span_ && !meta.parent) stamped.stamp.span = *span_;
  return stamped;
}

std::string_view ExchangeTap::members_of(const Stamped& stamped,
                                         const trace_context::MetaContext& meta) {
  const SpanContext& span = stamped.stamp.span;
  members_.clear();
  trace_context::append_splice_members(
      members_,
      {.here = {.trace_id = span.trace_id,
                .span_id = span.span_id,
                .flags = static_cast<std::uint8_t>(span.sampled ? 1 : 0)},
       .with_tracestate = !meta.has_tracestate,
       .request_id = stamped.minted_id ? std::string_view(stamped.stamp.request_id) : ""});
  tools_.stats.add(Stat::kSpliced);
  return members_;
}

std::optional<std::string_view> ExchangeTap::on_splice_early(Moment now) {
  if (!inserts_) return std::nullopt;
  early_ = stamp_request({}, now);
  if (request_id_.empty()) request_id_ = early_->stamp.request_id;
  return members_of(*early_, {});
}

/// With a key twice or a name that was cut, servers differ in what they call.
bool ExchangeTap::ambiguous(const jsonrpc::Message& message) const noexcept {
  return message.duplicate_keys || message[Field::kMethod].truncated ||
         message[Field::kName].truncated;
}

void ExchangeTap::object(const jsonrpc::Message& message, Moment now) {
  if (objection_ != Objection::kNone) return;
  if (guarded() && ambiguous(message)) objection_ = Objection::kAmbiguous;
  const bool request = message.kind == Kind::kRequest || message.kind == Kind::kNotification;
  const std::string method = request ? text_of(message[Field::kMethod]) : std::string();
  if (request && (facts_.names_method || !facts_.mcp_name.empty()) &&
      differs_from_body(facts_, method, message)) {
    tools_.stats.add(Stat::kHeaderMismatch);
    if (rules_.strict && objection_ == Objection::kNone) objection_ = Objection::kMismatch;
  }
  if (objection_ == Objection::kNone && guarded() && method == "tools/call") {
    const std::string tool = text_of(message[Field::kName]);
    if (!rules_.policy->allows(rules_.upstream->name, tool)) {
      objection_ = Objection::kTool;
      refused_name_ = tool;
    }
  }
  if (objection_ == Objection::kNone && method == "tools/call") object_to_circling(message, now);
  if (objection_ != Objection::kNone) refused_id_ = message[Field::kId].text;
}

/// Only where our answer is sure to be read: a client of HTTP+SSE looks at its stream, and one that
/// sends a batch waits for all of it.
void ExchangeTap::object_to_circling(const jsonrpc::Message& message, Moment now) {
  if (message.kind != Kind::kRequest || message.in_batch || !facts_.streamable) return;
  if (!tools_.gate.shut(now.monotonic)) return;
  const std::string tool = text_of(message[Field::kName]);
  const auto denial = tools_.gate.find(
      {.upstream = rules_.upstream->name, .tool = tool, .facts = facts_, .message = message},
      now.monotonic);
  if (!denial) return;
  objection_ = Objection::kCircling;
  denial_ = *denial;
  refused_name_ = tool;
}

bool ExchangeTap::refused_modern() const noexcept {
  constexpr std::string_view kFirst = "2026-07-28";
  return facts_.version.size() == kFirst.size() && facts_.version >= kFirst;
}

void ExchangeTap::on_forwarded(std::chrono::nanoseconds at) {
  for (mcp::ExchangeNews& news : report_.news) {
    auto* const told = std::get_if<mcp::ExchangeMessage>(&news);
    if (told != nullptr && told->sighting.written_at == std::chrono::nanoseconds{}) {
      told->sighting.written_at = at;
    }
  }
}

void ExchangeTap::on_disabled(Direction /*direction*/) { tools_.stats.add(Stat::kStreamsDisabled); }

const std::string& ExchangeTap::request_id(Moment now) {
  if (request_id_.empty()) {
    request_id_ = tools_.stamper.request_id(facts_, now);
    told_ = true;
  }
  return request_id_;
}

const std::string& ExchangeTap::correlation_id(Moment now) {
  if (correlation_id_.empty()) {
    if (!span_) span_ = tools_.stamper.stamp(facts_, {}, now).stamp.span;
    correlation_id_ = tools_.stamper.correlation_id(facts_, span_->trace_id);
  }
  return correlation_id_;
}

void ExchangeTap::before_forwarding() {
  const bool answered_here =
      facts_.method == mcp::HttpMethod::kPost && facts_.streamable && only_requests_;
  if (!answered_here) flush();
}

void ExchangeTap::tell_message(Direction direction, const jsonrpc::Message& message,
                               const mcp::Sighting& sighting,
                               std::unique_ptr<const mcp::Stamp> stamp) {
  report_.news.emplace_back(
      mcp::ExchangeMessage{.direction = direction,
                           .message = jsonrpc::KeptMessage(message, report_.take_spare()),
                           .sighting = sighting,
                           .stamp = std::move(stamp)});
}

void ExchangeTap::pause() {
  if (answer_ == ExchangeResponded::Body::kEvents) flush();
}

void ExchangeTap::end(mcp::ExchangeEnded::How how, Moment now) {
  if (!rules_.observe) return;
  report_.news.emplace_back(mcp::ExchangeEnded{.at = now, .how = how});
  flush();
}

void ExchangeTap::flush() {
  if (report_.news.empty()) return;
  mcp::Report next{
      .exchange = report_.exchange, .upstream = report_.upstream, .news = {}, .spare = {}};
  tools_.reports.take(std::exchange(report_, std::move(next)));
}

}  // namespace sonde::proxy
