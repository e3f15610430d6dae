#include "aws/runbooks.h"

#include <algorithm>
#include <array>
#include <set>

namespace sonde::aws {
namespace {

constexpr auto kPages = std::to_array<std::string_view>({
#include "aws/runbook_pages.inc"
});

}  // namespace

std::span<const std::string_view> runbooks() noexcept { return kPages; }

std::vector<std::string> without_runbook(const DefaultAlarms& alarms,
                                         std::span<const std::string_view> pages) {
  std::set<std::string_view> missing;
  const auto look = [&](Kind kind) {
    const std::string_view slug = info(kind).slug;
    if (std::ranges::find(pages, slug) == pages.end()) missing.insert(slug);
  };
  for (const DefaultAlarm& one : alarms.alarms) look(one.kind);
  look(Kind::kPage);
  std::vector<std::string> sentences;
  sentences.reserve(missing.size());
  for (const std::string_view slug : missing) {
    sentences.push_back("there is no run-book " + std::string(slug) +
                        ".md, though an alarm's description leads to it");
  }
  return sentences;
}

}  // namespace sonde::aws
