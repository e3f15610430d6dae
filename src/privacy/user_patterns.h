#pragma once

#include <regex.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace sonde::privacy {

/// The patterns that the configuration adds: POSIX extended regular expressions, in ASCII.
///
/// Limits.  kCountMax patterns of kPatternBytesMax; a match is looked for in windows of
/// kWindowBytes that overlap by kOverlapBytes, which is the longest match that is always
/// found.  Back references are refused: they can take for ever.
/// Threads.  One owner.
class UserPatterns {
 public:
  static constexpr std::size_t kCountMax = 64;
  static constexpr std::size_t kPatternBytesMax = 1024;
  static constexpr std::size_t kWindowBytes = std::size_t{16} * 1024;
  static constexpr std::size_t kOverlapBytes = std::size_t{1} * 1024;

  /// Fails with kInvalidInput on a pattern that cannot be used, and names it.
  static Result<UserPatterns> make(const std::vector<std::string>& patterns);

  bool empty() const noexcept { return patterns_.empty(); }

  /// Replaces every match outside of markers; returns how many.
  std::size_t redact(std::string& text) const;

 private:
  struct Free {
    void operator()(regex_t* pattern) const noexcept;
  };
  using Pattern = std::unique_ptr<regex_t, Free>;

  static std::size_t redact(const regex_t& pattern, std::string& text);

  std::vector<Pattern> patterns_;
};

}  // namespace sonde::privacy
