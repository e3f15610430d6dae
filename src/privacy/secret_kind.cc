#include "privacy/secret_kind.h"

#include <algorithm>
#include <array>

namespace sonde::privacy {
namespace {

constexpr std::string_view kBegin = "[redacted:";

constexpr auto kNames = std::to_array<std::string_view>({
#define SONDE_ROW(id, name) name,
    SONDE_SECRET_KINDS(SONDE_ROW)
#undef SONDE_ROW
});

constexpr std::size_t kNameMax = std::ranges::max(kNames, {}, &std::string_view::size).size();

}  // namespace

std::string_view to_string(SecretKind kind) noexcept {
  return kNames[static_cast<std::size_t>(kind)];
}

void append_marker(std::string& out, SecretKind kind) {
  out.append(kBegin).append(to_string(kind)).push_back(']');
}

std::size_t marker_length(std::string_view text) noexcept {
  if (!text.starts_with(kBegin)) return 0;
  // Only what we write: another word in its place could be the secret itself.
  const std::string_view rest = text.substr(kBegin.size(), kNameMax + 1);
  const std::size_t end = rest.find(']');
  if (end == std::string_view::npos) return 0;
  if (std::ranges::find(kNames, rest.substr(0, end)) == kNames.end()) return 0;
  return kBegin.size() + end + 1;
}

bool is_marker_of(std::string_view text, SecretKind kind) noexcept {
  return text.substr(kBegin.size()).starts_with(to_string(kind));
}

}  // namespace sonde::privacy
