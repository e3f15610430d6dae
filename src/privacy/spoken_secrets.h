#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "privacy/secret_names.h"
#include "privacy/vendor_tokens.h"

namespace sonde::privacy {

/// What the word from `at` to `end` announces: `Bearer …`, `Basic …`, `password is …`,
/// `password "…"`, `IDENTIFIED BY '…'`.
std::optional<Found> find_announced(std::string_view text, std::size_t at, std::size_t end);

/// The value of the secret flag whose first dash stands at `at`: `--token …`,
/// `"--token", "…"`, `-u user:…`.
std::optional<Found> find_flag_value(std::string_view text, std::size_t at,
                                     const SecretNames& names);

/// The kind of secret that the argument behind `flag` is, if it is one.
std::optional<SecretKind> secret_flag(std::string_view flag, const SecretNames& names);

/// Is `flag` one whose argument is `user:password`?
bool user_flag(std::string_view flag);

/// Keys that are nothing but random: 40 characters of base64 and 64 of hexadecimal, if
/// `hinted` by a word such as "aws" or "secret" before them; 86 of base64 and `==` (Azure);
/// `<32 of hexadecimal>-us1` (Mailchimp); `<bot id>:<35 characters>` (Telegram).
std::optional<Found> find_random_key(std::string_view text, std::size_t at, bool hinted);

/// Does the word make it likely that a secret key follows?
bool hints_at_key(std::string_view word);

}  // namespace sonde::privacy
