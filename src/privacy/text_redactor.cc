#include "privacy/text_redactor.h"

#include "privacy/redaction_pass.h"

namespace sonde::privacy {

Result<TextRedactor> TextRedactor::make(const PrivacyConfig& config) {
  auto patterns = UserPatterns::make(config.redact_patterns);
  if (!patterns) return fail(std::move(patterns).error());
  return TextRedactor(SecretNames(config.redact_keys), *std::move(patterns));
}

std::size_t TextRedactor::pass(std::string& out, std::string_view text) const {
  out.clear();
  const std::size_t count = append_redacted(out, text, names_);
  return count + patterns_.redact(out);
}

std::string_view TextRedactor::redact(std::string_view text) {
  const std::size_t count = pass(text_, text);
  if (count == 0) return text;
  replaced_ += count;
  for (int passes = 1; passes < kPassesMax; ++passes) {
    if (pass(next_, text_) == 0 || next_ == text_) return text_;
    text_.swap(next_);
  }
  text_.clear();
  append_marker(text_, SecretKind::kText);
  return text_;
}

}  // namespace sonde::privacy
