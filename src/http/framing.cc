#include <algorithm>
#include <array>
#include <utility>

#include "http/head_parts_internal.h"
#include "http/text_internal.h"

namespace sonde::http {
namespace {

constexpr std::size_t kConnectionWordsMax = 32;

/// The fields that frame and route, each of which came at most once.
struct Seen {
  const Field* length = nullptr;
  const Field* encoding = nullptr;
  const Field* host = nullptr;
  const Field* expect = nullptr;
};

Refusal keep(const Field*& place, const Field& field, Refusal if_repeated) noexcept {
  if (place != nullptr) return if_repeated;
  place = &field;
  return Refusal::kNone;
}

/// Fields of a request that one reader takes the first of, and the next one the last.
bool may_repeat(FieldId id) noexcept {
  switch (id) {
    case FieldId::kAuthorization:
    case FieldId::kProxyAuthorization:
    case FieldId::kOrigin:
    case FieldId::kContentType:
    case FieldId::kLastEventId:
    case FieldId::kMcpSessionId:
    case FieldId::kMcpProtocolVersion:
    case FieldId::kMcpMethod:
    case FieldId::kMcpName:
      return false;
    default:
      return true;
  }
}

Refusal sort_field(const Field& field, Side side, std::uint32_t& ids, Seen& seen) noexcept {
  if (field.id == FieldId::kOther) return Refusal::kNone;
  if (field.id == FieldId::kContentLength) {
    return keep(seen.length, field, Refusal::kLengthRepeated);
  }
  if (field.id == FieldId::kTransferEncoding) {
    return keep(seen.encoding, field, Refusal::kEncodingRepeated);
  }
  if (side == Side::kResponse) return Refusal::kNone;
  if (field.id == FieldId::kHost) return keep(seen.host, field, Refusal::kHostRepeated);
  if (field.id == FieldId::kExpect) return keep(seen.expect, field, Refusal::kFieldRepeated);
  const std::uint32_t bit = std::uint32_t{1} << static_cast<unsigned>(field.id);
  const bool again = (std::exchange(ids, ids | bit) & bit) != 0;
  return again && !may_repeat(field.id) ? Refusal::kFieldRepeated : Refusal::kNone;
}

Refusal settle_host(Head& head, const Field* host) noexcept {
  if (host == nullptr) {
    return head.version == Version::k11 ? Refusal::kHostMissing : Refusal::kNone;
  }
  if (!valid_host(host->value)) return Refusal::kHost;
  if (head.form == TargetForm::kAbsolute && !same_name(head.host, host->value)) {
    return Refusal::kTargetNotHost;
  }
  head.host = host->value;
  return Refusal::kNone;
}

/// One way to write each number: no sign, no list, no leading zero.
Refusal parse_length(std::string_view text, std::uint64_t& length) noexcept {
  if (text.empty() || !std::ranges::all_of(text, is_digit)) return Refusal::kLength;
  if (text.size() > 1 && text.front() == '0') return Refusal::kLength;
  length = 0;
  for (const char c : text) {
    const auto digit = static_cast<std::uint64_t>(c - '0');
    if (length > (kBodyBytesMax - digit) / 10) return Refusal::kLengthOverflow;
    length = length * 10 + digit;
  }
  return Refusal::kNone;
}

Refusal settle_declared(Head& head, const Limits& limits, const Seen& seen) noexcept {
  if (seen.encoding != nullptr) {
    if (seen.length != nullptr) return Refusal::kLengthAndEncoding;
    if (head.version == Version::k10) return Refusal::kEncodingOn10;
    if (!same_name(seen.encoding->value, "chunked")) return Refusal::kEncoding;
    head.declared = Framing::kChunked;
  } else if (seen.length != nullptr) {
    const Refusal bad = parse_length(seen.length->value, head.content_length);
    if (bad != Refusal::kNone) return bad;
    head.declared = Framing::kLength;
  } else {
    head.declared = head.side == Side::kRequest ? Framing::kNone : Framing::kUntilClose;
  }
  head.framing = head.declared;
  const bool too_large =
      head.declared == Framing::kLength && head.content_length > limits.body_bytes_max;
  return too_large ? Refusal::kBodyTooLarge : Refusal::kNone;
}

/// RFC 9112 6.3, 1: some responses have no body whatever their fields say.
Refusal settle_bodiless(Head& head, bool answers_head) noexcept {
  const bool never = head.status < 200 || head.status == 204;
  if (!never && head.status != 304 && !answers_head) return Refusal::kNone;
  head.framing = Framing::kNone;
  if (never && head.declared == Framing::kChunked) return Refusal::kEncodingForbidden;
  if (never && head.declared == Framing::kLength && head.content_length != 0) {
    return Refusal::kLengthForbidden;
  }
  // Servers do write `Content-Length: 0` there; it is not passed on (RFC 9110 8.6).
  if (never || head.declared == Framing::kUntilClose) head.declared = Framing::kNone;
  return Refusal::kNone;
}

/// Fields that a request must not be able to take out of another one's hands.
bool must_arrive(std::string_view name) noexcept {
  constexpr std::array<std::string_view, 14> kNames{
      "content-length", "transfer-encoding", "host",
      "authorization",  "content-type",      "content-encoding",
      "cookie",         "set-cookie",        "origin",
      "accept",         "last-event-id",     "expect",
      "forwarded",      "traceparent"};
  constexpr std::array<std::string_view, 3> kPrefixes{"mcp-", "x-forwarded-", "x-sonde-"};
  const auto begins = [name](std::string_view prefix) {
    return same_name(name.substr(0, prefix.size()), prefix);
  };
  return std::ranges::any_of(kNames, [name](auto known) { return same_name(name, known); }) ||
         std::ranges::any_of(kPrefixes, begins);
}

/// What Connection has said so far.
struct Words {
  std::size_t count = 0;
  bool close = false;
  bool keep_alive = false;
};

Refusal take_word(std::string_view word, Words& words, Head& head) noexcept {
  if (word.empty()) return Refusal::kNone;  // RFC 9110 5.6.1.2: an empty element is none.
  if (!all_are(word, kToken) || ++words.count > kConnectionWordsMax) return Refusal::kConnection;
  if (must_arrive(word)) return Refusal::kConnectionNames;
  words.close |= same_name(word, "close");
  words.keep_alive |= same_name(word, "keep-alive");
  for (Field& field : head.fields) {
    if (same_name(field.name, word)) field.hop_by_hop = true;
  }
  return Refusal::kNone;
}

Refusal settle_connection(Head& head) noexcept {
  Words words;
  for (const Field& field : head.fields) {
    if (field.id != FieldId::kConnection) continue;
    std::string_view list = field.value;
    while (!list.empty()) {
      const std::size_t comma = std::min(list.find(','), list.size());
      const Refusal bad = take_word(trim_blanks(list.substr(0, comma)), words, head);
      if (bad != Refusal::kNone) return bad;
      list.remove_prefix(std::min(comma + 1, list.size()));
    }
  }
  head.persistent = !words.close && head.framing != Framing::kUntilClose &&
                    (head.version == Version::k11 || words.keep_alive);
  return Refusal::kNone;
}

Refusal settle_expect(Head& head, const Field* expect) noexcept {
  if (expect == nullptr) return Refusal::kNone;
  if (!same_name(expect->value, "100-continue")) return Refusal::kExpect;
  // RFC 9110 10.1.1: not from 1.0, and there must be a body to wait for.
  head.expects_continue = head.version == Version::k11 && head.framing != Framing::kNone;
  return Refusal::kNone;
}

}  // namespace

Refusal settle(Head& head, const Limits& limits, bool answers_head) noexcept {
  Seen seen;
  std::uint32_t ids = 0;
  Refusal bad = Refusal::kNone;
  for (const Field& field : head.fields) {
    bad = sort_field(field, head.side, ids, seen);
    if (bad != Refusal::kNone) return bad;
  }
  if (head.side == Side::kRequest) bad = settle_host(head, seen.host);
  if (bad == Refusal::kNone) bad = settle_declared(head, limits, seen);
  if (bad == Refusal::kNone && head.side == Side::kResponse) {
    bad = settle_bodiless(head, answers_head);
  }
  if (bad == Refusal::kNone) bad = settle_connection(head);
  if (bad == Refusal::kNone) bad = settle_expect(head, seen.expect);
  return bad;
}

const Field* Head::find(std::string_view name) const noexcept {
  const auto found =
      std::ranges::find_if(fields, [name](const Field& f) { return same_name(f.name, name); });
  return found == fields.end() ? nullptr : &*found;
}

const Field* Head::find(FieldId id) const noexcept {
  const auto found = std::ranges::find(fields, id, &Field::id);
  return found == fields.end() ? nullptr : &*found;
}

}  // namespace sonde::http
