#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "jsonrpc/scanner.h"
#include "model/call_record.h"

namespace sonde::mcp {

/// The most of an id that is kept; of a longer one a prefix and its length.
inline constexpr std::size_t kIdBytesMax = 256;

/// The id of a message.  kNone for a value that the protocol does not allow as an id.
WireId read_wire_id(const jsonrpc::Value& value);
/// The same from the raw JSON text of a whole value.
WireId read_wire_id(std::string_view raw);

/// The text of a JSON string, at most `bytes_max` of it; empty for any other value.  A
/// value that is cut off is read as far as it goes.
std::string read_text(const jsonrpc::Value& value, std::size_t bytes_max);
std::string read_text(std::string_view raw, std::size_t bytes_max);

std::uint64_t hash_text(std::string_view text) noexcept;
std::uint64_t hash_id(const WireId& id) noexcept;

}  // namespace sonde::mcp
