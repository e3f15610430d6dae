#include "proxy/stamper.h"

#include <array>
#include <cstring>
#include <functional>

#include "base/ids.h"

namespace sonde::proxy {
namespace {

using trace_context::TraceParent;

constexpr std::uint64_t mixed(std::uint64_t x) noexcept {
  x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9U;
  x = (x ^ (x >> 27U)) * 0x94d049bb133111ebU;
  return x ^ (x >> 31U);
}

/// 128 bits that are the same for a session on every thread.  No secret is kept by it: it only
/// must not collide.
TraceId id_of_session(std::string_view session, std::uint64_t secret) noexcept {
  const std::uint64_t hash = std::hash<std::string_view>{}(session);
  const std::array<std::uint64_t, 2> words = {mixed(hash ^ secret), mixed(mixed(secret) + hash)};
  TraceId id;
  std::memcpy(id.bytes.data(), words.data(), id.bytes.size());
  return id;
}

}  // namespace

Stamped Stamper::stamp(const RequestFacts& facts, const trace_context::MetaContext& meta,
                       Moment now) {
  Stamped out;
  SpanContext& span = out.stamp.span;
  const std::optional<TraceParent>& parent = meta.parent ? meta.parent : facts.parent;
  span.span_id = new_span_id(random_);
  if (parent) {
    span.trace_id = parent->trace_id;
    span.parent_span_id = parent->span_id;
    span.sampled = parent->sampled();
  } else {
    span.trace_id = new_trace_id(now.wall, random_);
  }
  if (meta.parent && facts.parent && *meta.parent != *facts.parent) {
    out.stamp.link = SpanLink{.trace_id = facts.parent->trace_id, .span_id = facts.parent->span_id};
  }
  out.stamp.request_id = !meta.tool_call_id.empty() ? meta.tool_call_id : meta.request_id;
  if (out.stamp.request_id.empty()) out.stamp.request_id = request_id(facts, now);
  out.minted_id = meta.tool_call_id.empty() && meta.request_id.empty();
  if (facts.correlation_id.empty() && parent) {
    out.stamp.correlation_id = to_hex(parent->trace_id);
  } else {
    out.stamp.correlation_id = correlation_id(facts, span.trace_id);
  }
  return out;
}

std::string Stamper::request_id(const RequestFacts& facts, Moment now) {
  return facts.request_id.empty() ? new_uuid7(now.wall, random_) : facts.request_id;
}

std::string Stamper::correlation_id(const RequestFacts& facts, const TraceId& trace) const {
  if (!facts.correlation_id.empty()) return facts.correlation_id;
  if (facts.parent) return to_hex(facts.parent->trace_id);
  if (facts.session_id.empty()) return to_hex(trace);
  return to_hex(id_of_session(facts.session_id, secret_));
}

}  // namespace sonde::proxy
