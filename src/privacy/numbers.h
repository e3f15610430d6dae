#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "privacy/vendor_tokens.h"

namespace sonde::privacy {

/// The number of a person that begins at `at` and proves what it is:
///   - of a payment card: prefix and length of a brand, grouped as brands print it or not
///     at all, with the check digit right (ISO/IEC 7812);
///   - of a bank account: length of its country, remainder 1 (ISO 13616);
///   - of social security in the United States, with its dashes;
///   - of a telephone: with a country code behind a plus, or in the American ways,
///     201-555-0123 and (201) 555-0123.
/// REQUIRES: no letter and no digit stands before `at`.
std::optional<Found> find_number(std::string_view text, std::size_t at);

}  // namespace sonde::privacy
