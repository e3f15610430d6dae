#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "model/config.h"
#include "privacy/innocent_names.h"
#include "privacy/json_paths.h"
#include "privacy/json_redactor.h"
#include "privacy/text_redactor.h"

namespace sonde::privacy {

/// Takes secrets out of all that a tap sees, each kind of thing by its own rules.
///
/// Purpose.  What it returns may be shown as far as credentials go; names and addresses of
/// persons that have no pattern are left, and are the business of error_template and of
/// not keeping content at all.
/// Threads.  One owner.  Failure.  None after make(); what is not understood is redacted
/// as text.
class Redactor {
 public:
  /// Fails with kInvalidInput on a pattern or path that cannot be used, and names it.
  static Result<std::unique_ptr<Redactor>> make(const PrivacyConfig& config);

  Redactor(const Redactor&) = delete;
  Redactor& operator=(const Redactor&) = delete;

  std::string redact_text(std::string_view text);
  /// The same for a text that is about to be shown in place.
  void redact(std::string& text);
  /// The same for a name or an id, as come again and again: what cannot need it, or did not
  /// the last time, is not looked at.
  void redact_name(std::string& name);
  /// Keeps the shape of the document, and its bytes where nothing is secret.
  std::string redact_json(std::string_view json);

  /// `argv`, with the values of secret flags.
  void redact_arguments(std::vector<std::string>& arguments);
  /// One variable of the environment, as NAME=value.
  void redact_variable(std::string& variable);
  /// Lines that followed each other: a key may span them.
  void redact_lines(std::vector<std::string>& lines);
  /// Without user information, query and fragment; of `data:` only the scheme.
  std::string redact_uri(std::string_view uri);
  /// The value of a header of HTTP: only those on a list of harmless ones are shown.
  std::string redact_header(std::string_view name, std::string_view value);

  /// How many values were replaced since it was made.
  std::size_t replaced() const noexcept { return replaced_ + text_.replaced() + json_.replaced(); }

 private:
  Redactor(TextRedactor text, JsonPaths paths);

  void redact_argument(std::string& argument);
  bool redact_named(std::string& argument);

  TextRedactor text_;
  JsonPaths paths_;
  JsonRedactor json_;
  InnocentNames names_;
  std::size_t replaced_ = 0;  ///< Beside those counted by the parts.
};

/// May the header be shown at all?
bool harmless_header(std::string_view name);

/// `text` without the end of a word that may have been cut off: a part of a secret does not
/// show what it is.
std::string_view without_cut_word(std::string_view text);

}  // namespace sonde::privacy
