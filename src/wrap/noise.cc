#include "wrap/noise.h"

#include <algorithm>
#include <string>
#include <utility>

namespace sonde::wrap {

void Noise::take(std::uint64_t line, Moment now) {
  if (count_++ == 0) due_ = std::max(now.monotonic + kGather, not_before_);
  if (lines_.size() < kLinesNamed) lines_.push_back(line);
}

std::chrono::nanoseconds Noise::next_due() const noexcept {
  return count_ == 0 ? std::chrono::nanoseconds::max() : due_;
}

std::optional<Event> Noise::report(Moment now) {
  if (count_ == 0) return std::nullopt;
  Event event;
  event.type = Event::Type::kServerNoise;
  event.at = now.wall;
  event.count = std::exchange(count_, 0);
  event.message = "the server wrote to stdout what is no JSON-RPC, at line ";
  const char* separator = "";
  for (const std::uint64_t line : lines_) {
    event.message += std::exchange(separator, ", ") + std::to_string(line);
  }
  if (event.count > lines_.size()) event.message += ", …";
  lines_.clear();
  not_before_ = now.monotonic + kInterval;
  return event;
}

}  // namespace sonde::wrap
