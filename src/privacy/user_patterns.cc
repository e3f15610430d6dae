#include "privacy/user_patterns.h"

#include <algorithm>
#include <array>
#include <optional>

#include "privacy/character.h"
#include "privacy/secret_kind.h"

namespace sonde::privacy {
namespace {

constexpr std::string_view kMarkerBegin = "[redacted:";

bool has_back_reference(std::string_view pattern) {
  for (std::size_t at = 0; at + 1 < pattern.size(); ++at) {
    if (pattern[at] != '\\') continue;
    if (in(pattern[at + 1], kDigit)) return true;
    ++at;
  }
  return false;
}

struct Match {
  std::size_t begin;
  std::size_t end;
};

/// The first match that is not empty in text[at, end).
std::optional<Match> first_match(const regex_t& pattern, const std::string& text, std::size_t at,
                                 std::size_t end) {
  while (at < end) {
    const std::size_t window = std::min(end, at + UserPatterns::kWindowBytes);
    std::array<regmatch_t, 1> match{};
    match[0].rm_so = 0;
    match[0].rm_eo = static_cast<regoff_t>(window - at);
    const int flags =
        REG_STARTEND | (at == 0 ? 0 : REG_NOTBOL) | (window == text.size() ? 0 : REG_NOTEOL);
    if (regexec(&pattern, text.data() + at, 1, match.data(), flags) == 0) {
      const auto begin = static_cast<std::size_t>(match[0].rm_so);
      const auto behind = static_cast<std::size_t>(match[0].rm_eo);
      // At the end of the window it may go on: look again from where it begins.
      const bool cut = at + behind == window && window < end && begin > 0;
      if (behind > begin && !cut) return Match{at + begin, at + behind};
      at += cut ? begin : begin + 1;  // An empty match: go on behind it.
      continue;
    }
    if (window == end) return std::nullopt;
    at = window - UserPatterns::kOverlapBytes;
  }
  return std::nullopt;
}

/// The next marker from `at` on; the end of the text if there is none.
Match next_marker(std::string_view text, std::size_t at) {
  for (at = text.find(kMarkerBegin, at); at != std::string_view::npos;
       at = text.find(kMarkerBegin, at + 1)) {
    if (const std::size_t size = marker_length(text.substr(at))) return {at, at + size};
  }
  return {text.size(), text.size()};
}

}  // namespace

void UserPatterns::Free::operator()(regex_t* pattern) const noexcept {
  regfree(pattern);
  delete pattern;
}

Result<UserPatterns> UserPatterns::make(const std::vector<std::string>& patterns) {
  const auto refuse = [](const std::string& pattern, const std::string& why) {
    return fail(Errc::kInvalidInput, "redaction pattern \"" + pattern + "\": " + why);
  };
  UserPatterns made;
  if (patterns.size() > kCountMax) return refuse(patterns.back(), "one more than allowed");
  for (const std::string& pattern : patterns) {
    if (pattern.empty()) return refuse(pattern, "is empty");
    if (pattern.size() > kPatternBytesMax)
      return refuse(pattern.substr(0, 40) + "…", "is too long");
    if (has_back_reference(pattern)) return refuse(pattern, "back references are not supported");
    auto compiled = std::make_unique<regex_t>();
    const int error = regcomp(compiled.get(), pattern.c_str(), REG_EXTENDED);
    if (error != 0) {
      std::array<char, 128> why{};
      regerror(error, compiled.get(), why.data(), why.size());
      return refuse(pattern, why.data());
    }
    made.patterns_.emplace_back(compiled.release());
  }
  return made;
}

std::size_t UserPatterns::redact(std::string& text) const {
  std::size_t count = 0;
  for (const Pattern& pattern : patterns_) count += redact(*pattern, text);
  return count;
}

std::size_t UserPatterns::redact(const regex_t& pattern, std::string& text) {
  std::string out;
  std::size_t copied = 0;
  std::size_t count = 0;
  for (std::size_t at = 0; at < text.size();) {
    const Match marker = next_marker(text, at);
    while (const auto match = first_match(pattern, text, at, marker.begin)) {
      out.append(text, copied, match->begin - copied);
      append_marker(out, SecretKind::kConfigured);
      at = copied = match->end;
      ++count;
    }
    at = marker.end;
  }
  if (count == 0) return 0;
  out.append(text, copied);
  text.swap(out);
  return count;
}

}  // namespace sonde::privacy
