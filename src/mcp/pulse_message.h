#pragma once

#include <string>
#include <string_view>

namespace sonde::mcp {

/// The version of the modern era, and the newest of the legacy one.
inline constexpr std::string_view kModernVersion = "2026-07-28";
inline constexpr std::string_view kLegacyVersion = "2025-11-25";

/// Who asks, of `clientInfo` and User-Agent.
inline constexpr std::string_view kPulseClient = "sonde-pulse";

/// One JSON-RPC request that has no effect, without a newline.  `id` and `cursor` are raw JSON;
/// an empty cursor is none.  Modern requests carry the `_meta` that the era asks for.
struct PulseWords {
  std::string_view id;
  std::string_view tap_version;
  std::string_view protocol_version = kModernVersion;  ///< Of modern requests.
};
std::string discover_message(const PulseWords& words);
std::string ping_message(std::string_view id);
std::string initialize_message(const PulseWords& words);
std::string initialized_message();
std::string tools_list_message(const PulseWords& words, bool modern, std::string_view cursor);

}  // namespace sonde::mcp
