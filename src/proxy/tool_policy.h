#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace sonde::proxy {

/// Which tools may be called.
///
/// A rule is "NAME" or "UPSTREAM/NAME", where `*` stands for any text.  What is denied is denied;
/// if anything is allowed by name, nothing else is.
class ToolPolicy {
 public:
  ToolPolicy() = default;
  ToolPolicy(std::span<const std::string> allow, std::span<const std::string> deny);

  /// Whether there is any rule: only then a message must be read before it goes on.
  bool any() const noexcept { return !allow_.empty() || !deny_.empty(); }
  bool allows(std::string_view upstream, std::string_view tool) const noexcept;

 private:
  struct Rule {
    std::string upstream;
    std::string tool;
  };

  static std::vector<Rule> rules_of(std::span<const std::string> texts);
  static bool applies(const Rule& rule, std::string_view upstream, std::string_view tool) noexcept;

  std::vector<Rule> allow_;
  std::vector<Rule> deny_;
};

/// Whether `text` is what `pattern` says, where `*` stands for any text.
bool matches_pattern(std::string_view pattern, std::string_view text) noexcept;

}  // namespace sonde::proxy
