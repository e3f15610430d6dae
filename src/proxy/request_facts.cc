#include "proxy/request_facts.h"

#include <algorithm>
#include <utility>

#include "base/json_reader.h"
#include "proxy/base64.h"
#include "proxy/hosts.h"
#include "trace_context/baggage.h"
#include "trace_context/correlation.h"
#include "trace_context/xray.h"

namespace sonde::proxy {
namespace {

/// Longer tokens carry no subject that we would look for.
constexpr std::size_t kTokenBytesMax = 16 * 1024;
constexpr std::size_t kSubjectBytesMax = 1024;

bool contains_media_type(std::string_view list, std::string_view type) noexcept {
  while (!list.empty()) {
    while (list.starts_with(' ') || list.starts_with('\t')) list.remove_prefix(1);
    if (same_host(list.substr(0, type.size()), type)) {
      std::string_view rest = list.substr(type.size());
      while (rest.starts_with(' ') || rest.starts_with('\t')) rest.remove_prefix(1);
      if (rest.empty() || rest.front() == ',' || rest.front() == ';') return true;
    }
    list.remove_prefix(std::min(list.find(','), list.size() - 1) + 1);
  }
  return false;
}

mcp::HttpMethod method_of(std::string_view method) noexcept {
  if (method == "POST") return mcp::HttpMethod::kPost;
  if (method == "GET") return mcp::HttpMethod::kGet;
  if (method == "DELETE") return mcp::HttpMethod::kDelete;
  return mcp::HttpMethod::kOther;
}

/// What an unknown field means to us, by its name.
enum class Meaning : std::uint8_t {
  kNone,
  kAccept,
  kContentEncoding,
  kSigned,
  kRequestId,
  kCorrelationId,
  kXRay,
  kTraceParent,
  kBaggage,
  kRelayed,
};

struct Known {
  std::string_view name;
  Meaning meaning;
};

constexpr Known kKnown[] = {
    {"accept", Meaning::kAccept},          {"content-encoding", Meaning::kContentEncoding},
    {"content-digest", Meaning::kSigned},  {"repr-digest", Meaning::kSigned},
    {"digest", Meaning::kSigned},          {"content-md5", Meaning::kSigned},
    {"signature-input", Meaning::kSigned}, {"x-amz-content-sha256", Meaning::kSigned},
    {"x-request-id", Meaning::kRequestId}, {"x-correlation-id", Meaning::kCorrelationId},
    {"x-amzn-trace-id", Meaning::kXRay},   {"traceparent", Meaning::kTraceParent},
    {"baggage", Meaning::kBaggage},        {"via", Meaning::kRelayed},
    {"forwarded", Meaning::kRelayed},      {"x-forwarded-for", Meaning::kRelayed},
};

Meaning meaning_of(std::string_view name) noexcept {
  if (name.empty()) return Meaning::kNone;
  const char first = static_cast<char>(static_cast<unsigned char>(name.front()) | 0x20U);
  for (const Known& known : kKnown) {
    // Nearly always decided by these two.
    if (known.name.size() != name.size() || known.name.front() != first) continue;
    if (same_host(known.name, name)) return known.meaning;
  }
  return Meaning::kNone;
}

/// Gathers what needs a second look once all fields are known.
struct Reading {
  RequestFacts facts;
  std::string_view content_type;
  std::string_view xray;

  void take_known(const http::Field& field);
  void take_other(std::string_view name, std::string_view value);
  void take_authorization(std::string_view value);
};

void Reading::take_authorization(std::string_view value) {
  constexpr std::string_view kSigV4 = "AWS4-HMAC-SHA256";
  constexpr std::string_view kBearer = "Bearer ";
  if (value.starts_with(kSigV4)) facts.is_signed = true;
  if (value.size() > kBearer.size() && same_host(value.substr(0, kBearer.size()), kBearer)) {
    facts.subject = subject_of_jwt(value.substr(kBearer.size()));
  }
}

void Reading::take_known(const http::Field& field) {
  using enum http::FieldId;
  switch (field.id) {
    case kContentType:
      content_type = field.value;
      break;
    case kAuthorization:
      take_authorization(field.value);
      break;
    case kLastEventId:
      facts.resumes = true;
      break;
    case kMcpSessionId:
      facts.session_id = field.value;
      break;
    case kMcpProtocolVersion:
      facts.version = field.value;
      break;
    case kMcpMethod:
      facts.names_method = true;
      facts.mcp_method = field.value;
      break;
    case kMcpName:
      facts.mcp_name = decode_mcp_value(field.value).value_or(std::string(field.value));
      break;
    case kOther:
      take_other(field.name, field.value);
      break;
    default:
      break;
  }
}

void Reading::take_other(std::string_view name, std::string_view value) {
  switch (meaning_of(name)) {
    case Meaning::kAccept:
      facts.streamable = facts.streamable || contains_media_type(value, "text/event-stream");
      break;
    case Meaning::kContentEncoding:
      facts.encoded = !same_host(value, "identity");
      break;
    case Meaning::kSigned:
      facts.is_signed = true;
      break;
    case Meaning::kRequestId:
      if (trace_context::valid_correlation_id(value)) facts.request_id = value;
      break;
    case Meaning::kCorrelationId:
      if (trace_context::valid_correlation_id(value)) facts.correlation_id = value;
      break;
    case Meaning::kXRay:
      xray = value;
      break;
    case Meaning::kTraceParent:
      facts.has_traceparent = true;
      facts.parent = trace_context::parse_traceparent(value);
      break;
    case Meaning::kBaggage:
      facts.conversation = trace_context::baggage_conversation(value);
      break;
    case Meaning::kRelayed:
      facts.relayed = true;
      break;
    case Meaning::kNone:
      break;
  }
}

void take_xray(RequestFacts& facts, std::string_view header) {
  auto trace = trace_context::parse_xray(header);
  if (!trace) return;
  if (facts.correlation_id.empty()) facts.correlation_id = trace->root;
  if (facts.parent || !trace->parent) return;
  facts.parent = {.trace_id = trace->trace_id,
                  .span_id = *trace->parent,
                  .flags = static_cast<std::uint8_t>(trace->sampled.value_or(true) ? 1 : 0)};
}

}  // namespace

bool is_json(std::string_view content_type) noexcept {
  return contains_media_type(content_type.substr(0, content_type.find(',')), "application/json");
}

bool is_event_stream(std::string_view content_type) noexcept {
  return contains_media_type(content_type.substr(0, content_type.find(',')), "text/event-stream");
}

std::string subject_of_jwt(std::string_view token) {
  if (token.size() > kTokenBytesMax) return {};
  const std::size_t first = token.find('.');
  if (first == std::string_view::npos) return {};
  const std::size_t second = token.find('.', first + 1);
  if (second == std::string_view::npos) return {};
  const auto claims = decode_base64(token.substr(first + 1, second - first - 1));
  if (!claims) return {};
  const auto subject = find_member(*claims, "sub");
  if (!subject) return {};
  const std::string text = json_string(*subject).value_or(std::string());
  return text.size() <= kSubjectBytesMax ? text : std::string();
}

std::optional<std::string> decode_mcp_value(std::string_view value) {
  constexpr std::string_view kOpen = "=?base64?";
  constexpr std::string_view kClose = "?=";
  const bool encoded = value.starts_with(kOpen) && value.ends_with(kClose) &&
                       value.size() >= kOpen.size() + kClose.size();
  if (!encoded) return std::string(value);
  value.remove_prefix(kOpen.size());
  value.remove_suffix(kClose.size());
  return decode_base64(value);
}

RequestFacts read_facts(const http::Head& head, std::string_view subject_header) {
  Reading reading;
  RequestFacts& facts = reading.facts;
  facts.method = method_of(head.method);
  for (const http::Field& field : head.fields) reading.take_known(field);
  if (!reading.xray.empty()) take_xray(facts, reading.xray);
  if (!subject_header.empty()) {
    const http::Field* const named = head.find(subject_header);
    facts.subject = named == nullptr ? std::string() : std::string(named->value);
    facts.subject_verified = named != nullptr;
  }
  facts.is_signed = facts.is_signed || facts.encoded;
  facts.json = !facts.encoded && is_json(reading.content_type);
  return std::move(reading.facts);
}

}  // namespace sonde::proxy
