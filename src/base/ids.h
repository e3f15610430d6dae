#pragma once

#include <array>
#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/random.h"

namespace sonde {

/// The id of a trace: 16 bytes, not all zero when valid (W3C Trace Context 3.2.2.3).
struct TraceId {
  std::array<std::uint8_t, 16> bytes{};
  bool valid() const noexcept { return bytes != std::array<std::uint8_t, 16>{}; }
  bool operator==(const TraceId&) const = default;
};

/// The id of a span: 8 bytes, not all zero when valid.
struct SpanId {
  std::array<std::uint8_t, 8> bytes{};
  bool valid() const noexcept { return bytes != std::array<std::uint8_t, 8>{}; }
  bool operator==(const SpanId&) const = default;
};

/// A new trace id.  Its first four bytes are the seconds since the epoch, which
/// X-Ray wants to see there (AWS X-Ray, "Sending trace data", trace id format).
TraceId new_trace_id(std::chrono::nanoseconds wall, Random& random) noexcept;
SpanId new_span_id(Random& random) noexcept;

/// A UUID version 7 (RFC 9562 5.7), in its text form of 36 characters.
std::string new_uuid7(std::chrono::nanoseconds wall, Random& random);

/// Lower-case hexadecimal, twice `size` characters.
void write_hex(char* to, const std::uint8_t* bytes, std::size_t size) noexcept;
void append_hex(std::string& out, const std::uint8_t* bytes, std::size_t size);
std::string to_hex(const TraceId& id);
std::string to_hex(const SpanId& id);

/// Decodes exactly `size` bytes from lower-case hexadecimal; false on anything else.
bool decode_hex(std::string_view text, std::uint8_t* bytes, std::size_t size) noexcept;

}  // namespace sonde
