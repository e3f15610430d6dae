#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "privacy/secret_kind.h"

namespace sonde::privacy {

/// A secret within a text.
struct Found {
  std::size_t begin;
  std::size_t end;
  SecretKind kind;
};

/// The secret that begins at `at` and shows by its own form what it is: the keys of cloud
/// and software vendors, JSON Web Tokens.
/// REQUIRES: a word begins at `at`.
std::optional<Found> find_vendor_token(std::string_view text, std::size_t at);

}  // namespace sonde::privacy
