#pragma once

#include <cstddef>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_set>

namespace sonde::mcp {

/// The names that tools/list has shown.
///
/// Limits.  `names_max`; what comes then stays unknown.
class KnownTools {
 public:
  explicit KnownTools(std::size_t names_max) : names_max_(names_max) {}

  /// The raw text of `result.tools`, possibly cut off.  `first_page`: the list begins anew.
  void learn(std::string_view tools, bool first_page);
  /// The list has changed.  What is known holds until the next first page.
  void changed() noexcept { stale_ = true; }
  void set_names_max(std::size_t names_max) noexcept { names_max_ = names_max; }

  bool knows(std::string_view name) const { return names_.find(name) != names_.end(); }
  std::size_t size() const noexcept { return names_.size(); }

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept {
      return std::hash<std::string_view>{}(text);
    }
  };

  std::unordered_set<std::string, Hash, std::equal_to<>> names_;
  std::size_t names_max_;
  bool stale_ = false;
};

}  // namespace sonde::mcp
