#include "mcp/recent_names.h"

namespace sonde::mcp {

bool RecentNames::saw(std::string_view name, std::chrono::nanoseconds now) {
  if (const auto known = by_name_.find(name); known != by_name_.end()) {
    known->second->at = now;
    by_time_.splice(by_time_.end(), by_time_, known->second);
    return false;
  }
  forget_old(now);
  const bool full = by_time_.size() >= names_max_;
  if (full) {
    if (by_time_.empty()) return true;
    by_name_.erase(by_time_.front().name);
    by_time_.pop_front();
  }
  by_time_.push_back({.name = std::string(name), .at = now});
  by_name_.emplace(by_time_.back().name, std::prev(by_time_.end()));
  return full;
}

std::size_t RecentNames::count(std::chrono::nanoseconds now) const {
  std::size_t old = 0;
  for (const Seen& seen : by_time_) {
    if (seen.at + window_ > now) break;
    ++old;
  }
  return by_time_.size() - old;
}

void RecentNames::forget_old(std::chrono::nanoseconds now) {
  while (!by_time_.empty() && by_time_.front().at + window_ <= now) {
    by_name_.erase(by_time_.front().name);
    by_time_.pop_front();
  }
}

}  // namespace sonde::mcp
