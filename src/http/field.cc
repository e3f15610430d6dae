#include "http/field.h"

#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>

#include "base/byte_scan.h"
#include "http/text_internal.h"

namespace sonde::http {
namespace {

constexpr std::array<std::string_view, static_cast<std::size_t>(FieldId::kCount)> kNames{
    "",
    "content-length",
    "transfer-encoding",
    "host",
    "connection",
    "expect",
    "keep-alive",
    "proxy-connection",
    "te",
    "trailer",
    "upgrade",
    "http2-settings",
    "proxy-authorization",
    "proxy-authenticate",
    "authorization",
    "origin",
    "content-type",
    "last-event-id",
    "mcp-session-id",
    "mcp-protocol-version",
    "mcp-method",
    "mcp-name",
};

constexpr char folded(char c) noexcept { return c == '_' ? '-' : lower(c); }

/// The first eight bytes in lower case, as far as a known name can have them.
std::uint64_t eight(std::string_view from) noexcept {
  constexpr std::uint64_t kLowerBits = 0x2020202020202020;
  std::uint64_t bytes = 0;
  std::memcpy(&bytes, from.data(),
              sizeof bytes);  // NOLINT(bugprone-suspicious-stringview-data-usage)
  return bytes | kLowerBits;
}

/// REQUIRES: they are of one length.
bool looks_like(std::string_view name, std::string_view known) noexcept {
  const std::size_t size = name.size();
  if (size >= 8) {
    // Of what may stand in a name, only letters get another meaning by that bit, and the
    // underscore one that no known name has: then each is looked at.
    const bool same = eight(name) == eight(known) &&
                      eight(name.substr(size - 8)) == eight(known.substr(size - 8));
    if (same && size <= 16) return true;
    if (!same && !name.contains('_')) return false;
  }
  for (std::size_t i = 0; i < name.size(); ++i) {
    if (folded(name[i]) != known[i]) return false;
  }
  return true;
}

constexpr std::size_t kNameBytesMax = 20;

/// By the length of a name, a bit for every known name of that length: for most there is
/// none to compare with.
constexpr std::array<std::uint32_t, kNameBytesMax + 1> ids_by_length() {
  std::array<std::uint32_t, kNameBytesMax + 1> ids{};
  for (std::size_t i = 1; i < kNames.size(); ++i) ids.at(kNames[i].size()) |= 1U << i;
  return ids;
}

constexpr auto kIdsByLength = ids_by_length();

/// As id_of(), but an underscore is as good as a hyphen, as it is to CGI and its children.
FieldId find_known(std::string_view name) noexcept {
  if (name.size() > kNameBytesMax) return FieldId::kOther;
  for (std::uint32_t ids = kIdsByLength[name.size()]; ids != 0; ids &= ids - 1) {
    const auto i = static_cast<std::size_t>(std::countr_zero(ids));
    if (looks_like(name, kNames[i])) return static_cast<FieldId>(i);
  }
  return FieldId::kOther;
}

bool named_hop_by_hop(FieldId id) noexcept {
  switch (id) {
    case FieldId::kConnection:
    case FieldId::kKeepAlive:
    case FieldId::kProxyConnection:
    case FieldId::kTe:
    case FieldId::kTrailer:
    case FieldId::kTransferEncoding:
    case FieldId::kUpgrade:
    case FieldId::kHttp2Settings:
      return true;
    default:
      return false;
  }
}

}  // namespace

FieldId id_of(std::string_view name) noexcept {
  if (name.empty()) return FieldId::kOther;
  const FieldId id = find_known(name);
  return name.find('_') == std::string_view::npos ? id : FieldId::kOther;
}

Refusal parse_field(std::string_view line, Field& field) noexcept {
  if (is_blank(line.front())) return Refusal::kObsFold;
  const std::size_t colon = line.find(':');
  if (colon == std::string_view::npos || colon == 0) return Refusal::kFieldName;
  field.name = line.substr(0, colon);
  if (is_blank(field.name.back())) return Refusal::kBlankBeforeColon;
  if (!all_are(field.name, kToken)) return Refusal::kFieldName;
  field.value = trim_blanks(line.substr(colon + 1));
  field.id = find_known(field.name);
  if (field.id != FieldId::kOther && field.name.find('_') != std::string_view::npos) {
    return Refusal::kFieldLookalike;
  }
  field.hop_by_hop = named_hop_by_hop(field.id);
  return Refusal::kNone;
}

bool valid_field(std::string_view name, std::string_view value) noexcept {
  if (name.find('_') != std::string_view::npos && find_known(name) != FieldId::kOther) return false;
  return !name.empty() && all_are(name, kToken) && holds_none<ControlBytes>(value) &&
         trim_blanks(value).size() == value.size();
}

}  // namespace sonde::http
