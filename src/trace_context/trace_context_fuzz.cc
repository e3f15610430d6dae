// Property: a traceparent that is read is written the same (version 00); a tracestate of
// ours stays within its bounds, is found again, and does not change when it is made twice;
// members spliced in front of any object without a traceparent are read back, and change
// nothing else that is read from it.

#include <algorithm>
#include <cstdlib>

#include "base/json_reader.h"
#include "trace_context/baggage.h"
#include "trace_context/correlation.h"
#include "trace_context/meta.h"
#include "trace_context/splice.h"
#include "trace_context/trace_state.h"
#include "trace_context/xray.h"

namespace {

using namespace sonde::trace_context;

constexpr sonde::SpanId kSpan{{1, 2, 3, 4, 5, 6, 7, 8}};
constexpr sonde::TraceId kTrace{{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16}};

void require(bool holds) {
  if (!holds) std::abort();
}

void check_traceparent(std::string_view text) {
  const auto parent = parse_traceparent(text);
  if (!parent) return;
  std::string out;
  append_traceparent(out, *parent);
  require(out.substr(2) == text.substr(2, 53));
  require(parse_traceparent(out) == parent);
}

void check_tracestate(std::string_view text) {
  const std::string out = with_sonde_member(text, kSpan);
  require(out.size() <= kTraceStateBytesMax);
  require(std::ranges::count(out, ',') < static_cast<std::ptrdiff_t>(kTraceStateMembersMax));
  require(sonde_member(out) == kSpan);
  require(with_sonde_member(out, kSpan) == out);
  require(out.ends_with(clean_tracestate(out)));
}

void check_meta(std::string_view text) {
  const MetaContext before = read_meta(text);
  require(before.conversation.empty() || valid_correlation_id(before.conversation));
  sonde::JsonMembers members(text);
  bool any = false;
  while (members.next()) any = true;
  if (!members.ok() || before.has_traceparent || before.has_tracestate) return;

  const std::size_t open = text.find('{');
  std::string spliced = "{";
  append_splice_members(spliced, {.here = {.trace_id = kTrace, .span_id = kSpan, .flags = 1},
                                  .request_id = before.request_id.empty() ? "ours" : ""});
  if (any) spliced += ',';
  spliced += text.substr(open + 1);
  const MetaContext after = read_meta(spliced);
  require(after.parent && after.parent->span_id == kSpan);
  require(after.conversation == before.conversation && after.turn == before.turn);
  require(after.tool_call_id == before.tool_call_id && after.client == before.client);
  require(after.progress_token == before.progress_token);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  check_traceparent(text);
  check_tracestate(text);
  check_meta(text);
  require(baggage_conversation(text).size() <= kCorrelationIdBytesMax);
  if (const auto xray = parse_xray(text)) require(xray->trace_id.valid());
  return 0;
}
