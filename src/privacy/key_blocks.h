#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "privacy/vendor_tokens.h"

namespace sonde::privacy {

/// The private key whose `-----BEGIN … PRIVATE KEY-----` stands at `at`, to its end or that
/// of the text; or the lines from `floor` on that belong to the `-----END …` there; or a key
/// in the form of PuTTY.
std::optional<Found> find_key_block(std::string_view text, std::size_t floor, std::size_t at);

/// Could the line be one out of the middle of an encoded key?
bool key_line(std::string_view line);

}  // namespace sonde::privacy
