#include "proxy/tool_policy.h"

#include <algorithm>

namespace sonde::proxy {

bool matches_pattern(std::string_view pattern, std::string_view text) noexcept {
  // One way back is enough: only the last star need take more.
  std::size_t p = 0;
  std::size_t t = 0;
  std::size_t star = std::string_view::npos;
  std::size_t taken = 0;
  while (t < text.size()) {
    if (p < pattern.size() && pattern[p] == '*') {
      star = p++;
      taken = t;
    } else if (p < pattern.size() && pattern[p] == text[t]) {
      ++p;
      ++t;
    } else if (star != std::string_view::npos) {
      p = star + 1;
      t = ++taken;
    } else {
      return false;
    }
  }
  return pattern.find_first_not_of('*', p) == std::string_view::npos;
}

std::vector<ToolPolicy::Rule> ToolPolicy::rules_of(std::span<const std::string> texts) {
  std::vector<Rule> rules;
  for (const std::string& text : texts) {
    const std::size_t slash = text.find('/');
    if (slash == std::string::npos) {
      rules.push_back({.upstream = "*", .tool = text});
    } else {
      rules.push_back({.upstream = text.substr(0, slash), .tool = text.substr(slash + 1)});
    }
  }
  return rules;
}

ToolPolicy::ToolPolicy(std::span<const std::string> allow, std::span<const std::string> deny)
    : allow_(rules_of(allow)), deny_(rules_of(deny)) {}

bool ToolPolicy::applies(const Rule& rule, std::string_view upstream,
                         std::string_view tool) noexcept {
  return matches_pattern(rule.upstream, upstream) && matches_pattern(rule.tool, tool);
}

bool ToolPolicy::allows(std::string_view upstream, std::string_view tool) const noexcept {
  const auto fits = [&](const Rule& rule) { return applies(rule, upstream, tool); };
  if (std::ranges::any_of(deny_, fits)) return false;
  return allow_.empty() || std::ranges::any_of(allow_, fits);
}

}  // namespace sonde::proxy
