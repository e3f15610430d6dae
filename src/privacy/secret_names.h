#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "privacy/secret_kind.h"

namespace sonde::privacy {

/// Knows by its name that a value is secret: `dbPassword`, `X-Api-Key`,
/// `AWS_SECRET_ACCESS_KEY`, but not `max_tokens`, `author` or `token_count`.
///
/// Purpose.  Names are cut into words at case, underscore, dash, dot and blank; the words
/// decide, with those beside them.
/// Limits.  The last 96 bytes and 16 words of a name.  Threads.  Any, once made.
class SecretNames {
 public:
  /// `added`: further names; any name that holds the words of one of them is secret.
  explicit SecretNames(const std::vector<std::string>& added = {});

  /// Of a key, a flag, a header, a variable.
  std::optional<SecretKind> find(std::string_view name) const;

  /// Of a parameter in a URL, where `key`, `sig` and `code` are secret too.
  std::optional<SecretKind> find_parameter(std::string_view name) const;

  /// Of a name in a sentence, where the words before it tell too: `phrase` ends with
  /// `name`.  "private key" is secret, "unexpected token" is not.
  std::optional<SecretKind> find_phrase(std::string_view phrase, std::string_view name) const;

 private:
  std::vector<std::vector<std::string>> added_;
};

}  // namespace sonde::privacy
