#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "base/result.h"
#include "model/config.h"
#include "privacy/secret_names.h"
#include "privacy/user_patterns.h"

namespace sonde::privacy {

/// Redacts texts, with what is built in and what the configuration adds.
///
/// Purpose.  Passes are made until nothing changes any more, so that redacting twice is
/// redacting once.
/// Limits.  kPassesMax; what still changes then is replaced as a whole.
/// Threads.  One owner.
class TextRedactor {
 public:
  static constexpr int kPassesMax = 6;

  static Result<TextRedactor> make(const PrivacyConfig& config);

  const SecretNames& names() const noexcept { return names_; }
  bool has_patterns() const noexcept { return !patterns_.empty(); }

  /// The redacted text if anything had to be replaced, else `text`.  The view is valid
  /// until the next call, and no longer than `text`.
  std::string_view redact(std::string_view text);

  /// How many values were replaced since it was made.
  std::size_t replaced() const noexcept { return replaced_; }

 private:
  TextRedactor(SecretNames names, UserPatterns patterns)
      : names_(std::move(names)), patterns_(std::move(patterns)) {}

  std::size_t pass(std::string& out, std::string_view text) const;

  SecretNames names_;
  UserPatterns patterns_;
  std::string text_;
  std::string next_;
  std::size_t replaced_ = 0;
};

}  // namespace sonde::privacy
