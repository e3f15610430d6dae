#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace sonde::sinks {

/// Appends captured content as a member: a JSON value where `text` is one, so that queries
/// reach into it, else (cut off by a limit, not JSON) a string.  Nothing if `text` is empty.
///
/// The value is written anew, never copied: what came from the wire may hold newlines,
/// control characters and bytes that are no UTF-8, and a line must hold none.
/// Returns 1 if `text` was cut to `bytes_max`, else 0.
std::uint32_t append_content(std::string& out, std::string_view key, std::string_view text,
                             std::size_t bytes_max);

}  // namespace sonde::sinks
