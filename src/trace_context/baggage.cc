#include "trace_context/baggage.h"

#include <algorithm>

#include "trace_context/correlation.h"
#include "trace_context/list_internal.h"

namespace sonde::trace_context {
namespace {

int hex_digit(char c) noexcept {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return -1;
}

/// A `%` that begins no escape stands for itself (W3C Baggage 3.3.1.3).
std::optional<std::string> percent_decoded(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c <= ' ' || c > '~' || c == '"' || c == '\\') return std::nullopt;
    if (c == '%' && i + 2 < text.size()) {
      const int high = hex_digit(text[i + 1]);
      const int low = hex_digit(text[i + 2]);
      if (high >= 0 && low >= 0) {
        out.push_back(static_cast<char>(high * 16 + low));
        i += 2;
        continue;
      }
    }
    out.push_back(c);
  }
  return out;
}

}  // namespace

std::optional<std::string> baggage_value(std::string_view baggage, std::string_view key) {
  if (baggage.size() > kBaggageBytesMax) {
    // Up to the last comma: half a value would be another value.
    baggage = baggage.substr(0, kBaggageBytesMax + 1);
    baggage = baggage.substr(0, std::min(baggage.rfind(','), baggage.size()));
    if (baggage.size() > kBaggageBytesMax) return std::nullopt;
  }
  for (std::size_t n = 0; n < kBaggageMembersMax && !baggage.empty(); ++n) {
    std::string_view member = take_member(baggage, ',');
    std::string_view pair = take_member(member, ';');
    if (take_member(pair, '=') == key) return percent_decoded(trim_blanks(pair));
  }
  return std::nullopt;
}

std::string baggage_conversation(std::string_view baggage) {
  for (const std::string_view key : {"session.id", "gen_ai.conversation.id"}) {
    if (auto value = baggage_value(baggage, key); value && valid_correlation_id(*value)) {
      return *std::move(value);
    }
  }
  return {};
}

}  // namespace sonde::trace_context
