#pragma once

#include <string>
#include <string_view>

namespace sonde::privacy {

/// Appends the shortest text that reads back as `value`, in the form that ECMAScript's
/// Number::toString gives it (RFC 8785 section 3.2.2.3).
/// REQUIRES: `value` is finite.
void append_es6_number(std::string& out, double value);

/// Appends a JSON number in canonical form: an integer without fraction and exponent as it
/// stands, any other number as append_es6_number does.  False, and nothing appended, if it
/// is too large for a double.
/// REQUIRES: `raw` is a JSON number.
bool append_canonical_number(std::string& out, std::string_view raw);

/// Would append_canonical_number() append `raw` as it stands?  Quick to tell for what people
/// write; false for the rest too.
/// REQUIRES: `raw` is a JSON number.
bool is_canonical_number(std::string_view raw) noexcept;

}  // namespace sonde::privacy
