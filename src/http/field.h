#pragma once

#include <cstdint>
#include <string_view>

#include "http/refusal.h"

namespace sonde::http {

/// The fields that something here, or in front of a server, decides by.
enum class FieldId : std::uint8_t {
  kOther,
  kContentLength,
  kTransferEncoding,
  kHost,
  kConnection,
  kExpect,
  kKeepAlive,
  kProxyConnection,
  kTe,
  kTrailer,
  kUpgrade,
  kHttp2Settings,
  kProxyAuthorization,
  kProxyAuthenticate,
  kAuthorization,
  kOrigin,
  kContentType,
  kLastEventId,
  kMcpSessionId,
  kMcpProtocolVersion,
  kMcpMethod,
  kMcpName,
  kCount
};

/// One field line.  Lifetime: views into the bytes it was read from.
struct Field {
  std::string_view name;   ///< As it was written.
  std::string_view value;  ///< Without the blanks around it; may be empty.
  FieldId id = FieldId::kOther;
  bool hop_by_hop =
      false;  ///< For this connection only (RFC 9110 7.6.1), by name or by Connection.
};

/// Which of the known fields `name` is, in any case.
FieldId id_of(std::string_view name) noexcept;

/// Reads a field line without its CRLF.
/// REQUIRES: no control byte but HTAB in it.
Refusal parse_field(std::string_view line, Field& field) noexcept;

/// Can it be written into a head without becoming two fields, or what parse_field() refuses?
bool valid_field(std::string_view name, std::string_view value) noexcept;

}  // namespace sonde::http
