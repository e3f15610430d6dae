// Property: a rule written out in brackets reads as the same rule and holds alike, and its
// negation holds when it does not, whatever states its alarms are in.
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "alarm/rule.h"

namespace {

using namespace sonde::alarm;

void require(bool condition) {
  if (!condition) std::abort();
}

/// A state for each name, another with each salt.
State state_of(std::string_view name, std::size_t salt) {
  return static_cast<State>((std::hash<std::string_view>()(name) + salt) % 3);
}

bool holds_with(const Rule& rule, std::size_t salt) {
  return holds(rule, [&](std::string_view name) { return state_of(name, salt); });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  const auto rule = parse_rule(text);
  if (!rule) {
    require(!rule.error().message().empty());
    return 0;
  }
  const std::string written = to_text(*rule);
  const auto again = parse_rule(written);
  // All brackets may be more than there is room for.
  if (again) require(*again == *rule);
  if (!again) require(again.error().code() == sonde::Errc::kLimitExceeded);
  const auto negated = parse_rule("NOT (" + written + ")");
  for (std::size_t salt = 0; salt < 3; ++salt) {
    if (again) require(holds_with(*again, salt) == holds_with(*rule, salt));
    if (negated) require(holds_with(*negated, salt) != holds_with(*rule, salt));
  }
  return 0;
}
