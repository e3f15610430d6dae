#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace sonde::trace_context {

/// Bounds of `baggage` (W3C Baggage 3.3.2); what is beyond is not looked at.
inline constexpr std::size_t kBaggageMembersMax = 64;
inline constexpr std::size_t kBaggageBytesMax = 8192;

/// The percent-decoded value of the first member named `key`, without its properties;
/// nothing without one, or if the value has bytes that baggage may not have.
std::optional<std::string> baggage_value(std::string_view baggage, std::string_view key);

/// The conversation that `baggage` names: `session.id`, else `gen_ai.conversation.id`;
/// empty if there is none that could serve as an id.
std::string baggage_conversation(std::string_view baggage);

}  // namespace sonde::trace_context
