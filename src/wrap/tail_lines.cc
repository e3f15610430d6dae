#include "wrap/tail_lines.h"

#include <algorithm>

namespace sonde::wrap {

void TailLines::take(std::string_view chunk) {
  if (chunk.size() >= kBytesMax) {
    tail_ = chunk.substr(chunk.size() - kBytesMax);
    return;
  }
  const std::size_t both = tail_.size() + chunk.size();
  if (both > kBytesMax) tail_.erase(0, both - kBytesMax);
  tail_ += chunk;
}

std::vector<std::string> TailLines::lines() const {
  std::vector<std::string> found;
  std::string_view rest = tail_;
  if (rest.ends_with('\n')) rest.remove_suffix(1);
  while (!rest.empty() && found.size() < kLinesMax) {
    const std::size_t newline = rest.rfind('\n');
    const std::size_t begin = newline == std::string_view::npos ? 0 : newline + 1;
    if (begin < rest.size()) found.emplace_back(rest.substr(begin));
    rest = rest.substr(0, begin == 0 ? 0 : newline);
  }
  std::ranges::reverse(found);
  return found;
}

}  // namespace sonde::wrap
