#pragma once

#include <string_view>

#include "http/head.h"
#include "http/refusal.h"

namespace sonde::http {

/// The longest method; every registered one is shorter than 20.
inline constexpr std::size_t kMethodBytesMax = 32;
/// What else stands in a request line: method, two blanks, "HTTP/1.1".
inline constexpr std::size_t kRequestLineExtra = kMethodBytesMax + 10;

/// Reads the first line of a head, without its CRLF.
/// REQUIRES: no control byte but HTAB in it.
Refusal parse_request_line(std::string_view line, const Limits& limits, Head& head) noexcept;
Refusal parse_status_line(std::string_view line, Head& head) noexcept;

/// Is it a name or an address as Host has it, with or without a port?
bool valid_host(std::string_view host) noexcept;

/// Decides what the fields mean together: host, framing, connection, expectation.
Refusal settle(Head& head, const Limits& limits, bool answers_head) noexcept;

}  // namespace sonde::http
