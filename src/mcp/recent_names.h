#pragma once

#include <chrono>
#include <cstddef>
#include <list>
#include <string>
#include <string_view>
#include <unordered_map>

namespace sonde::mcp {

/// How many different names were seen within some time.
///
/// Limits.  `names_max`; beyond it the one that was seen longest ago is forgotten.
class RecentNames {
 public:
  RecentNames(std::size_t names_max, std::chrono::nanoseconds window)
      : names_max_(names_max), window_(window) {}

  /// Returns true if another name had to be forgotten before its time.
  bool saw(std::string_view name, std::chrono::nanoseconds now);
  std::size_t count(std::chrono::nanoseconds now) const;

 private:
  struct Seen {
    std::string name;
    std::chrono::nanoseconds at{};
  };

  void forget_old(std::chrono::nanoseconds now);

  const std::size_t names_max_;
  const std::chrono::nanoseconds window_;
  std::list<Seen> by_time_;  ///< The newest last.
  std::unordered_map<std::string_view, std::list<Seen>::iterator> by_name_;
};

}  // namespace sonde::mcp
