#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "privacy/vendor_tokens.h"

namespace sonde::privacy {

/// The user information of the URL whose `://` stands at `at`, or the path of a web hook,
/// which is a secret as a whole.
std::optional<Found> find_url_secret(std::string_view text, std::size_t at);

/// The same in a URL that is encoded itself: its `%3A%2F%2F` stands at `at`.
std::optional<Found> find_encoded_userinfo(std::string_view text, std::size_t at);

/// The e-mail address around the `@` (or `%40`) of `size` bytes at `at`, from `floor` on.
std::optional<Found> find_email(std::string_view text, std::size_t floor, std::size_t at,
                                std::size_t size);

}  // namespace sonde::privacy
