#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json_reader.h"
#include "privacy/json_paths.h"
#include "privacy/secret_kind.h"
#include "privacy/text_redactor.h"

namespace sonde::privacy {

/// Redacts JSON and keeps its shape: bytes that need no redaction stay as they are.
///
/// Purpose.  Beyond what TextRedactor finds in a string: values of secret names, whole if
/// they are objects or lists; `{"name": "…", "value": "…"}` and `["--token", "…"]`; the
/// configured paths; JSON within strings.  Booleans and null tell no secret and stay,
/// unless the configuration names them.
/// Limits.  kNestingMax levels of JSON within strings; what is deeper is redacted as text.
/// Threads.  One owner.  Failure.  From where it is no JSON on (it may have been cut off),
/// it is redacted as text.
class JsonRedactor {
 public:
  static constexpr int kNestingMax = 4;

  /// Lifetime.  `text` and `paths` must outlive the redactor.
  JsonRedactor(TextRedactor& text, const JsonPaths& paths) : text_(text), paths_(paths) {}

  /// `json`, redacted.  Valid JSON stays valid.
  std::string redact(std::string_view json);

  std::size_t replaced() const noexcept { return replaced_; }

 private:
  class Document;
  using States = std::vector<JsonPaths::State>;

  void pass(std::string& out, std::string_view json);

  TextRedactor& text_;
  const JsonPaths& paths_;
  std::size_t replaced_ = 0;
};

}  // namespace sonde::privacy
